"""pdm: PDM_PYPI_USERNAME and _PASSWORD for the main index, PDM_PUBLISH_… for publish, the shim `keyring` for the rest.

Build backends inherit pdm's environment, but not the answers of the keyring command.
"""

from __future__ import annotations

from authpip.cli.tools.call import Call, Prepared, pair
from authpip.cli.tools.project_files import documents, named
from authpip.discovery.model import Configured
from authpip.files.pypirc import DEFAULTS

NAMES = ("pdm",)


def prepare(call: Call) -> Prepared:
    """The main index is PDM_PYPI_URL, or the source named "pypi". The variables hold its URL with the credential."""
    configured, prefix = (_repository(call), "PDM_PUBLISH") if "publish" in call.argv else (_main(call), "PDM_PYPI")
    if configured is None or call.environ.get(f"{prefix}_PASSWORD"):
        return Prepared(call.argv, shims=True)
    [(url, credential)] = call.ask([configured])
    if credential is None:
        return Prepared(call.argv, shims=True)
    username, password = pair(credential, "pdm")
    target = {"PDM_PUBLISH_REPO": url} if prefix == "PDM_PUBLISH" else {"PDM_PYPI_URL": url}
    variables = {f"{prefix}_USERNAME": username, f"{prefix}_PASSWORD": password, **target}
    return Prepared(call.without("-r", "--repository"), variables, shims=True)


def _repository(call: Call) -> Configured | None:
    name = call.option("-r", "--repository") or call.environ.get("PDM_PUBLISH_REPO") or "pypi"
    url = DEFAULTS.get(name, name)
    return Configured(url, "pdm publish") if "://" in url else None


def _main(call: Call) -> Configured | None:
    """The main index of the nearest project, as in pdm. A `pdm.toml` cannot change the URL that a variable holds."""
    project = next(documents(call.within("-p", "--project"), "pyproject.toml"), {})
    for name, configured in named(project, "tool", "pdm", "source"):
        if name == "pypi":
            return None if "${" in configured.value else configured  # pdm fills in variables by itself
    url = call.environ.get("PDM_PYPI_URL")
    return Configured(url, "PDM_PYPI_URL") if url else None
