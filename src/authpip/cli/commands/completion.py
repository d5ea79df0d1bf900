"""`authpip auth completion SHELL`: the script that completes the commands of `auth` and their options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from authpip.activation import shell_hooks
from authpip.cli.arguments import Parser
from authpip.cli.commands import COMMANDS, parser_of

_CASES = {
    "bash": "        {command}) words='{words}' ;;",
    "zsh": "        {command}) found=({words}) ;;",
    "fish": "            case {command}\n                string split ' ' -- '{words}'",
    "pwsh": "        '{command}' = '{words}'",
}


def run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:  # noqa: ARG001 (the signature of a command)
    """Print the script for the shell; exit status 0."""
    parser = Parser(
        "completion", "Print the script that completes the commands and options of `auth`, and those of pip."
    )
    parser.add_argument("shell", choices=shell_hooks.SHELLS, help="for zsh, evaluate it after compinit")
    print(_script(parser.parse(arguments).shell), end="")
    return 0


def _script(shell: str) -> str:
    cases = [_CASES[shell].format(command=command, words=_words(command)) for command in COMMANDS]
    return shell_hooks.completion(shell).replace("@COMMANDS@", " ".join(COMMANDS)).replace("@CASES@", "\n".join(cases))


def _words(command: str) -> str:
    """The options of a command and the words that it accepts."""
    if command == "help":
        return " ".join(["--help", "--man", *COMMANDS])
    words = ["--help"]
    for action in parser_of(command)._actions:
        words += [option for option in action.option_strings if option.startswith("--")]
        words += [word for word in action.choices or () if isinstance(word, str)]
    return " ".join(dict.fromkeys(words))
