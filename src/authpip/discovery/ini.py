"""Read an INI file as pip's configparser.RawConfigParser does, and give the line number of each value.

configparser has no line numbers, and its import takes 1 to 5 ms of the 40 ms that authpip may add to an install.
A property test compares the two.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_SECTION = re.compile(r"\[(?P<name>.+)\]")
_OPTION = re.compile(r"(?P<key>.*?)\s*[=:]\s*(?P<value>.*)$")


class Entry(NamedTuple):
    """One value. line: the line of its key, from 1. The lines of a longer value are joined by newlines."""

    section: str
    key: str
    value: str
    line: int


class MalformedINI(ValueError):  # noqa: N818 (the name says what is wrong with the file)
    """The text is not an INI file: configparser, and so pip, rejects it."""


def read_ini(text: str) -> list[Entry]:
    """All values in order; those of [DEFAULT] are repeated first in each section. Raises MalformedINI."""
    sections: dict[str, list[Entry]] = {}
    section, indent, open_value = None, 0, False
    for number, line in enumerate(text.split("\n"), start=1):
        bare = line.strip()
        if not bare or bare[0] in "#;":
            if not bare and section is not None and open_value:
                _extend(sections[section], "")
            continue
        depth = len(line) - len(line.lstrip())
        if section is not None and open_value and depth > indent:
            _extend(sections[section], bare)
            continue
        indent = depth
        header = _SECTION.match(bare)
        if header:
            section, open_value = header["name"], False
            sections.setdefault(section, [])
            continue
        option = _OPTION.match(bare)
        if section is None or not option or not option["key"]:
            raise MalformedINI(f"line {number}")
        open_value = True
        sections[section].append(Entry(section, option["key"].rstrip(), option["value"].strip(), number))
    return _with_defaults(sections)


def _extend(entries: list[Entry], more: str) -> None:
    entries[-1] = entries[-1]._replace(value=entries[-1].value + "\n" + more)


def _with_defaults(sections: dict[str, list[Entry]]) -> list[Entry]:
    defaults = sections.pop("DEFAULT", [])
    entries = []
    for section, own in sections.items():
        for entry in (*defaults, *own):
            entries.append(entry._replace(section=section, value=entry.value.rstrip()))
    return entries
