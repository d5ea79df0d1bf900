"""uv: UV_INDEX_<NAME>_USERNAME and _PASSWORD for indexes that have a name; the others are given one.

uv hands its whole environment on to build backends: SECURITY.md and the manual say so.
"""

from __future__ import annotations

import os

from authpip import places
from authpip.credential import Credential
from authpip.discovery.model import Located
from authpip.tools.call import Call, Prepared, letters, named_urls, pair, read_toml, tables

NAMES = ("uv", "uvx")
_MAIN, _MORE = ("--default-index", "--index-url", "-i"), ("--index", "--extra-index-url")
_RUNS_OTHERS = {"run", "tool", "x"}  # what follows may be another program's options


def prepare(call: Call) -> Prepared:
    """Variables for each index that this run can see: options, variables, uv.toml, pyproject.toml, else the rules."""
    if "publish" in call.argv[1:3]:
        return _publish(call)
    names = _Names()
    argv = _named_options(call, names)
    variables = _named_variables(call, names)
    found = {**_from_files(call), **names.indexes}
    if not found:
        found = {rule.name: Located(str(rule.scope), rule.origin) for rule in call.settings.rules if rule.scope}
    answers = call.ask(list(found.values()))
    for name, (_, credential) in zip(found, answers, strict=True):
        variables.update(_pair(name, credential))
    urls = {located.url: url for located, (url, _) in zip(found.values(), answers, strict=True)}
    return Prepared(
        tuple(_clean(word, urls) for word in argv),
        {name: value and " ".join(_clean(word, urls) for word in value.split()) for name, value in variables.items()},
    )


class _Names:
    """Indexes by name; one without a name is given one."""

    def __init__(self) -> None:
        self.indexes: dict[str, Located] = {}

    def take(self, value: str, origin: str) -> str:
        """NAME=URL of "URL" or "NAME=URL"; paths are left as they are."""
        name, separator, url = value.partition("=")
        if not separator or "/" in name:
            name, url = f"authpip-{len(self.indexes) + 1}", value
        if not url.startswith(("http://", "https://")):
            return value
        self.indexes[name] = Located(url, origin)
        return f"{name}={url}"


def _named_options(call: Call, names: _Names) -> list[str]:
    """The command line with every index named."""
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
            variables[variable] = " ".join(names.take(value, origin) for value, origin in values)
    return variables


def _from_files(call: Call) -> dict[str, Located]:
    user = os.path.join(call.environ.get("XDG_CONFIG_HOME") or os.path.join(places.home(call.environ), ".config"), "uv")
    found = named_urls(tables(read_toml(os.path.join(user, "uv.toml")), "index"), "uv.toml:")
    found |= named_urls(tables(call.toml("uv.toml"), "index"), "uv.toml:")
    return found | named_urls(tables(call.toml("pyproject.toml"), "tool", "uv", "index"), "pyproject.toml:")


def _pair(name: str, credential: Credential | None) -> dict[str, str]:
    if credential is None:
        return {}
    username, password = pair(credential, "uv")
    prefix = f"UV_INDEX_{letters(name)}"
    return {f"{prefix}_USERNAME": username, f"{prefix}_PASSWORD": password}


def _clean(word: str, urls: dict[str, str]) -> str:
    """NAME=URL with the password taken out of the URL."""
    name, separator, url = word.partition("=")
    return f"{name}={urls[url]}" if separator and url in urls else word


def _publish(call: Call) -> Prepared:
    """uv publish: UV_PUBLISH_USERNAME, UV_PUBLISH_PASSWORD."""
    given = ("UV_PUBLISH_PASSWORD", "UV_PUBLISH_TOKEN")
    if call.option("-p", "--password", "-t", "--token") or any(call.environ.get(name) for name in given):
        return Prepared(call.argv)
    url = call.option("--publish-url") or call.environ.get("UV_PUBLISH_URL")
    if url is None and (name := call.option("--index")):
        entries = tables(call.toml("pyproject.toml"), "tool", "uv", "index")
        url = next((entry.get("publish-url") for entry in entries if entry.get("name") == name), None)
    [(_, credential)] = call.ask([Located(url or "https://upload.pypi.org/legacy/", "uv publish")])
    if credential is None:
        return Prepared(call.argv)
    username, password = pair(credential, "uv")
    return Prepared(call.argv, {"UV_PUBLISH_USERNAME": username, "UV_PUBLISH_PASSWORD": password})
