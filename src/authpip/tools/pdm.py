"""pdm: PDM_PYPI_USERNAME and _PASSWORD for the main index, PDM_PUBLISH_… for publish, our `keyring` for the rest.

pdm hands its environment on to build backends; what it asks of the keyring command is not in there.
"""

from __future__ import annotations

from authpip.discovery.model import Located
from authpip.pypirc_file import DEFAULTS
from authpip.tools.call import Call, Prepared, named_urls, pair, tables

NAMES = ("pdm",)


def prepare(call: Call) -> Prepared:
    """The main index is PDM_PYPI_URL, or the source named "pypi"."""
    located, prefix = (_repository(call), "PDM_PUBLISH") if "publish" in call.argv else (_main(call), "PDM_PYPI")
    if located is None or call.environ.get(f"{prefix}_PASSWORD"):
        return Prepared(call.argv, shims=True)
    [(_, credential)] = call.ask([located])
    if credential is None:
        return Prepared(call.argv, shims=True)
    username, password = pair(credential, "pdm")
    return Prepared(call.argv, {f"{prefix}_USERNAME": username, f"{prefix}_PASSWORD": password}, shims=True)


def _repository(call: Call) -> Located | None:
    name = call.option("-r", "--repository") or call.environ.get("PDM_PUBLISH_REPO") or "pypi"
    url = DEFAULTS.get(name, name)
    return Located(url, "pdm publish") if "://" in url else None


def _main(call: Call) -> Located | None:
    sources = named_urls(tables(call.toml("pyproject.toml"), "tool", "pdm", "source"), "pyproject.toml:")
    if "pypi" in sources:
        return sources["pypi"]
    url = call.environ.get("PDM_PYPI_URL")
    return Located(url, "PDM_PYPI_URL") if url else None
