"""argparse for the commands, made safe: a mistyped secret is never repeated, and errors are one line."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import Any, NoReturn

from authpip.cli import help_texts
from authpip.core.errors import UsageError

_CHOICES = "(choose from "
_REQUIRED = "the following arguments are required: "
DESCRIBE = "\0describe"
"""In place of arguments: `Described` is raised. Nobody can type it, since an argument ends at a NUL."""


class Described(Exception):  # noqa: N818 (it is no error)
    """The parser of a command, for those who only read its options."""

    def __init__(self, parser: Parser) -> None:
        self.parser = parser
        super().__init__()


class Parser(argparse.ArgumentParser):
    """Raises UsageError for what it does not know, naming options but never their values."""

    def __init__(self, command: str, description: str) -> None:
        # Abbreviations are off: `--password hunter2` must not mean --password-stdin.
        super().__init__(
            prog=f"authpip auth {command}",
            description=description,
            epilog=help_texts.epilog(command),
            allow_abbrev=False,
            formatter_class=_Layout,
        )

    def parse(self, arguments: Sequence[str], *, more: str = "") -> argparse.Namespace:
        """The options. more: the list of words that those after an option belong to as well.

        Raises UsageError; Described for DESCRIBE.
        """
        if list(arguments) == [DESCRIBE]:
            raise Described(self)
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
        if message.startswith(_REQUIRED):
            missing = message.removeprefix(_REQUIRED)
            known = self._choices_of(missing.partition(", ")[0])
            self._refuse(f"{missing} is missing" + (f": one of {known}" if known else ""))
        if _CHOICES in choices:
            known = choices.rpartition(_CHOICES)[2].rstrip(")").replace("'", "")
            self._refuse(f"{what.removeprefix('argument ')} is one of {known}")
        self._refuse(what)

    def _refuse(self, what: str, hint: str = "") -> NoReturn:
        remedy = f"see `{self.prog} --help`"
        raise UsageError(what, "", f"{hint} {remedy}" if hint else remedy)

    def _nearest(self, name: str) -> str:
        """The option that is likely meant: alike, or the only one with this letter."""
        from difflib import get_close_matches

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


class _Layout(argparse.HelpFormatter):
    """Paragraphs are filled; lines that begin with two spaces are kept, and are wrapped below their text, an example
    with a backslash, so that it can still be typed.

    The usage is wrapped between its options, close to the left edge: argparse's own does not fit into 50 columns.
    """

    def _format_usage(self, *arguments: Any) -> str:
        words = re.findall(r"\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\]|\S+", super()._format_usage(*arguments))
        whole = " ".join(re.sub(r"\s+", "\xa0", word) for word in words)
        return "\n".join(_wrapped(whole, self._width, further=7)).replace("\xa0", " ") + "\n\n"

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(indent + self._paragraph(line, width) for line in text.splitlines())

    def _paragraph(self, line: str, width: int) -> str:
        if line.startswith("  ") and not line[2:3].isdigit():
            return self._example(line, width)
        return "\n".join(_wrapped(line, width, further=8 if line.startswith("  ") else 0))

    def _example(self, line: str, width: int) -> str:
        """A quoted text cannot be continued on another line."""
        return line if "'" in line else " \\\n".join(_wrapped(line, width - 2, further=6))


def _wrapped(text: str, width: int, *, further: int) -> list[str]:
    """Lines broken at spaces only; further: spaces before each but the first."""
    import textwrap

    return textwrap.wrap(text, width, subsequent_indent=" " * further, break_long_words=False, break_on_hyphens=False)
