"""Which programs authpip is willing to start: absolute paths from directories that no attacker can write (A18, P7).

An entry of PATH is passed over when it is
- empty or relative: it would mean the working directory;
- world-writable. What is above it is not looked at: hosted CI runners keep their tools below an /opt that
  anybody may write to;
- the working directory, or anything below the project: the topmost directory from the working directory
  upwards that looks like a checkout (.git, pyproject.toml, …), or else the working directory. The home
  directory, what is above it, and the system's own directories are never taken for a project, so that
  `cd ~; pip install` still finds ~/.local/bin. A `bin` beside an unmarked working directory is not noticed;
- in the environment that pip is about to change: VIRTUAL_ENV, CONDA_PREFIX, the virtual environment authpip
  itself runs in, and the one that `python` on PATH means. Any package installed there can put a `gcloud`
  into its bin directory. There is no exception for an environment that authpip shares (P7 has none).
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence

_CHECKOUT = (".git", ".hg", "pyproject.toml", "setup.py", "setup.cfg", "requirements.txt")
_SYSTEM = ("/usr", "/usr/local", "/usr/bin", "/usr/local/bin", "/bin", "/sbin", "/opt", "/etc", "/var")
_ENVIRONMENT = ("pyvenv.cfg", "conda-meta")
_PYTHONS = ("python", "python3", "pip", "pip3", "python.exe")


def find_program(name: str, environ: Mapping[str, str], avoid: Sequence[str] = ()) -> str | None:
    """The absolute path of a program by its bare name; None where no trusted directory has it.

    avoid: further directories whose trees are passed over (a shim directory, a target environment).
    """
    for entry in trusted_entries(environ, avoid):
        for path in _candidates(entry, name, environ):
            if _is_program(path):
                return path
    return None


def trusted_entries(environ: Mapping[str, str], avoid: Sequence[str] = ()) -> list[str]:
    """The entries of PATH that are left, in order and once each."""
    return [entry for entry, reason in _judged(environ, avoid) if not reason]


def passed_over(name: str, environ: Mapping[str, str], avoid: Sequence[str] = ()) -> str | None:
    """Where a program of this name stands that `find_program` will not start, and why, as half a sentence."""
    for entry, reason in _judged(environ, avoid):
        for path in _candidates(os.path.abspath(entry or "."), name, environ) if reason else ():
            if os.path.isfile(path):
                return f"{path} is not started because {reason}"
    return None


def _judged(environ: Mapping[str, str], avoid: Sequence[str]) -> Iterator[tuple[str, str]]:
    forbidden = list(_forbidden_trees(environ, avoid))
    here = _working_directory()
    for entry in dict.fromkeys(environ.get("PATH", os.defpath).split(os.pathsep)):
        yield entry, _objection(entry, here, forbidden)


def _objection(entry: str, here: str | None, forbidden: Sequence[tuple[str, str]]) -> str:
    """Why an entry of PATH is passed over; empty where it may be used."""
    if not os.path.isabs(entry):
        return "its directory is a relative entry of PATH"
    real = os.path.realpath(entry)
    if real == here:
        return "its directory is the working directory"
    for tree, reason in forbidden:
        if _within(real, tree) or _within(os.path.normpath(entry), tree):
            return reason
    if _is_open_to_all(real):
        return "everybody can write to its directory"
    return ""


def _forbidden_trees(environ: Mapping[str, str], avoid: Sequence[str]) -> Iterator[tuple[str, str]]:
    project = _project(environ)
    if project:
        yield project, "it is inside the project"
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        if environ.get(variable):
            yield os.path.realpath(environ[variable]), "it is in the environment that pip changes"
    if sys.prefix != sys.base_prefix:
        yield os.path.realpath(sys.prefix), "it is in the environment that pip changes"
    python = _environment_on_path(environ)
    if python:
        yield python, "it is in the environment that pip changes"
    for tree in avoid:
        yield os.path.realpath(tree), "it is in a directory that authpip avoids"


def _project(environ: Mapping[str, str]) -> str | None:
    here = _working_directory()
    if here is None:
        return None
    home = os.path.realpath(environ.get("HOME") or os.path.expanduser("~"))
    below: list[str] = []
    while not _within(home, here) and here not in _SYSTEM and os.path.dirname(here) != here:
        below.append(here)
        here = os.path.dirname(here)
    marked = [path for path in below if any(os.path.exists(os.path.join(path, m)) for m in _CHECKOUT)]
    return next(iter(marked[-1:] or below[:1]), None)


def _environment_on_path(environ: Mapping[str, str]) -> str | None:
    """The prefix of the virtual environment whose python comes first on PATH, if it is one."""
    for entry in environ.get("PATH", "").split(os.pathsep):
        if os.path.isabs(entry) and any(os.path.isfile(os.path.join(entry, name)) for name in _PYTHONS):
            prefix = os.path.dirname(os.path.realpath(entry))
            found = any(os.path.exists(os.path.join(prefix, marker)) for marker in _ENVIRONMENT)
            return prefix if found else None
    return None


def _working_directory() -> str | None:
    try:
        return os.path.realpath(os.getcwd())
    except OSError:
        return None  # it was deleted, so nothing can be planted in it


def _within(path: str, tree: str) -> bool:
    return path == tree or path.startswith(tree.rstrip(os.sep) + os.sep)


def _is_open_to_all(directory: str) -> bool:
    """True where anybody may put a file there, sticky or not."""
    if sys.platform == "win32":
        return False
    try:
        return bool(os.stat(directory).st_mode & stat.S_IWOTH)
    except OSError:
        return True


def _candidates(entry: str, name: str, environ: Mapping[str, str]) -> list[str]:
    path = os.path.join(entry, name)
    if sys.platform != "win32":
        return [path]
    return [path + suffix for suffix in environ.get("PATHEXT", ".EXE;.CMD").split(";")]


def _is_program(path: str) -> bool:
    """An executable file that only its owner can change, also at the end of its links."""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    if not stat.S_ISREG(mode) or not os.access(path, os.X_OK):
        return False
    real = os.path.realpath(path)
    return sys.platform == "win32" or not (mode & stat.S_IWOTH or _is_open_to_all(os.path.dirname(real)))
