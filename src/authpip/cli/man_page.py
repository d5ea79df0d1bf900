"""The man page authpip-auth(1), made from the options and help texts of the commands, in the language of man(7)."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from authpip import __version__
from authpip.cli.commands import COMMANDS, parser_of
from authpip.cli.help_texts import TEXTS, statuses

_FILES = {
    "~/.config/authpip/config.toml": "the user's rules; `authpip auth config show` names the file of this system",
    "~/.local/share/authpip": "shims, and the list of logins, without their secrets",
    "~/.local/state/authpip/environments.json": "enabled environments",
}


def page() -> str:
    """The whole page, in roff."""
    return "".join(f"{line}\n" for line in _lines())


def _lines() -> Iterator[str]:
    yield f'.TH AUTHPIP-AUTH 1 "" "authpip {__version__}" "authpip"'
    yield from (".SH NAME", r"authpip-auth \- credentials for private package indexes, for one pip process alone")
    yield from (".SH SYNOPSIS", r"\fBauthpip auth\fR \fICOMMAND\fR [\fIOPTIONS\fR]", ".PP")
    yield r"\fBauthpip\fR \fIPIP ARGUMENTS\fR"
    yield from (
        ".SH DESCRIPTION",
        _escaped("authpip has one command of its own, auth. It passes every other command to pip, unchanged."),
    )
    yield ".SH COMMANDS"
    for command, summary in COMMANDS.items():
        yield from _command(command, summary)
    yield ".SH FILES"
    for path, meaning in _FILES.items():
        yield from (".TP", rf"\fI{_escaped(path)}\fR", _escaped(meaning))
    yield from (".SH SEE ALSO", r"\fBpip\fR(1)")


def _command(command: str, summary: str) -> Iterator[str]:
    parser = parser_of(command)
    yield f'.SS "{command}: {_escaped(summary)}"'
    yield from (rf"\fB{_escaped(parser.prog)}\fR {_synopsis(parser)}", ".PP", _escaped(parser.description or ""))
    for action in _shown(parser):
        yield from (".TP", _name(action))
        if action.help:
            yield _escaped(action.help % {"default": action.default})
    yield from (".PP", "Examples:", ".PP", ".nf", *(_escaped("    " + example) for example in TEXTS[command].examples))
    yield from (".fi", ".PP", "Exit status:")
    for status, meaning in statuses(command).items():
        yield from (".TP", status, _escaped(meaning))


def _shown(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    return [action for action in parser._actions if action.dest != "help"]


def _synopsis(parser: argparse.ArgumentParser) -> str:
    return " ".join(_name(action) if _is_required(action) else f"[{_name(action)}]" for action in _shown(parser))


def _is_required(action: argparse.Action) -> bool:
    """True if the command does not work without it; argparse's own `required` is false for nargs "*" since 3.14."""
    return action.required and action.nargs not in {"?", "*", argparse.REMAINDER}


def _name(action: argparse.Action) -> str:
    """How an option or an argument is written: "-v, --verbose", "--report FILE", "install|remove|status"."""
    choices = "|".join(filter(None, map(str, action.choices or ()))) if action.metavar is None else ""
    value = _escaped(str(action.metavar or choices or action.dest.upper()))
    several = " …" if action.nargs in {"*", "+"} else ""
    if not action.option_strings:
        return rf"\fI{value}\fR{several}"
    options = ", ".join(rf"\fB{_escaped(option)}\fR" for option in action.option_strings)
    if action.nargs == 0:
        return options
    return rf"{options} [\fI{value}\fR]" if action.nargs == "?" else rf"{options} \fI{value}\fR"


def _escaped(text: str) -> str:
    """Text that roff prints as it is: backslashes, minus signs, and a control character at its beginning."""
    plain = text.replace("\\", r"\e").replace("-", r"\-").replace('"', r"\(dq").replace("~", r"\(ti")
    plain = plain.replace("`", r"\(ga").replace("'", r"\(aq").replace("^", r"\(ha").replace("…", r"\&...")
    return rf"\&{plain}" if plain.startswith(".") else plain
