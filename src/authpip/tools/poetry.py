"""poetry: POETRY_HTTP_BASIC_<NAME>_USERNAME and _PASSWORD for each source and repository.

poetry hands its environment on to the build backends that it starts.
"""

from __future__ import annotations

from authpip.discovery.model import Located
from authpip.tools.call import Call, Prepared, named_urls, pair, tables

NAMES = ("poetry",)
_PREFIX, _SUFFIX = "POETRY_REPOSITORIES_", "_URL"
_PYPI = Located("https://upload.pypi.org/legacy/", "poetry's own 'pypi'")


def prepare(call: Call) -> Prepared:
    """The sources of pyproject.toml, the repositories of POETRY_REPOSITORIES_<NAME>_URL, and PyPI for publish."""
    found = named_urls(tables(call.toml("pyproject.toml"), "tool", "poetry", "source"), "pyproject.toml:")
    for variable, url in call.environ.items():
        if variable.startswith(_PREFIX) and variable.endswith(_SUFFIX):
            found[variable[len(_PREFIX) : -len(_SUFFIX)].lower().replace("_", "-")] = Located(url, variable)
    if "publish" in call.argv and call.option("-r", "--repository") is None:
        found["pypi"] = _PYPI
    variables: dict[str, str | None] = {}
    for name, (_, credential) in zip(found, call.ask(list(found.values())), strict=True):
        prefix = f"POETRY_HTTP_BASIC_{name.upper().replace('-', '_')}"
        if credential is not None and f"{prefix}_PASSWORD" not in call.environ:
            variables[f"{prefix}_USERNAME"], variables[f"{prefix}_PASSWORD"] = pair(credential, "poetry")
    return Prepared(call.argv, variables)
