"""Whose token a cloud's program would give, without asking it: all that decides it, read from where it reads it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping

_LARGEST = 1 << 20  # bytes
_NAMES_FILE = ("_FILE", "_CREDENTIALS", "_OVERRIDE")


def fingerprint(environ: Mapping[str, str], prefixes: tuple[str, ...], files: Iterable[str]) -> str:
    """The program's variables, what the files among them hold, and its configuration files, as one text.

    Another account, profile or tenant gives another text; so does the same name in another home. It may hold
    secrets: it is for hashing alone.
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
    """The text of a file; empty where there is none that can be read."""
    try:
        if not os.path.isfile(path):
            return ""  # a pipe would block, and be empty for the program itself
        with open(path, encoding="utf-8-sig", errors="surrogateescape") as file:
            return file.read(_LARGEST)
    except (OSError, ValueError):
        return ""


def setting(text: str, section: str, key: str) -> str:
    """One value of an INI file; empty where it is not set. (configparser costs 5 ms, and raises.)"""
    current = ""
    for line in text.splitlines():
        if found := re.fullmatch(r"\s*\[(.*)\]\s*", line):
            current = found[1].strip()
        elif current == section and (found := re.fullmatch(rf"{re.escape(key)}\s*[=:]\s*(.*?)\s*", line)):
            return found[1]
    return ""
