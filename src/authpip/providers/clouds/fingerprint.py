"""Which identity a cloud's program would use, without running it: the variables and files that decide it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping

_LARGEST = 1 << 20  # bytes
_NAMES_FILE = ("_FILE", "_CREDENTIALS", "_OVERRIDE")


def fingerprint(environ: Mapping[str, str], prefixes: tuple[str, ...], files: Iterable[str]) -> str:
    """The program's variables, what the files among them hold, and its configuration files, as one text.

    Another account, profile or tenant gives another text, and so does the same name in another home directory. The
    text may hold secrets: use it for hashing only.
    """
    parts = []
    for name in sorted(environ):
        if name.startswith(prefixes):
            value = environ[name]
            parts.append(f"{name}={value}")
            if name.endswith(_NAMES_FILE):
                parts.append(content(value))
    for path in files:
        parts += [path, content(path)]
    return "\0".join(parts)


def content(path: str) -> str:
    """The text of a file, up to 1 MiB; "" if it cannot be read."""
    try:
        if not os.path.isfile(path):
            return ""  # reading a pipe would block, and would leave it empty for the program
        with open(path, encoding="utf-8-sig", errors="surrogateescape") as file:
            return file.read(_LARGEST)
    except (OSError, ValueError):
        return ""


def setting(text: str, section: str, key: str) -> str:
    """One value of an INI file; "" if it is not set. (configparser takes 5 ms, and raises for a malformed file.)"""
    current = ""
    for line in text.splitlines():
        if found := re.fullmatch(r"\s*\[(.*)\]\s*", line):
            current = found[1].strip()
        elif current == section and (found := re.fullmatch(rf"{re.escape(key)}\s*[=:]\s*(.*?)\s*", line)):
            return found[1]
    return ""
