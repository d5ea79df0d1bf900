"""~/.netrc, parsed as Python 3.11 and later do; the parser of 3.10 mangles passwords with letters beyond ASCII."""

from __future__ import annotations

import re
from typing import NamedTuple, NoReturn

_TOKEN = re.compile(r'"(?P<quoted>(?:\\.|[^"\\])*)"|(?P<bare>(?:\\.|\S)+)', re.DOTALL)
_LINE_END = re.compile(r"\n|\Z")
_MACRO_END = re.compile(r"\n[ \t\r]*(?:\n|\Z)|\Z")
_KEYS = {"login": "login", "user": "login", "account": "account", "password": "password"}
_OPENERS = {"machine", "default", "macdef"}


class Entry(NamedTuple):
    """One `machine` (host None: `default`), and the part of the text that it is: text[start:end]."""

    host: str | None
    login: str
    password: str
    start: int
    end: int


class MalformedNetrc(ValueError):  # noqa: N818 (the name says what is wrong with the file)
    """The text is not a .netrc. line: the number of the first wrong line, from 1. The error quotes no content."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


def parse(text: str) -> list[Entry]:
    """The entries in their order; the last entry for a host counts. Raises MalformedNetrc."""
    reader, entries = _Reader(text), []
    while (word := reader.next()) is not None:
        start = reader.start
        if word == "macdef":
            reader.skip_past(_MACRO_END)
        elif word == "machine":
            entries.append(_entry(reader, reader.value() or reader.fail(), start))
        elif word == "default":
            entries.append(_entry(reader, None, start))
        else:
            reader.fail()
    return entries


class _Reader:
    """The words of the text, comments left out."""

    def __init__(self, text: str) -> None:
        self.text, self.position, self.start = text, 0, 0

    def next(self) -> str | None:
        """The next word; None at the end. A comment reaches from # to the end of its line."""
        while match := _TOKEN.search(self.text, self.position):
            if match[0].startswith("#"):
                self.position = match.start()
                self.skip_past(_LINE_END)
                continue
            return self._taken(match)
        return None

    def value(self) -> str:
        """The next word as a value, which may begin with #; "" at the end."""
        match = _TOKEN.search(self.text, self.position)
        return self._taken(match) if match else ""

    def _taken(self, match: re.Match[str]) -> str:
        self.start, self.position = match.start(), match.end()
        word = match["bare"] if match["quoted"] is None else match["quoted"]
        return re.sub(r"\\(.)", r"\1", word, flags=re.DOTALL)

    def skip_past(self, end: re.Pattern[str]) -> None:
        match = end.search(self.text, self.position)
        self.position = match.end() if match else len(self.text)

    def fail(self) -> NoReturn:
        raise MalformedNetrc(self.text.count("\n", 0, self.start) + 1)


def _entry(reader: _Reader, host: str | None, start: int) -> Entry:
    """The entry whose first word and host the reader has passed; the reader then stands before the next entry."""
    values = {"login": "", "account": "", "password": ""}
    while True:
        end = reader.position
        word = reader.next()
        if word is None or word in _OPENERS:
            reader.position = end
            return Entry(host, values["login"] or values["account"], values["password"], start, end)
        if word not in _KEYS:
            reader.fail()
        values[_KEYS[word]] = reader.value()
