"""Which interpreter a pip.exe starts, by reading it: installers append a script to a small launcher program."""

from __future__ import annotations

import os
import re

_LARGEST = 1 << 20  # bytes; a launcher has about 100 KiB
# distlib's launcher: the script's first line, then a zip archive. A path with a space in it stands in quotes.
_FIRST_LINE = re.compile(rb'#!\s*(?:"([^"\r\n]+)"|([^\s"]+))([^\r\n]*)\r?\nPK\x03\x04')


def interpreter_of(script: str) -> tuple[str, tuple[str, ...]]:
    """(absolute path of the interpreter, its flags) of a pip.exe; ("", ()) if there is none, as for a batch file.

    A launcher without a first line (conda's, uv's, an alias of the Store, which cannot be read) is in the directory of
    its Python, or in the Scripts directory below that.
    """
    if not script.lower().endswith(".exe"):
        return "", ()
    match = _FIRST_LINE.search(_content(script))
    if match:
        python = os.fsdecode(match[1] or match[2])
        if os.path.isabs(python) and os.path.lexists(python):
            return python, tuple(os.fsdecode(match[3]).split())
    return next(filter(os.path.lexists, _near(script)), ""), ()


def _near(script: str) -> list[str]:
    directory, name = os.path.split(os.path.abspath(script))
    version = re.match(r"pip(3\.\d+)", name.lower())
    names = [f"python{version[1]}.exe"] if version else []
    beside = [os.path.join(directory, each) for each in (*names, "python.exe")]
    return [*beside, os.path.join(os.path.dirname(directory), "python.exe")]


def _content(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(_LARGEST)
    except OSError:
        return b""
