"""`authpip auth venv enable|disable|status [DIR]`: the pip of one environment, however it is started."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from authpip.activation import environments
from authpip.cli.arguments import Parser
from authpip.core.console import say
from authpip.core.errors import AuthpipError, UsageError


def run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Do what the first argument says; exit status 1 where `status` finds an environment that is not enabled, or
    where one of several cannot be done. Raises AuthpipError."""
    options = _parser().parse(arguments)
    if options.all_below is None:
        return _one(_directory(options.directory, environ), options)
    statuses = []
    for directory in environments.below(options.all_below):
        try:
            statuses.append(_one(directory, options))
        except AuthpipError as error:
            say(str(error))
            statuses.append(1)
    if not statuses:
        raise UsageError(f"there are no environments below {options.all_below}")
    return max(statuses)


def _parser() -> Parser:
    parser = Parser("venv", "Make pip of one environment go through authpip, reversibly.")
    parser.add_argument("action", choices=("enable", "disable", "status"))
    parser.add_argument(
        "directory", nargs="?", type=Path, metavar="DIR", help="the environment (default: the active one)"
    )
    parser.add_argument("--all-below", type=Path, metavar="DIR", help="every environment below this directory")
    parser.add_argument(
        "--via", choices=("pth", "sitecustomize"), default="pth", help="which start-up file (default: %(default)s)"
    )
    return parser


def _directory(named: Path | None, environ: Mapping[str, str]) -> Path:
    active = environ.get("VIRTUAL_ENV") or environ.get("CONDA_PREFIX")
    if named is None and not active:
        raise UsageError("which environment?", "none is active", "activate one, or name its directory")
    return (named or Path(active or "")).absolute()


def _one(directory: Path, options: argparse.Namespace) -> int:
    environment = environments.find(directory)
    if options.action == "enable":
        files = environments.enable(environment, via=options.via)
        print(f"{directory}: enabled by {', '.join(map(str, files))}")
        if environments.holds_authpip(environment):
            say("authpip is installed in this environment, where each package can change it; a tool's own is safer")
    elif options.action == "disable":
        files = environments.disable(environment)
        print(f"{directory}: " + ("disabled" if files else "was not enabled"))
    else:
        return _status(environment)
    return 0


def _status(environment: environments.Environment) -> int:
    files = environments.installed(environment.site)
    if not files:
        print(f"{environment.directory}: not enabled")
        return 1
    print(f"{environment.directory}: enabled by {', '.join(map(str, files))}")
    if not environments.lead_here(files):
        say(f"{files[0]} leads to another authpip; `authpip auth venv enable` changes that")
    return 0
