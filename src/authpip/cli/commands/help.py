"""`authpip auth help [COMMAND]`: the options of one command, or the list of all; `--man`: the man page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from authpip.cli.arguments import Parser
from authpip.cli.commands import dispatch


def run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Print the help; exit status 0. Raises UsageError for a command that does not exist."""
    parser = Parser("help", "Show the options of one command, or list all commands.")
    parser.add_argument("command", nargs="?", metavar="COMMAND", help="a command of `authpip auth`")
    parser.add_argument("--man", action="store_true", help="print the man page authpip-auth(1), in the language of man")
    options = parser.parse(arguments)
    if options.man:
        from authpip.cli.man_page import page

        print(page(), end="")
        return 0
    about_all = options.command in {None, "auth"}
    return dispatch(["--help"] if about_all else [options.command, "--help"], environ)
