"""twine upload: TWINE_REPOSITORY_URL, TWINE_USERNAME, TWINE_PASSWORD. It builds nothing, so no build inherits them."""

from __future__ import annotations

from authpip.cli.tools.call import Call, Prepared, pair
from authpip.core.text_forms import project_name
from authpip.discovery.model import Configured
from authpip.files.pypirc import DEFAULTS

NAMES = ("twine",)


def prepare(call: Call) -> Prepared:
    """The credential of the repository, unless the user has given one."""
    given = call.option("-p", "--password") or call.environ.get("TWINE_PASSWORD")
    if "upload" not in call.argv or given:
        return Prepared(call.argv)
    configured = _repository(call)
    if configured is None:
        return Prepared(call.argv)
    [(url, credential)] = call.ask([configured], project=_project(call))
    if credential is None:
        return Prepared(call.argv)
    username, password = pair(credential, "twine")
    return Prepared(call.argv, {"TWINE_REPOSITORY_URL": url, "TWINE_USERNAME": username, "TWINE_PASSWORD": password})


def _repository(call: Call) -> Configured | None:
    """The upload URL: of an option, a variable, the rule with the name, or PyPI; None for a section of .pypirc."""
    if url := call.option("--repository-url"):
        return Configured(url, "--repository-url")
    name = call.option("-r", "--repository")
    if name is None and (url := call.environ.get("TWINE_REPOSITORY_URL")):
        return Configured(url, "TWINE_REPOSITORY_URL")
    name = name or call.environ.get("TWINE_REPOSITORY") or "pypi"
    for rule in call.settings.rules:
        if rule.name == name and rule.scope is not None:
            return Configured(str(rule.scope), rule.configured_in)
    return Configured(DEFAULTS[name], f"twine's own {name!r}") if name in DEFAULTS else None


def _project(call: Call) -> str | None:
    """The project whose files are uploaded, because a token may be for one project only; None if there are several."""
    import os
    from glob import glob

    patterns = [os.path.join(call.directory, word) for word in call.argv[call.argv.index("upload") + 1 :]]
    names = {os.path.basename(path) for pattern in patterns for path in (glob(pattern) or [pattern])}
    projects = {project_name(name.partition("-")[0]) for name in names if name.endswith(".whl")}
    projects |= {project_name(name.rpartition("-")[0]) for name in names if name.endswith((".tar.gz", ".zip"))}
    return projects.pop() if len(projects) == 1 else None
