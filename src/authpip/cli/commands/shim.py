"""`authpip auth shim install|remove|status`: a directory of shims to put first on PATH.

The JSON of status: {"directory", "ok", "shims": [{"name", "path", "stands_before"}], "problems": [{"what", "remedy"}]};
stands_before: the command behind the shim, null if there is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from authpip.activation import removal, shell_hooks, shell_profile, shim_check, shims
from authpip.cli.arguments import Parser
from authpip.cli.report import as_text
from authpip.core.console import say


def run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Do what the first argument says; exit status 1 if `status` finds that pip would not go through authpip."""
    options = _parser().parse(arguments)
    directory = (options.dir or shims.default_directory(environ)).absolute()
    named: str | None = options.profile
    files = [Path(named).expanduser().absolute()] if named else shell_profile.default_files(environ)
    if options.action == "install":
        return _install(directory, [] if named is None else files, environ, keyring=options.keyring)
    if options.action == "remove":
        return _remove(directory, files if named is not None else [], environ)
    return _status(directory, environ, as_json=options.json)


def _parser() -> Parser:
    parser = Parser("shim", "Manage the shims: a directory of commands with pip's names, which you put first on PATH.")
    parser.add_argument(
        "action",
        choices=("install", "remove", "status"),
        help="write them (also after authpip has moved), remove them, or say whether pip goes through them",
    )
    parser.add_argument("--dir", type=Path, help="the directory of the shims")
    parser.add_argument(
        "--profile",
        nargs="?",
        const="",
        metavar="FILE",
        help="change this start-up file (default: that of $SHELL)",
    )
    parser.add_argument("--keyring", action="store_true", help="install a `keyring` command that asks authpip first")
    parser.add_argument("--json", action="store_true", help="status as JSON")
    return parser


def _install(directory: Path, files: Sequence[Path], environ: Mapping[str, str], *, keyring: bool) -> int:
    names = shims.install(directory, environ, keyring=keyring)
    print(f"{directory}: {', '.join(names)}")
    if not files:
        file = shell_profile.default_file(environ)
        line = shell_hooks.start_up_line(shell_profile.shell_of(file), directory)
        print(f"Add this line to {file}, or let --profile add it:\n\n    {line}\n")
    for file in files:
        _add_line(directory, file)
    return 0


def _add_line(directory: Path, file: Path) -> None:
    shell = shell_profile.shell_of(file)
    shims.remember_profile(directory, file)
    if shell_profile.add(file, shell_hooks.start_up_line(shell, directory)):
        print(f"{file}: one line added, for new shells. For this shell, type:\n")
        print(f"    {shell_hooks.line_for_now(shell, directory)}\n")
    else:
        print(f"{file}: the line is there already")


def _remove(directory: Path, files: Sequence[Path], environ: Mapping[str, str]) -> int:
    for each in removal.start_up_files(directory, environ, files):
        removal.remove_block(each, directory)
        print(f"{each}: the line is removed")
    names = shims.remove(directory, environ)
    print(f"{directory}: {len(names)} files removed" if names else f"{directory}: no shims there")
    return 0


def _status(directory: Path, environ: Mapping[str, str], *, as_json: bool) -> int:
    found = shims.installed(directory, environ)
    problems = list(shim_check.problems(directory, found, environ)) if found else []
    if as_json:
        as_text.print_json(_as_object(directory, found, problems))
    elif not found:
        print(f"{directory}: no shims; `authpip auth shim install` puts them there")
    else:
        for shim in found:
            print(f"{shim.path} -> {shim.real or 'nothing of that name on PATH'}")
    for problem in () if as_json else problems:
        say(f"{problem.what}; {problem.remedy}")
    return 0 if found and not problems else 1


def _as_object(
    directory: Path, found: Sequence[shims.Shim], problems: Sequence[shim_check.ShimProblem]
) -> dict[str, object]:
    return {
        "directory": str(directory),
        "ok": bool(found) and not problems,
        "shims": [{"name": shim.name, "path": str(shim.path), "stands_before": shim.real} for shim in found],
        "problems": [problem._asdict() for problem in problems],
    }
