"""Build the Invocation of one pip command from its options, its configuration and its requirements."""

from __future__ import annotations

import os
from collections.abc import Mapping

from authpip.core.index import is_index_url
from authpip.discovery.config import expand_user, read_settings
from authpip.discovery.model import Configured, Context, Invocation
from authpip.discovery.option_table import COMMANDS, MAIN, PIP_VERSIONS, options
from authpip.discovery.options import CommandLine, read_command_line
from authpip.discovery.values import SearchScope, Values

DEFAULT_INDEX = Configured("https://pypi.org/simple", "pip's default")
DEFAULT_SEARCH = Configured("https://pypi.org/pypi", "pip's default")
# The options that name requirements; positional arguments name them as well.
_SOURCES = ("requirement", "constraint", "build-constraint", "group", "requirements-from-script")
# pip sets this when --python makes it start itself again.
_STARTED_AGAIN = "_PIP_RUNNING_IN_SUBPROCESS"


def gather(args: list[str], where: Context) -> Invocation:
    """The Invocation for these arguments (without the program's name); `discover` in __init__.py says the rest."""
    line = read_command_line(args)
    python = _python(line, where)
    if line.command not in COMMANDS or line.has("help"):
        return Invocation(line.command, python=python)
    if python:
        from authpip.discovery.interpreter import prefix_of

        where = where._replace(prefix=prefix_of(python, where.environ, where.cwd) or where.prefix)
    settings = read_settings(line.command, where, isolated=line.isolated)
    values = Values(options(COMMANDS[line.command], PIP_VERSIONS[0]))
    defaults = () if line.isolated else where.defaults
    values.configure([*defaults, *settings])
    values.give(line.given)
    defaults = tuple(
        default
        for default in defaults
        if any(default.configured_in == value.configured_in for value in values.all(default.key))
    )
    scope = _scope(line.command, values, where.environ)
    if any(map(values.flag, _SOURCES)) or any("@" in one.value or ":" in one.value for one in line.given):
        from authpip.discovery.requirement_sources import read_sources

        read_sources(line, values, scope, where)
    return _invocation(line, values, scope, where.environ, python)._replace(defaults=defaults)


def _python(line: CommandLine, where: Context) -> str | None:
    """pip's --python, which configuration files and PIP_PYTHON can name as well."""
    if _STARTED_AGAIN in where.environ:
        return None
    settings = read_settings("global", where, isolated=False)
    values = Values(options(MAIN, PIP_VERSIONS[0]))
    values.configure(setting for setting in settings if setting.key == "python")
    values.give(line.general)
    return values.last("python") or None


def _scope(command: str, values: Values, environ: Mapping[str, str]) -> SearchScope:
    """Where the command looks before it reads requirements files."""
    if command == "search":
        return SearchScope(indexes=values.all("index") or [DEFAULT_SEARCH])
    if command == "uninstall" or (command == "list" and not _wants_updates(values)):
        return SearchScope()
    no_index = values.flag("no-index")
    indexes = (values.all("index-url") or [DEFAULT_INDEX]) + values.all("extra-index-url")
    pages = [page._replace(value=_at_home(page.value, environ)) for page in values.all("find-links")]
    return SearchScope(indexes=[] if no_index else indexes, find_links=pages, no_index=no_index)


def _invocation(
    line: CommandLine, values: Values, scope: SearchScope, environ: Mapping[str, str], python: str | None
) -> Invocation:
    cert, client_cert = values.last("cert"), values.last("client-cert")
    links: dict[str, Configured] = {}
    for link in (*scope.unread, *scope.links):
        if is_index_url(link.value):
            links.setdefault(link.value, link)
    trusted_hosts = [host.value for host in values.all("trusted-host")] + scope.trusted_hosts
    return Invocation(
        line.command,
        indexes=tuple(scope.indexes),
        find_links=tuple(scope.find_links),
        links=tuple(links.values()),
        unread=tuple(scope.unread),
        proxy=values.last("proxy"),
        cert=expand_user(cert, environ) if cert else None,
        client_cert=expand_user(client_cert, environ) if client_cert else None,
        trusted_hosts=tuple(dict.fromkeys(trusted_hosts)),
        no_input=values.flag("no-input"),
        quiet=values.flag("quiet"),
        names=tuple(dict.fromkeys([*_given_names(line, values), *scope.names])),
        isolated=line.isolated,
        python=python,
    )


def _given_names(line: CommandLine, values: Values) -> list[str]:
    """The projects that the command line names."""
    if not values.takes("requirement"):
        return []
    from authpip.discovery.references import project

    return [name for one in line.given if not one.name and (name := project(one.value))]


def _wants_updates(values: Values) -> bool:
    return values.flag("outdated") or values.flag("uptodate")


def _at_home(page: str, environ: Mapping[str, str]) -> str:
    """The path of a page below ~ if that file exists; else the page as it was given."""
    if not page.startswith("~"):
        return page
    path = os.path.realpath(expand_user(page, environ))
    return path if os.path.exists(path) else page
