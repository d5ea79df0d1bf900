"""argparse for the commands, made safe: a mistyped secret is never repeated, and errors are one line."""

from __future__ import annotations

import argparse
import re
import textwrap
from collections.abc import Sequence
from typing import Any, NoReturn

from authpip.cli import help_texts
from authpip.core.errors import UsageError

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

    def parse(self, arguments: Sequence[str]) -> argparse.Namespace:
        """The options. Raises UsageError; Described for DESCRIBE."""
        if list(arguments) == [DESCRIBE]:
            raise Described(self)
        options, unknown = self.parse_known_args(arguments)
        if unknown:
            names = [word.partition("=")[0] for word in unknown if word.startswith("--")]
            self.error(f"there is no option {', '.join(names)}" if names else "too many arguments")
        return options

    def error(self, message: str) -> NoReturn:
        """What argparse calls; its message may quote a value."""
        raise UsageError(f"{self.prog}: {message.partition(': invalid')[0]}", "", f"see `{self.prog} --help`")


class _Layout(argparse.HelpFormatter):
    """Paragraphs are filled; lines that begin with two spaces are kept, and are wrapped below their text. The usage is
    wrapped between its options, close to the left edge: argparse's own does not fit into 50 columns."""

    def _format_usage(self, *arguments: Any) -> str:
        words = re.findall(r"\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\]|\S+", super()._format_usage(*arguments))
        whole = " ".join(re.sub(r"\s+", "\xa0", word) for word in words)
        lines = textwrap.wrap(
            whole, self._width, subsequent_indent=" " * 7, break_long_words=False, break_on_hyphens=False
        )
        return "\n".join(lines).replace("\xa0", " ") + "\n\n"

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(self._line(line, width, indent) for line in text.splitlines())

    def _line(self, line: str, width: int, indent: str) -> str:
        if line.startswith("  ") and not line[2:3].isdigit():  # an example: a line that is typed is not broken
            return indent + line
        further = indent + " " * (8 if line.startswith("  ") else 0)
        return textwrap.fill(
            line,
            width,
            initial_indent=indent,
            subsequent_indent=further,
            break_long_words=False,
            break_on_hyphens=False,
        )
