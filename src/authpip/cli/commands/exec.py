"""`auth exec [--env-file F] -- CMD…`: run another tool with that tool's own variables set for it alone."""

from __future__ import annotations

import os
import sys
from argparse import REMAINDER
from collections.abc import Mapping, Sequence
from functools import partial

from authpip.cli.arguments import Parser
from authpip.cli.tools.call import Call, Prepared
from authpip.config.loading import load_settings
from authpip.config.settings import Settings
from authpip.core.console import debug, say
from authpip.core.credential import Credential
from authpip.core.index import is_index_url
from authpip.core.protection import release
from authpip.core.tool_variables import own
from authpip.discovery.model import Configured
from authpip.files import user_dirs
from authpip.launcher.handoff import OWN_PREFIX, named_variables
from authpip.programs import lookup, windows_process
from authpip.providers.chain import resolve
from authpip.storage.audit_trail import record

NOT_FOUND = 127


def run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Become the tool, with its exit status; 127 if it is not on PATH."""
    parser = Parser("exec", "Run another tool with its own variables set for it alone.")
    parser.add_argument("--env-file", metavar="F", help="a .env file; the tool gets its variables")
    parser.add_argument("command", nargs=REMAINDER, metavar="-- CMD …", help="the tool and its arguments")
    options = parser.parse(arguments)
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not command:
        parser.error("no command is named; for example: authpip auth exec -- twine upload dist/*")
    own_environ = own(environ)
    if options.env_file:
        from authpip.cli.env_file import with_env_file

        withheld = named_variables(load_settings(own_environ))
        environ = with_env_file(options.env_file, environ, withheld)
    return _become(*_prepared(command, environ, own_environ))


def _prepared(
    command: list[str], environ: Mapping[str, str], own_environ: Mapping[str, str]
) -> tuple[list[str], dict[str, str]]:
    """(argv, environment) of the tool. own_environ: without a project's file, for settings and providers."""
    from authpip.cli.tools import out_of_reach, tool_of

    settings = load_settings(own_environ)
    asked_in = {name: value for name, value in environ.items() if name.startswith(OWN_PREFIX)} | dict(own_environ)
    tool = tool_of(command)
    if tool is None:
        remedy = out_of_reach(command)
        if remedy:
            say(f"{command[0]} runs pip in environments of its own, which get no credential this way; {remedy}")
        prepared, child = Prepared(tuple(command), shims=True), dict(environ)
    else:
        ask = partial(_ask, settings=settings, environ=asked_in, command=command)
        prepared = tool.prepare(Call(tuple(command), environ, user_dirs.working_directory(), settings, ask))
        child = {name: value for name, value in environ.items() if _may_see(name, prepared)}
    child.update({name: value for name, value in prepared.variables.items() if value is not None})
    for name in (name for name, value in prepared.variables.items() if value is None):
        child.pop(name, None)
    debug(f"setting {', '.join(sorted(prepared.variables)) or 'no variables'} for {command[0]}")
    return list(prepared.argv), _with_shims(child, own_environ) if prepared.shims else child


def _may_see(name: str, prepared: Prepared) -> bool:
    """False for the variables of rules that the tool does not need: all without shims on its PATH, and passwords."""
    if not name.startswith(OWN_PREFIX):
        return True
    return prepared.shims and (prepared.passwords or not name.endswith("_PASSWORD"))


def _ask(
    configured: Sequence[Configured],
    *,
    settings: Settings,
    environ: Mapping[str, str],
    command: Sequence[str],
    project: str | None = None,
) -> list[tuple[str, Credential | None]]:
    """(URL without a password, credential or None) of each. Raises AuthpipError if a required one is missing (P9)."""
    from authpip.cli.tools.call import command_word
    from authpip.launcher.plan import to_index

    parsed = [to_index(each) if is_index_url(each.value) else None for each in configured]
    indexes = [pair[0]._replace(project=project) for pair in parsed if pair]
    inline = {index.scope: credential for index, credential in (pair for pair in parsed if pair) if credential}
    answers = iter(resolve(indexes, settings, environ, inline=inline, interactive=os.isatty(0) and os.isatty(2)))
    found: list[tuple[str, Credential | None]] = []
    for each, pair in zip(configured, parsed, strict=True):
        answer = next(answers) if pair else None
        if answer and answer.error and answer.authenticate == "always":
            raise answer.error
        found.append((answer.index.url, answer.credential) if answer else (each.value, None))
    record(settings, [(url, credential) for url, credential in found if credential], command_word(command))
    return found


def _with_shims(child: dict[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """The environment with a directory of the shims `pip` and `keyring` first on PATH."""
    from pathlib import Path

    from authpip.activation import shims

    directory = Path(user_dirs.data_dir(environ), "exec-shims")
    shims.install(directory, environ, keyring=True)
    return {**child, "PATH": os.pathsep.join((str(directory), child.get("PATH", os.defpath)))}


def _become(argv: list[str], environ: dict[str, str]) -> int:
    path = lookup.command(argv[0], environ)
    if path is None:
        is_path = os.path.basename(argv[0]) != argv[0]
        why = "is not an executable file" if is_path else "is not on PATH; install it, or give its path"
        say(f"{argv[0]} {why}")
        return NOT_FOUND
    sys.stdout.flush()
    if os.name == "nt":
        return windows_process.call([path, *argv[1:]], environ)
    release()
    os.execve(path, argv, environ)  # noqa: S606 (becoming the tool is what the command is for)
    raise AssertionError("execve does not return")
