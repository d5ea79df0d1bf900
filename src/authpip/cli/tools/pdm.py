"""pdm: PDM_PYPI_USERNAME and _PASSWORD for the main index, PDM_PUBLISH_… for publish, our `keyring` for the rest.

pdm hands its environment on to build backends; what it asks of the keyring command is not in there.
"""

from __future__ import annotations

from authpip.cli.tools.call import Call, Prepared, pair
from authpip.cli.tools.project_files import documents, named
from authpip.discovery.model import Configured
from authpip.files.pypirc import DEFAULTS

NAMES = ("pdm",)


def prepare(call: Call) -> Prepared:
    """The main index is PDM_PYPI_URL, or the source named "pypi"; a credential goes with its URL, not with a name."""
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
    """pdm takes the nearest project; a `pdm.toml` of it cannot move what a variable says."""
    project = next(documents(call.within("-p", "--project"), "pyproject.toml"), {})
    for name, configured in named(project, "tool", "pdm", "source"):
        if name == "pypi":
            return None if "${" in configured.value else configured  # pdm fills in variables by itself
    url = call.environ.get("PDM_PYPI_URL")
    return Configured(url, "PDM_PYPI_URL") if url else None
