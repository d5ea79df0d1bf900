"""The commands of `authpip auth`: one module each, with `run(arguments, environ) -> exit status`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from authpip.core.errors import UsageError
from authpip.core.protection import protect

if TYPE_CHECKING:
    from authpip.cli.arguments import Parser

COMMANDS = {
    "login": "keep a credential for an index in the keyring",
    "logout": "delete it, and any token cached for it",
    "list": "list stored logins; never a secret",
    "explain": "which pip, indexes and credentials a command would use, and why",
    "check": "like explain, and send a request to each index",
    "status": "whether each login, rule and cloud identity works",
    "doctor": "what is wrong with this machine, and what to type",
    "audit": "find installed packages that did not come from their index",
    "token": "print the credential for an index",
    "helper": "the credential-helper protocol on stdin and stdout",
    "exec": "run another tool with its own variables set for it alone",
    "shim": "a directory with pip, pip3, pip3.N to put first on PATH",
    "activate": "the shell hook that keeps the shims first",
    "venv": "make the pip of one environment go through authpip",
    "uninstall": "remove shims, profile lines, cached tokens; with --logins, logins",
    "indexes": "print index URLs for CI, without secrets",
    "cache": "delete cached tokens",
    "config": "show and check the configuration",
    "import": "store the logins of .netrc, .pypirc and other files",
    "completion": "print the script that completes these commands in a shell",
    "help": "the options of one command",
}
# `import` cannot be the name of a module, and one named `list` would hide the builtin in this package.
_MODULES = {"import": "import_logins", "list": "list_logins"}
# Their answer depends on the pip that is meant.
_ABOUT_A_PIP = frozenset({"explain", "check", "status", "doctor", "login"})


def dispatch(arguments: Sequence[str], environ: Mapping[str, str], *, called_as: str = "authpip") -> int:
    """Run the command that the first argument names; called_as: as in cli.run. Raises UsageError if it is unknown."""
    if not arguments or arguments[0] in {"-h", "--help"}:
        print(_usage())
        return 0 if arguments else 2
    word = arguments[0]
    if word == "--version":
        from authpip import __version__

        print(f"authpip {__version__}")
        return 0
    if word not in COMMANDS:
        raise UsageError(f"there is no `authpip auth {word}`", "", _suggestion(word))
    protect()
    module = import_module(f"authpip.cli.commands.{_MODULES.get(word, word)}")
    extra = {"called_as": called_as} if word in _ABOUT_A_PIP else {}
    status: int = module.run(list(arguments[1:]), environ, **extra)
    return status


def parser_of(command: str) -> Parser:
    """The parser of a command; the command does not run."""
    from authpip.cli.arguments import DESCRIBE, Described

    try:
        dispatch([command, DESCRIBE], {})
    except Described as described:
        return described.parser
    raise AssertionError(f"{command} has no parser")


def _usage() -> str:
    from shutil import get_terminal_size
    from textwrap import wrap

    indent, columns = " " * (max(map(len, COMMANDS)) + 4), get_terminal_size().columns
    lines = ["usage: authpip auth COMMAND …   (every other word is pip's: authpip install …)", ""]
    for word, text in COMMANDS.items():
        first = f"  {word}".ljust(len(indent))
        lines += wrap(text, columns, initial_indent=first, subsequent_indent=indent, break_on_hyphens=False)
    return "\n".join(lines)


def _suggestion(word: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word, COMMANDS, 1)
    return f"did you mean `authpip auth {near[0]}`?" if near else "`authpip auth --help` lists the commands"
