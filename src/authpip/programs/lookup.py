"""The files that a command's name stands for on PATH, in the platform's order.

The working directory is never searched: neither by relative entries of PATH, nor first, as Windows and shutil.which
do. A program that a project planted there would get credentials (P6, P7).
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

STARTED = (".com", ".exe", ".bat", ".cmd")  # endings of files that Windows starts without another program


def on_path(name: str, environ: Mapping[str, str]) -> Iterator[str]:
    """Every executable file of that name: absolute paths, first the file that a shell would start."""
    for directory in environ.get("PATH", os.defpath).split(os.pathsep):
        if os.path.isabs(directory):
            yield from filter(is_executable, candidates(directory, name, environ))


def command(name: str, environ: Mapping[str, str]) -> str | None:
    """The file of a user's command: a name is looked up on PATH, a path stays as it is. None if there is no file."""
    directory, base = os.path.split(name)
    if not directory:
        return next(on_path(name, environ), None)
    return next(filter(is_executable, candidates(directory, base, environ)), None)


def candidates(directory: str, name: str, environ: Mapping[str, str]) -> list[str]:
    """The paths that this name can have in a directory: on Windows one for each ending in PATHEXT."""
    path = os.path.join(directory, name)
    if sys.platform != "win32":
        return [path]
    endings = environ.get("PATHEXT", ".COM;.EXE;.BAT;.CMD").lower().split(";")
    whole = [path] if os.path.splitext(name)[1].lower() in endings else []
    return whole + [path + ending for ending in endings if ending in STARTED]


def is_executable(path: str) -> bool:
    """True for a file that this user may execute."""
    return os.path.isfile(path) and os.access(path, os.X_OK)
