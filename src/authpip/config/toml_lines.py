"""On which line of a TOML file a key of ours stands: tomllib does not say, and a message must.

Only what `[[index]]` files look like is followed; where a file is laid out in another way, the line is that of
the table, or the first.
"""

from __future__ import annotations

import re

_HEADER = re.compile(r"\s*\[\[?\s*(?P<name>[^\]]+?)\s*\]")
_KEY = re.compile(r"""\s*(?P<key>[\w-]+|"[^"]*"|'[^']*')\s*[=.]""")


class Lines:
    """Line numbers by place: ("index", 0) is the first rule, ("index", 0, "aws", "profile") a key of its table."""

    def __init__(self, text: str) -> None:
        self._places: dict[tuple[str | int, ...], int] = {}
        table: tuple[str | int, ...] = ()
        rules = -1
        for number, line in enumerate(text.splitlines(), 1):
            if header := _HEADER.match(line):
                names = [part.strip(" \"'") for part in header["name"].split(".")]
                rules += line.lstrip().startswith("[[")
                table = ("index", max(rules, 0), *names[1:]) if names[0] == "index" else tuple(names)
                self._places.setdefault(table, number)
            elif key := _KEY.match(line):
                self._places.setdefault((*table, key["key"].strip("\"'")), number)

    def of(self, *place: str | int) -> int:
        """The line of a key or table, or that of the nearest thing around it."""
        while place:
            if place in self._places:
                return self._places[place]
            place = place[:-1]
        return 1
