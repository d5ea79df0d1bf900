"""poetry: POETRY_HTTP_BASIC_<NAME>_USERNAME and _PASSWORD for each source and repository.

The build backends that poetry starts inherit its environment.
"""

from __future__ import annotations

import os

from authpip.cli.tools.call import Call, Prepared, pairs
from authpip.cli.tools.project_files import Named, config_home, documents, named, read_toml
from authpip.cli.tools.trusted_publishing import upload_pair
from authpip.discovery.model import Configured

NAMES = ("poetry",)
_PREFIX, _SUFFIX = "POETRY_REPOSITORIES_", "_URL"
_PYPI = Configured("https://upload.pypi.org/legacy/", "poetry's own 'pypi'")


def prepare(call: Call) -> Prepared:
    """The sources of pyproject.toml, the repositories of poetry's own files and variables, and PyPI for publish."""
    found = pairs(call, "poetry", _indexes(call), lambda name: f"POETRY_HTTP_BASIC_{name.upper().replace('-', '_')}")
    variables: dict[str, str | None] = {}
    for prefix, (username, password) in found.items():
        if f"{prefix}_PASSWORD" not in call.environ:
            variables |= {f"{prefix}_USERNAME": username, f"{prefix}_PASSWORD": password}
    if "publish" in call.argv and "POETRY_HTTP_BASIC_PYPI" not in found and not _given(call):
        upload = upload_pair(_PYPI.value, call)
        named = dict(zip(("USERNAME", "PASSWORD"), upload or (), strict=False))
        variables |= {f"POETRY_HTTP_BASIC_PYPI_{name}": text for name, text in named.items()}
    return Prepared(call.argv, variables)


def _given(call: Call) -> bool:
    """True if another repository is named, or the user has given a credential."""
    names = ("POETRY_PYPI_TOKEN_PYPI", "POETRY_HTTP_BASIC_PYPI_PASSWORD")
    return bool(call.option("-r", "--repository", "-p", "--password")) or any(map(call.environ.get, names))


def _indexes(call: Call) -> Named:
    directory = call.within("-C", "--directory", "-P", "--project")
    found: Named = []
    for data in documents(directory, "pyproject.toml"):
        found += named(data, "tool", "poetry", "source")
    for data in (
        read_toml(os.path.join(config_home(call.environ), "pypoetry", "config.toml")),
        *documents(directory, "poetry.toml"),
    ):
        found += named(data, "repositories")
    for variable, url in call.environ.items():
        if variable.startswith(_PREFIX) and variable.endswith(_SUFFIX):
            found.append((variable[len(_PREFIX) : -len(_SUFFIX)], Configured(url, variable)))
    if "publish" in call.argv and call.option("-r", "--repository") is None:
        found.append(("pypi", _PYPI))
    return found
