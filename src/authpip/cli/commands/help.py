"""`authpip auth help [COMMAND]`: the options of one command, or the list of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from authpip.cli.arguments import Parser
from authpip.cli.commands import dispatch


def run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Print it; exit status 0. Raises UsageError for a command that does not exist."""
    parser = Parser("help", "Show the options of one command, or list all commands.")
    parser.add_argument("command", nargs="?", metavar="COMMAND")
    command = parser.parse(arguments).command
    return dispatch([command, "--help"] if command else ["--help"], environ)
