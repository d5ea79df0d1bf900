"""uv: UV_INDEX_<NAME>_USERNAME for each index; an index without a name gets one.

Build backends inherit uv's whole environment. So uv asks the shim `keyring` for the password if that command can find
it, and gets UV_INDEX_<NAME>_PASSWORD otherwise (docs/decisions/012-a-keyring-command.md).
"""

from __future__ import annotations

import os
from glob import glob
from typing import Any

from authpip.cli.tools.call import Call, Prepared, credentials, letters, pair
from authpip.cli.tools.project_files import Named, config_home, documents, named, read_toml, value
from authpip.core.credential import Credential
from authpip.core.index import is_index_url, parse_scope, split_userinfo
from authpip.discovery.model import Configured
from authpip.files.pypirc import DEFAULTS

NAMES = ("uv", "uvx")
_MAIN, _MORE = ("--default-index", "--index-url", "-i"), ("--index", "--extra-index-url")
_INDEXES = (("index",), ("tool", "uv", "index"))
# Providers that need no variable which is removed from uv's environment.
_FOUND_AGAIN = frozenset(
    {"keyring", "google", "aws", "azure", "cloudsmith", "chainguard", "netrc", "pypirc", "rattler", "foreign"}
)
_RUNS_OTHERS = {"run", "tool", "x"}  # options after these may be another program's


def prepare(call: Call) -> Prepared:
    """Variables for each index in options, variables, uv.toml and pyproject.toml. Raises AuthpipError."""
    if "publish" in call.argv[1:3]:
        return _publish(call)
    names = _Names()
    argv = _named_options(call, names)
    variables = _named_variables(call, names)
    indexes = [*names.indexes, *_from_files(call)]
    found = credentials(call, "uv", indexes, lambda name: f"UV_INDEX_{letters(name)}")
    variables = {name: text and _clean_all(text) for name, text in variables.items()}
    for prefix, (url, credential) in found.items():
        variables[f"{prefix}_USERNAME"], password = pair(credential, "uv")
        if _asks_for(url, credential, call, indexes):
            variables["UV_KEYRING_PROVIDER"] = "subprocess"
        else:
            variables[f"{prefix}_PASSWORD"] = password
    uses_keyring = "UV_KEYRING_PROVIDER" in variables
    return Prepared(tuple(map(_clean, argv)), variables, shims=uses_keyring, passwords=False)


def _asks_for(url: str, credential: Credential, call: Call, indexes: Named) -> bool:
    """True if uv may ask the shim `keyring`: the shim finds the credential without a secret in its environment, and uv,
    which uses an answer for the whole host, has no second index at this origin (P1)."""
    chosen = call.option("--keyring-provider") or call.environ.get("UV_KEYRING_PROVIDER") or "subprocess"
    scope = parse_scope(url)
    named = [split_userinfo(configured.value)[0] for _, configured in indexes if is_index_url(configured.value)]
    beside = {other for other in map(parse_scope, named) if other.same_origin(scope)}
    is_found_again = credential.provider in _FOUND_AGAIN and bool(credential.secret)
    return chosen == "subprocess" and is_found_again and len(beside) == 1


class _Names:
    """The indexes of options and variables; one without a name gets one."""

    def __init__(self) -> None:
        self.indexes: Named = []

    def take(self, value: str, configured_in: str) -> str:
        """NAME=URL for "URL" or "NAME=URL"; a path stays unchanged."""
        name, separator, url = value.partition("=")
        if not separator or "/" in name:
            name, url = f"authpip-{len(self.indexes) + 1}", value
        if not url.startswith(("http://", "https://")):
            return value
        self.indexes.append((name, Configured(url, configured_in)))
        return f"{name}={url}"


def _named_options(call: Call, names: _Names) -> list[str]:
    """The command line, with a name for each index."""
    if call.argv[0].endswith("uvx") or _RUNS_OTHERS & set(call.argv[1:2]):
        return list(call.argv)
    argv: list[str] = []
    words = iter(call.argv)
    for word in words:
        option, equals, value = word.partition("=")
        if option not in (*_MAIN, *_MORE):
            argv.append(word)
            continue
        value = value if equals else next(words, "")
        kind = "--default-index" if option in _MAIN else "--index"
        argv += [kind, names.take(value, option)]
    return argv


def _named_variables(call: Call, names: _Names) -> dict[str, str | None]:
    variables: dict[str, str | None] = {}
    for kind, variable, old in (("main", "UV_DEFAULT_INDEX", "UV_INDEX_URL"), ("", "UV_INDEX", "UV_EXTRA_INDEX_URL")):
        given = [name for name in (variable, old) if call.environ.get(name)]
        values = [(value, name) for name in given for value in call.environ[name].split()]
        values = values[:1] if kind else values
        if values:
            variables[old] = None
            variables[variable] = " ".join(names.take(value, configured_in) for value, configured_in in values)
    return variables


def _from_files(call: Call) -> Named:
    """The indexes in uv.toml (of the site, the user, an option, the project) and pyproject.toml, with workspaces."""
    user = os.path.join(config_home(call.environ), "uv", "uv.toml")
    given = call.option("--config-file") or call.environ.get("UV_CONFIG_FILE") or ""
    files = [read_toml(path) for path in ("/etc/uv/uv.toml", user, given)]
    targets = [call.environ.get(name, "") for name in ("UV_PROJECT", "UV_WORKING_DIRECTORY", "UV_WORKING_DIR")]
    for target in {call.directory, call.within("--directory"), call.within("--project"), *map(call.below, targets)}:
        files += [*documents(target, "uv.toml"), *_projects(target)]
    return [one for data in files for path in _INDEXES for one in named(data, *path)]


def _projects(directory: str) -> list[dict[str, Any]]:
    """The pyproject.toml of the directory and all above it, and of the members of their workspaces."""
    found: list[dict[str, Any]] = []
    while True:
        project = read_toml(os.path.join(directory, "pyproject.toml"))
        members = value(project, "tool", "uv", "workspace", "members")
        patterns = [member for member in members if isinstance(member, str)] if isinstance(members, list) else []
        below = [path for pattern in patterns for path in glob(os.path.join(directory, pattern, "pyproject.toml"))]
        found += [project, *map(read_toml, below)]
        if directory == (directory := os.path.dirname(directory)):
            return found


def _clean_all(text: str) -> str:
    return " ".join(map(_clean, text.split()))


def _clean(word: str) -> str:
    """NAME=URL without the password in the URL, which is in a variable of its own."""
    from authpip.core.index import RefusedURL, split_userinfo

    name, separator, url = word.partition("=")
    if not separator or not url.startswith(("http://", "https://")):
        return word
    try:
        clean, _, password = split_userinfo(url)
    except RefusedURL:
        return word
    return f"{name}={clean}" if password is not None else word


def _publish(call: Call) -> Prepared:
    """uv publish: UV_PUBLISH_USERNAME and UV_PUBLISH_PASSWORD, with the URL that they are for."""
    given = ("UV_PUBLISH_PASSWORD", "UV_PUBLISH_TOKEN")
    configured = _target(call)
    if configured is None or call.option("-p", "--password", "-t", "--token") or any(map(call.environ.get, given)):
        return Prepared(call.argv)
    [(url, credential)] = call.ask([configured])
    if credential is None:
        return Prepared(call.argv)
    username, password = pair(credential, "uv")
    target = {} if call.option("--index") else {"UV_PUBLISH_URL": url}
    return Prepared(call.argv, {"UV_PUBLISH_USERNAME": username, "UV_PUBLISH_PASSWORD": password, **target})


def _target(call: Call) -> Configured | None:
    """The URL that uv will publish to. If a project's files name it, the credential is for that URL only."""
    if url := call.option("--publish-url"):
        return Configured(url, "--publish-url")
    if url := call.environ.get("UV_PUBLISH_URL"):
        return Configured(url, "UV_PUBLISH_URL")
    files = [*documents(call.within("--directory", "--project"), "uv.toml", "pyproject.toml")]
    if name := call.option("--index"):
        found = [one for data in files for path in _INDEXES for one in named(data, *path, url="publish-url")]
        targets = {configured.value: configured for known, configured in found if known == name}
        return targets.popitem()[1] if len(targets) == 1 else None
    said = [value(data, *path, "publish-url") for data in files for path in ((), ("tool", "uv"))]
    return Configured(next((url for url in said if isinstance(url, str)), DEFAULTS["pypi"]), "uv publish")
