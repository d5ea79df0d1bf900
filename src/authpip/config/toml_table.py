"""One table of a TOML document, read key by key; problems are collected with their file and line."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

from authpip.config.rule_variables import VariableText
from authpip.core.errors import UsageError
from authpip.core.redaction import shown_url

T = TypeVar("T")
_SECRETS = {"password", "passwd", "token", "secret", "api-key", "apikey"}
_HEADER = re.compile(r"\s*\[\[?\s*(?P<name>[^\]]+?)\s*\]")
_KEY = re.compile(r"""\s*(?P<key>[\w-]+|"[^"]*"|'[^']*')\s*[=.]""")
_TYPES = {str: "a text in quotes", bool: "true or false", list: "a list of texts", float: "a number", dict: "a table"}


class Lines:
    """The line of each key of a TOML text, which tomllib does not tell; with an unusual layout, the line of its table.

    A position is a path of keys: ("index", 0) is the first rule, ("index", 0, "aws", "profile") a key of its table.
    """

    def __init__(self, text: str) -> None:
        self._lines: dict[tuple[str | int, ...], int] = {}
        table: tuple[str | int, ...] = ()
        rules = -1
        for number, line in enumerate(text.splitlines(), 1):
            if header := _HEADER.match(line):
                names = [part.strip(" \"'") for part in header["name"].split(".")]
                rules += line.lstrip().startswith("[[")
                table = ("index", max(rules, 0), *names[1:]) if names[0] == "index" else tuple(names)
                self._lines.setdefault(table, number)
            elif key := _KEY.match(line):
                self._lines.setdefault((*table, key["key"].strip("\"'")), number)

    def of(self, *position: str | int) -> int:
        """The line of a key or table, or of the nearest table around it."""
        while position:
            if position in self._lines:
                return self._lines[position]
            position = position[:-1]
        return 1


class Report:
    """The problems of one file, each with its line."""

    def __init__(self, path: str, lines: Lines) -> None:
        self.path, self.lines = path, lines
        self.problems: list[UsageError] = []

    def where(self, *position: str | int) -> str:
        """FILE:LINE of a position in the document."""
        return f"{self.path}:{self.lines.of(*position)}"


class VariableReport(Report):
    """The problems of a rule that variables make."""

    def __init__(self, variable: str) -> None:
        super().__init__(variable, Lines(""))

    def where(self, *_: str | int) -> str:
        """The name of the variable that makes the rule."""
        return self.path


class Table:
    """A table and its position: () is the document, ("index", 0, "aws") a table in its first rule."""

    def __init__(self, data: dict[str, Any], report: Report, *position: str | int) -> None:
        self.data, self.report, self.position = data, report, position

    def problem(self, key: str, why: str, remedy: str = "") -> None:
        """Add a problem of a key ("": of the table)."""
        value = self.data.get(key)
        in_file = self.report.where(*self.position, key) if key else self.configured_in
        where = value.variable if isinstance(value, VariableText) else in_file
        self.report.problems.append(UsageError(where, why, remedy))

    @property
    def configured_in(self) -> str:
        """FILE:LINE of the table itself."""
        return self.report.where(*self.position)

    def get(self, key: str, kind: type[T]) -> T | None:
        """The value of a key; None if the key is not there, or if its type is wrong, which is a problem."""
        value = self.data.get(key)
        if isinstance(value, VariableText):
            value = value.read_as(kind)
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if value is None or isinstance(value, kind):
            return value
        self.problem(key, f"{key} must be {_TYPES[kind]}")
        return None

    def word(self, key: str, words: tuple[str, ...], meant: Callable[[str], str] = lambda _: "") -> str | None:
        """The value of a key that must be one of `words`. meant: the remedy for another word, or ""."""
        value = self.get(key, str)
        if value is None or value in words:
            return value
        self.problem(key, f"{key} = {shown_url(value)!r} is not known", meant(value) or nearest(value, words))
        return None

    def texts(self, key: str) -> list[str]:
        """A list of texts; [] if the key is not there, or if its type is wrong, which is a problem."""
        values = self.get(key, list) or []
        if all(isinstance(value, str) for value in values):
            return values
        self.problem(key, f"{key} must be a list of texts")
        return []

    def options(self, key: str, known: tuple[str, ...]) -> dict[str, str]:
        """A table of texts: numbers and switches are written as TOML does, a list of words as one command line."""
        table = Table(self.get(key, dict) or {}, self.report, *self.position, key)
        table.only(known)
        return {name: text for name in table.data if (text := table._option(name)) is not None}

    def _option(self, key: str) -> str | None:
        value = self.data[key]
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, (str, int, float)):
            return str(value)
        if isinstance(value, list) and all(isinstance(word, str) for word in value):
            from shlex import join

            return join(value)
        self.problem(key, f"{key} must be a text, a number, true or false, or a list of words")
        return None

    def only(self, known: tuple[str, ...]) -> None:
        """Add a problem for every unknown key, with the nearest known key; the value of a secret is never shown."""
        for key in self.data:
            if key in known:
                continue
            if key.lower().replace("_", "-") in _SECRETS:
                self.problem(key, f"{key}: a secret does not belong in this file", "type: authpip auth login URL")
            else:
                self.problem(key, f"unknown key {key!r}", nearest(key, known))


def nearest(word: str, known: tuple[str, ...]) -> str:
    """A remedy for an unknown word: the known word that is most similar, or else all known words."""
    from difflib import get_close_matches

    close = get_close_matches(word.lower().replace("_", "-"), known, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"known: {', '.join(known)}" if known else "this table has no keys"
