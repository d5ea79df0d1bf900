"""argparse for the commands, made safe: a mistyped secret is never repeated, and errors are one line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from difflib import get_close_matches
from typing import NoReturn

from authpip.core.errors import UsageError

_REQUIRED = "the following arguments are required: "


class Parser(argparse.ArgumentParser):
    """Raises UsageError for what it does not know, naming options but never their values."""

    def __init__(self, command: str, description: str) -> None:
        # Abbreviations are off: `--password hunter2` must not mean --password-stdin.
        super().__init__(prog=f"authpip auth {command}", description=description, allow_abbrev=False)

    def parse(self, arguments: Sequence[str], *, more: str = "") -> argparse.Namespace:
        """The options. more: the list of words that those after an option belong to as well. Raises UsageError."""
        options, unknown = self.parse_known_args(arguments)
        names = [name for word in unknown if (name := _option_name(word))]
        if names:
            self._refuse(f"there is no option {', '.join(names)}", self._nearest(names[0]))
        if unknown and not more:
            self._refuse("too many arguments")
        if unknown:
            getattr(options, more).extend(unknown)
        return options

    def error(self, message: str) -> NoReturn:
        """What argparse calls; its message may quote a value."""
        what, _, choices = message.partition(": invalid")
        known = (
            choices.rpartition("(choose from ")[2].rstrip(")").replace("'", "") if "(choose from " in choices else ""
        )
        if message.startswith(_REQUIRED):
            missing = message.removeprefix(_REQUIRED).split(", ")
            known = self._choices_of(missing[0])
            what = f"{', '.join(missing)} is missing"
        self._refuse(what + (f": one of {known}" if known else ""))

    def _refuse(self, what: str, hint: str = "") -> NoReturn:
        remedy = f"see `{self.prog} --help`"
        raise UsageError(what, "", f"{hint} {remedy}" if hint else remedy)

    def _nearest(self, name: str) -> str:
        """The option that is likely meant: alike, or the only one with this letter."""
        known = [option for option in self._option_string_actions if option.startswith("--")]
        near = [option for option in known if option[2] == name[-1]] if len(name) == 2 else []
        near = near[:1] if len(near) == 1 else get_close_matches(name, known, 1)
        return f"did you mean {near[0]}?" if near else ""

    def _choices_of(self, name: str) -> str:
        found = [action for action in self._actions if action.choices and name in {action.dest, action.metavar}]
        return ", ".join(map(str, found[0].choices or ())) if found else ""


def _option_name(word: str) -> str:
    """The name of an option without its value, which stands after = or right after one letter; "" for other words."""
    if word.startswith("--"):
        return word.partition("=")[0]
    return word[:2] if word.startswith("-") and len(word) > 1 else ""
