"""`authpip auth shim install|remove|status`: a directory of shims to put first on PATH."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from authpip.activation import shell_hooks, shell_profile, shims
from authpip.cli.arguments import Parser
from authpip.core.console import say
from authpip.launcher.which_pip import is_shim


def run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Do what the first argument says; exit status 1 where `status` finds that pip would not go through authpip."""
    options = _parser().parse(arguments)
    directory = (options.dir or shims.default_directory(environ)).absolute()
    named: str | None = options.profile
    file = (
        shell_profile.default_file(environ) if named == "" else Path(named).expanduser().absolute() if named else None
    )
    if options.action == "install":
        return _install(directory, file, environ, keyring=options.keyring)
    if options.action == "remove":
        return _remove(directory, file, environ)
    return _status(directory, environ)


def _parser() -> Parser:
    parser = Parser("shim", "Commands of pip's names that stand in front of pip, in a directory to put first on PATH.")
    parser.add_argument("action", choices=("install", "remove", "status"), help="install again after authpip has moved")
    parser.add_argument("--dir", type=Path, help="the directory of the shims")
    parser.add_argument(
        "--profile", nargs="?", const="", metavar="FILE", help="the shell's start-up file, too ($SHELL's own)"
    )
    parser.add_argument("--keyring", action="store_true", help="install a `keyring` command that asks authpip first")
    return parser


def _install(directory: Path, file: Path | None, environ: Mapping[str, str], *, keyring: bool) -> int:
    names = shims.install(directory, environ, keyring=keyring)
    print(f"{directory}: {', '.join(names)}")
    shell = shell_profile.shell_of(file or shell_profile.default_file(environ))
    line = shell_hooks.start_up_line(shell, directory)
    if file is None:
        print(
            f"Add this line to {shell_profile.default_file(environ)}, or have it done with --profile:\n\n    {line}\n"
        )
        return 0
    shims.remember_profile(directory, file)
    if shell_profile.add(file, line):
        print(f"{file}: one line added; it counts in the next shell")
    else:
        print(f"{file}: the line is there")
    return 0


def _remove(directory: Path, file: Path | None, environ: Mapping[str, str]) -> int:
    files = [*([file] if file else []), *shims.profiles(directory), *shell_profile.usual_files(environ)]
    for each in dict.fromkeys(files):
        line = shell_hooks.start_up_line(shell_profile.shell_of(each), directory)
        if shell_profile.remove(each, line, str(directory)):
            print(f"{each}: the line is removed")
    names = shims.remove(directory, environ)
    print(f"{directory}: {len(names)} files removed" if names else f"{directory}: no shims there")
    return 0


def _status(directory: Path, environ: Mapping[str, str]) -> int:
    found = shims.installed(directory, environ)
    if not found:
        print(f"{directory}: no shims; `authpip auth shim install` puts them there")
        return 1
    for shim in found:
        print(f"{shim.path} -> {shim.real or 'no such command on PATH'}")
    problems = _problems(directory, found, environ)
    for problem in problems:
        say(problem)
    return 1 if problems else 0


def _problems(directory: Path, found: Sequence[shims.Shim], environ: Mapping[str, str]) -> list[str]:
    problems = []
    python, entry = shims.interpreter_of(found[0].path)
    if not os.access(python, os.X_OK) or not entry.is_file():
        problems.append(
            f"the shims lead to {python}, where authpip no longer is; run `authpip auth shim install` again"
        )
    entries = [Path(entry or ".") for entry in shims.path_entries(environ)]
    if not any(entry.exists() and entry.samefile(directory) for entry in entries):
        problems.append(f"{directory} is not on PATH; see `authpip auth shim install`")
    else:
        for shim in found:
            first = next((entry / shim.name for entry in entries if os.access(entry / shim.name, os.X_OK)), shim.path)
            if not is_shim(str(first)):
                problems.append(f"{first} comes before the shim; see `authpip auth activate --help`")
    return problems
