"""A secret that is found wherever it leaks, in the eight encodings of A23."""

from __future__ import annotations

import json
import os
import re
import secrets
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

LONGEST_FILE = 64 << 20


class Sighting(NamedTuple):
    """Where a secret was found, and how it was written there. It does not hold the secret."""

    where: str
    encoding: str


class Canary:
    """One secret text of 16 characters or more, and the ways it may be written."""

    def __init__(self, secret: str) -> None:
        assert len(secret) >= 16
        self.secret = secret
        # The longest run of letters and digits too: a leak may be cut short, or quoted in some ninth way.
        core = max(re.findall(r"[A-Za-z0-9]+", secret), key=len)
        self.needles = {name: needle for text in (core, secret) for name, needle in _encodings(text, text is core)}

    def find_in(self, data: bytes | str, where: str = "") -> list[Sighting]:
        """All the encodings of the secret that are in the data."""
        if isinstance(data, str):
            data = data.encode("utf-8", "surrogateescape")
        lower = data.lower()
        hits = [name for name, needle in self.needles.items() if needle in (lower if name.startswith("hex") else data)]
        return [Sighting(where, name) for name in hits]

    def find_below(self, *roots: Path | str) -> list[Sighting]:
        """All sightings in the names and contents of the files below these directories."""
        return [hit for root in roots for path in _files(Path(root)) for hit in self.find_in_file(path)]

    def find_in_file(self, path: Path) -> list[Sighting]:
        """All sightings in one file's name and content; files that go away meanwhile have none."""
        try:
            data = b"" if path.is_symlink() or path.stat().st_size > LONGEST_FILE else path.read_bytes()
        except OSError:
            data = b""
        return self.find_in(data, str(path)) + self.find_in(os.fsencode(path), f"name of {path}")

    def find_in_tree(self, value: object, where: str = "$") -> list[Sighting]:
        """All sightings in what JSON can hold: dictionaries, lists, texts; keys too."""
        if isinstance(value, dict):
            pairs = value.items()
            return [hit for k, v in pairs for hit in self.find_in(str(k), where) + self.find_in_tree(v, f"{where}.{k}")]
        if isinstance(value, (list, tuple)):
            return [hit for i, item in enumerate(value) for hit in self.find_in_tree(item, f"{where}[{i}]")]
        return self.find_in(value if isinstance(value, bytes) else str(value), where)


ALPHABETS = {"plain": "", "odd": ':@%+/= ?#&"\\', "unicode": "\u00e9\u20ac\U0001f511"}


def new_canary(alphabet: str = "plain") -> Canary:
    """A fresh secret; `odd` has every character that a URL, a shell or JSON treats as its own (F20)."""
    return Canary("cAnArY" + secrets.token_hex(12) + ALPHABETS[alphabet])


def _encodings(secret: str, core: bool) -> Iterator[tuple[str, bytes]]:
    raw = secret.encode()
    part = " (part)" if core else ""
    yield "raw" + part, raw
    for offset in range(3):
        # Only the characters that no neighbour of the secret has a bit in.
        text = b64encode(b"\0" * offset + raw)
        yield f"base64+{offset}{part}", text[(0, 2, 3)[offset] : len(text) - 4]
    once = quote(secret, safe="")
    yield "url" + part, once.encode()
    yield "url twice" + part, quote(once, safe="").encode()
    yield "hex" + part, raw.hex().encode()
    yield "json" + part, json.dumps(secret)[1:-1].encode()


def _files(root: Path) -> Iterator[Path]:
    for directory, _, names in os.walk(root):
        yield from (Path(directory, name) for name in names)


SECRET = new_canary().secret
"""A password that is new in each run of the tests."""
