"""`authpip auth venv enable|disable|status [DIR]`: the pip of one environment, however it is started.

The JSON of status: {"environments": [{"directory", "enabled", "files", "leads_here"}]}; leads_here: to the authpip
that is running, null if it is not enabled.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from authpip.activation import enabled_list, environments
from authpip.cli.arguments import Parser
from authpip.cli.report import as_text
from authpip.core.console import say
from authpip.core.errors import AuthpipError, UsageError

Files = Sequence[Path]


def run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Do what the first argument says. Raises AuthpipError.

    Exit status 1 if `status` finds an environment that is not enabled, or one of several cannot be changed.
    """
    options = _parse(arguments)
    if options.action == "status":
        return _status(options, environ)
    if options.all_below is None:
        _change(_directory(options.directory, environ), options, environ)
        return 0
    statuses = []
    for directory in _below(options.all_below):
        try:
            _change(directory, options, environ)
        except AuthpipError as error:
            say(str(error))
            statuses.append(1)
    return max(statuses, default=0)


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = Parser(
        "venv",
        "Make the pip of one environment go through authpip, or undo that. `status` without DIR and without an active "
        "environment lists all enabled ones.",
    )
    parser.add_argument(
        "action",
        choices=("enable", "disable", "status"),
        help="make pip go through authpip, undo that, or say which it is",
    )
    parser.add_argument(
        "directory", nargs="?", type=Path, metavar="DIR", help="the environment (default: the active one)"
    )
    parser.add_argument("--all-below", type=Path, metavar="DIR", help="every environment below this directory")
    parser.add_argument(
        "--via", choices=("pth", "sitecustomize"), default="pth", help="which start-up file (default: %(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="status as JSON")
    return parser.parse(arguments)


def _below(top: Path) -> list[Path]:
    found = list(environments.below(top))
    if not found:
        raise UsageError(f"there are no environments below {top}")
    return found


def _directory(named: Path | None, environ: Mapping[str, str]) -> Path:
    active = _active(environ)
    if named is None and not active:
        raise UsageError("no environment is active", "", "activate one, or name its directory")
    return (named or Path(active)).absolute()


def _active(environ: Mapping[str, str]) -> str:
    return environ.get("VIRTUAL_ENV") or environ.get("CONDA_PREFIX") or ""


def _change(directory: Path, options: argparse.Namespace, environ: Mapping[str, str]) -> None:
    environment = environments.find(directory)
    if options.action == "disable":
        files = environments.disable(environment)
        enabled_list.tidy(environ)
        print(f"{directory}: " + ("disabled" if files else "was not enabled"))
        return
    files = environments.enable(environment, via=options.via)
    enabled_list.add(environ, environment)
    print(f"{directory}: enabled by {_joined(files)}")
    if environments.holds_authpip(environment):
        say("authpip is in this environment, where each package can change it; an installation as a tool is safer")


def _status(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    found = _found(options, environ)
    if options.json:
        as_text.print_json({"environments": [_as_object(directory, files) for directory, files in found]})
    else:
        for directory, files in found:
            _print(directory, files)
        if not found:
            say("no environment is enabled; `authpip auth venv enable DIR` enables one")
    return 0 if all(files for _, files in found) else 1


def _found(options: argparse.Namespace, environ: Mapping[str, str]) -> list[tuple[Path, Files]]:
    """(directory, start-up files) of each environment that is asked about."""
    if options.all_below is None and options.directory is None and not _active(environ):
        return [(enabled.directory, enabled.files) for enabled in enabled_list.load(environ)]
    directories = _below(options.all_below) if options.all_below else [_directory(options.directory, environ)]
    return [(directory, environments.installed(environments.find(directory).site)) for directory in directories]


def _print(directory: Path, files: Files) -> None:
    print(f"{directory}: enabled by {_joined(files)}" if files else f"{directory}: not enabled")
    if files and not environments.lead_here(files):
        say(f"{files[0]} leads to another authpip; type: authpip auth venv enable {directory}")


def _as_object(directory: Path, files: Files) -> dict[str, object]:
    return {
        "directory": str(directory),
        "enabled": bool(files),
        "files": [str(file) for file in files],
        "leads_here": environments.lead_here(files) if files else None,
    }


def _joined(files: Files) -> str:
    return ", ".join(map(str, files))
