"""Put together what one pip command will use."""

from __future__ import annotations

import os
from collections.abc import Mapping

from authpip.discovery.command_line import CommandLine, read_command_line
from authpip.discovery.config import read_settings
from authpip.discovery.locations import expand_user
from authpip.discovery.model import Invocation, Located
from authpip.discovery.option_table import COMMANDS, ERAS, MAIN, options
from authpip.discovery.references import reference, reference_in_metadata
from authpip.discovery.requirements import Reader, SearchScope
from authpip.discovery.values import Values

DEFAULT_INDEX = Located("https://pypi.org/simple", "pip's default")
DEFAULT_SEARCH = Located("https://pypi.org/pypi", "pip's default")
_WITH_REQUIREMENTS = frozenset({"install", "download", "wheel", "lock"})
# Set by pip for itself: it was already started again by --python; regular constraints do not hold in a build.
_STARTED_AGAIN = "_PIP_RUNNING_IN_SUBPROCESS"
_IN_BUILD = "_PIP_IN_BUILD_IGNORE_CONSTRAINTS"


def gather(args: list[str], environ: Mapping[str, str], prefix: str, cwd: str) -> Invocation:
    """See `discover`."""
    line = read_command_line(args)
    python = _python(line, environ, prefix, cwd)
    if line.command not in COMMANDS or line.has("help"):
        return Invocation(line.command, python=python)
    if python:
        from authpip.discovery.interpreter import prefix_of

        prefix = prefix_of(python, cwd) or prefix
    table = options(COMMANDS[line.command], ERAS[0])
    settings = read_settings(line.command, environ, prefix=prefix, cwd=cwd, isolated=line.isolated)
    values = Values()
    values.configure(settings, table)
    values.give(line.given, table)
    scope = _scope(line, values, environ, cwd)
    return _invocation(line, values, scope, environ)._replace(python=python)


def _python(line: CommandLine, environ: Mapping[str, str], prefix: str, cwd: str) -> str | None:
    """pip's --python, which configuration files and PIP_PYTHON can name as well."""
    if _STARTED_AGAIN in environ:
        return None
    table = options(MAIN, ERAS[0])
    values = Values()
    settings = read_settings("global", environ, prefix=prefix, cwd=cwd, isolated=False)
    values.configure((setting for setting in settings if setting.key == "python"), table)
    values.give(line.general, table)
    return values.last("python") or None


def _scope(line: CommandLine, values: Values, environ: Mapping[str, str], cwd: str) -> SearchScope:
    """Where the command starts to look, and where its requirements files lead it."""
    if line.command == "search":
        return SearchScope(indexes=values.all("index") or [DEFAULT_SEARCH], find_links=[], no_index=False)
    looks = line.command != "uninstall" and not (line.command == "list" and not _wants_updates(values))
    no_index = values.flag("no-index")
    indexes = (values.all("index-url") or [DEFAULT_INDEX]) + values.all("extra-index-url")
    pages = [page._replace(url=_at_home(page.url, environ)) for page in values.all("find-links")]
    scope = SearchScope(
        indexes=indexes if looks and not no_index else [],
        find_links=pages if looks else [],
        no_index=no_index,
    )
    reader = Reader(scope, environ, cwd)
    if line.command in _WITH_REQUIREMENTS:
        _read_requirements(line, values, reader, scope, environ, cwd)
    elif line.command == "uninstall":
        for name, origin in values.all("requirement"):
            reader.read(name, origin)
        scope.indexes, scope.find_links = [], []
    return scope


def _read_requirements(
    line: CommandLine,
    values: Values,
    reader: Reader,
    scope: SearchScope,
    environ: Mapping[str, str],
    cwd: str,
) -> None:
    """In pip's order: constraints, arguments, groups, requirements files, scripts."""
    in_build = environ.get(_IN_BUILD) == "1"
    for name, origin in values.all("build-constraint" if in_build else "constraint"):
        reader.read(name, origin)
    for one in line.given:
        url = reference(one.value) if not one.name else None
        scope.links += [Located(url, "command line")] if url else []
    for name, origin in values.all("requirement"):
        _read_file(name, origin, reader, scope, cwd)
    for url, origin in _metadata_references(values, cwd):
        scope.links.append(Located(url, origin))
    features = {feature.url for feature in values.all("use-feature")} | set(scope.features)
    for name, origin in values.all("build-constraint"):
        if "inprocess-build-deps" in features or _is_remote(name):
            reader.read(name, origin)


def _read_file(name: str, origin: str, reader: Reader, scope: SearchScope, cwd: str) -> None:
    from authpip.discovery.local_files import is_lock, lock_urls

    if is_lock(name) and not _is_remote(name):
        scope.links += [Located(url, name) for url in lock_urls(name, cwd)]
    else:
        reader.read(name, origin)


def _metadata_references(values: Values, cwd: str) -> list[Located]:
    from authpip.discovery.local_files import group_requirements, script_requirements

    found = []
    for spec, _ in values.all("group"):
        path, _, group = spec.rpartition(":")
        path = path or "pyproject.toml"
        found += [(text, path) for text in group_requirements(os.path.join(cwd, path), group)]
    for script, _ in values.all("requirements-from-script"):
        found += [(text, script) for text in script_requirements(os.path.join(cwd, script))]
    return [Located(url, path) for text, path in found if (url := reference_in_metadata(text))]


def _invocation(line: CommandLine, values: Values, scope: SearchScope, environ: Mapping[str, str]) -> Invocation:
    cert, client_cert = values.last("cert"), values.last("client-cert")
    return Invocation(
        line.command,
        indexes=tuple(scope.indexes),
        find_links=tuple(scope.find_links),
        links=tuple(scope.links),
        proxy=values.last("proxy"),
        cert=expand_user(cert, environ) if cert else None,
        client_cert=expand_user(client_cert, environ) if client_cert else None,
        trusted_hosts=(*(host.url for host in values.all("trusted-host")), *scope.trusted_hosts),
        no_input=values.flag("no-input"),
        isolated=line.isolated,
    )


def _wants_updates(values: Values) -> bool:
    return values.flag("outdated") or values.flag("uptodate")


def _is_remote(name: str) -> bool:
    from authpip.index import is_index_url

    return is_index_url(name)


def _at_home(page: str, environ: Mapping[str, str]) -> str:
    """A page below ~ as a path, where there is such a file; any other as it was given."""
    if not page.startswith("~"):
        return page
    path = os.path.realpath(expand_user(page, environ))
    return path if os.path.exists(path) else page
