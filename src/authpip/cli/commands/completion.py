"""`authpip auth completion SHELL`: what makes a shell complete the commands of `auth` and their options."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout, suppress
from io import StringIO

from authpip.activation import shell_hooks
from authpip.cli.arguments import Parser
from authpip.cli.commands import COMMANDS, dispatch

_WORDS = re.compile(r"--[a-z][a-z-]*|(?<=[{,])[a-z][a-z-]*(?=[,}])")
_CASES = {
    "bash": "        {command}) words='{words}' ;;",
    "zsh": "        {command}) found=({words}) ;;",
    "fish": "            case {command}\n                string split ' ' -- '{words}'",
    "pwsh": "        '{command}' = '{words}'",
}


def run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Print what the shell is to evaluate; exit status 0."""
    parser = Parser("completion", "Print what makes a shell complete the commands of `auth`, their options, and pip's.")
    parser.epilog = (
        'For bash and zsh (after compinit): eval "$(authpip auth completion bash)"; for fish: authpip auth completion '
        "fish | source; for PowerShell: authpip auth completion pwsh | Out-String | Invoke-Expression"
    )
    parser.add_argument("shell", choices=shell_hooks.SHELLS)
    print(_script(parser.parse(arguments).shell, environ), end="")
    return 0


def _script(shell: str, environ: Mapping[str, str]) -> str:
    cases = [_CASES[shell].format(command=command, words=_words(command, environ)) for command in COMMANDS]
    return shell_hooks.completion(shell).replace("@COMMANDS@", " ".join(COMMANDS)).replace("@CASES@", "\n".join(cases))


def _words(command: str, environ: Mapping[str, str]) -> str:
    """The options of a command and the words that it accepts, as the usage in its help names them."""
    if command == "help":
        return " ".join(COMMANDS)
    shown = StringIO()
    with redirect_stdout(shown), suppress(SystemExit):
        dispatch([command, "--help"], environ)
    usage = shown.getvalue().partition("\n\n")[0]
    return " ".join(dict.fromkeys(_WORDS.findall(re.sub(r"\s+", " ", usage))))
