"""Which programs authpip starts: absolute paths from directories that no attacker can write (A18, P7).

authpip skips an entry of PATH that is
- empty or relative: it stands for the working directory;
- another user's, or writable for a group or for everybody (except a group with the user's own name). The directories
  above it are not checked: hosted CI runners keep their tools below an /opt that anybody may write to;
- the working directory, or anything below the project: the topmost directory from the working directory
  upwards that looks like a checkout (.git, pyproject.toml, …), or else the working directory. The home
  directory and the system's own directories never count as a project, so that `cd ~; pip install` still finds
  ~/.local/bin; a directory above the home directory counts if it looks like a checkout (HOME inside the project).
  A `bin` beside a working directory without such a file is not detected;
- in the environment that pip is about to change: its interpreter's, --python's, VIRTUAL_ENV, CONDA_PREFIX, the
  virtual environment authpip itself runs in, and the one that `python` on PATH means. Any package installed there
  can put a `gcloud` into its bin directory. An environment that authpip itself is installed in is no exception.

authpip checks the program itself in the same way, and each symbolic link that leads to it.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence

from authpip.files.user_dirs import working_directory
from authpip.programs.lookup import candidates, is_executable

_CHECKOUT = (".git", ".hg", "pyproject.toml", "setup.py", "setup.cfg", "requirements.txt")
_SYSTEM = ("/usr", "/usr/local", "/usr/bin", "/usr/local/bin", "/bin", "/sbin", "/opt", "/etc", "/var")
_ENVIRONMENT = ("pyvenv.cfg", "conda-meta")
TARGETS = "_AUTHPIP_TARGETS"  # prefixes of the environments that pip changes; see `avoiding`
_MACOS_ADMINISTRATORS = 80  # the group `admin`
_MOST_LINKS = 40  # as Linux follows
_PYTHONS = ("python", "python3", "pip", "pip3", "python.exe", "pip.exe")


def avoiding(environ: Mapping[str, str], targets: Sequence[str]) -> dict[str, str]:
    """The environment for providers, with the prefixes of the environments that pip is about to change."""
    return {**environ, TARGETS: os.pathsep.join(targets)}


def find_program(name: str, environ: Mapping[str, str], avoid: Sequence[str] = ()) -> str | None:
    """The absolute path of a program by its bare name; None if no trusted directory has it.

    avoid: further directories to skip, with all below them (a shim directory, a target environment).
    """
    forbidden = list(_forbidden_trees(environ, avoid))
    for entry in trusted_entries(environ, avoid):
        for path in candidates(entry, name, environ):
            if is_executable(path) and not _objection_to_program(path, forbidden):
                return path
    return None


def trusted_entries(environ: Mapping[str, str], avoid: Sequence[str] = ()) -> list[str]:
    """The trusted entries of PATH, in order and once each."""
    return [entry for entry, reason in _judged(environ, avoid) if not reason]


def passed_over(name: str, environ: Mapping[str, str], avoid: Sequence[str] = ()) -> str | None:
    """Which program of this name `find_program` skips, and why: "PATH is not started because …". None: no program."""
    forbidden = list(_forbidden_trees(environ, avoid))
    for entry, reason in _judged(environ, avoid):
        for path in candidates(os.path.join(working_directory(), entry), name, environ):
            why = os.path.isfile(path) and (reason or _objection_to_program(path, forbidden))
            if why:
                return f"{path} is not started because {why}"
    return None


def is_safe_program(path: str) -> bool:
    """True for an executable file that nobody but the user and root can have put there, or can change."""
    return is_executable(path) and not _objection_to_program(path, ())


def _judged(environ: Mapping[str, str], avoid: Sequence[str]) -> Iterator[tuple[str, str]]:
    forbidden = list(_forbidden_trees(environ, avoid))
    here = _working_directory()
    for entry in dict.fromkeys(environ.get("PATH", os.defpath).split(os.pathsep)):
        yield entry, _objection(entry, here, forbidden)


def _objection(entry: str, here: str | None, forbidden: Sequence[tuple[str, str]]) -> str:
    """Why authpip skips an entry of PATH; "" if the entry is trusted."""
    if not os.path.isabs(entry):
        return "its directory is a relative entry of PATH"
    real = os.path.realpath(entry)
    if real == here:
        return "its directory is the working directory"
    for tree, reason in forbidden:
        if _within(real, tree) or _within(os.path.normpath(entry), tree):
            return reason
    return _foreign_hand(real, "its directory")


def _forbidden_trees(environ: Mapping[str, str], avoid: Sequence[str]) -> Iterator[tuple[str, str]]:
    project = _project(environ)
    if project:
        yield project, "it is inside the project"
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        if environ.get(variable):
            yield os.path.realpath(environ[variable]), "it is in the environment that pip changes"
    for prefix in filter(None, environ.get(TARGETS, "").split(os.pathsep)):
        if _is_an_environment_of_its_own(os.path.realpath(prefix), environ):
            yield os.path.realpath(prefix), "it is in the environment that pip changes"
    if sys.prefix != sys.base_prefix:
        yield os.path.realpath(sys.prefix), "it is in the environment that pip changes"
    python = _environment_on_path(environ)
    if python:
        yield python, "it is in the environment that pip changes"
    for tree in avoid:
        yield os.path.realpath(tree), "it is in a directory that authpip avoids"


def _is_an_environment_of_its_own(prefix: str, environ: Mapping[str, str]) -> bool:
    """False for the system's own directories and those above the home directory: no program would be left."""
    home = os.path.realpath(environ.get("HOME") or os.path.expanduser("~"))
    return prefix not in _SYSTEM and not _within(home, prefix)


def _project(environ: Mapping[str, str]) -> str | None:
    here = _working_directory()
    if here is None:
        return None
    home = os.path.realpath(environ.get("HOME") or os.path.expanduser("~"))
    around: list[str] = []
    while here not in _SYSTEM and os.path.dirname(here) != here:
        around.append(here)
        here = os.path.dirname(here)
    marked = [path for path in around if path != home and any(os.path.exists(os.path.join(path, m)) for m in _CHECKOUT)]
    below_home = [path for path in around if not _within(home, path)]
    return next(iter(marked[-1:] or below_home[:1]), None)


def _environment_on_path(environ: Mapping[str, str]) -> str | None:
    """The prefix of the first python on PATH, if that is in a virtual environment."""
    for entry in environ.get("PATH", "").split(os.pathsep):
        if os.path.isabs(entry) and any(os.path.isfile(os.path.join(entry, name)) for name in _PYTHONS):
            directory = os.path.realpath(entry)  # on Windows conda's python.exe stands in the prefix itself
            prefixes = (os.path.dirname(directory), *([directory] if sys.platform == "win32" else []))
            marked = (each for each in prefixes if any(os.path.exists(os.path.join(each, m)) for m in _ENVIRONMENT))
            return next(marked, None)
    return None


def _working_directory() -> str | None:
    try:
        return os.path.realpath(os.getcwd())
    except OSError:
        return None  # it was deleted, so nobody can plant a program in it


def _within(path: str, tree: str) -> bool:
    path, tree = _as_compared(path), _as_compared(tree)
    return path == tree or path.startswith(tree.rstrip(os.sep) + os.sep)


def _as_compared(path: str) -> str:
    """A path in the form for comparisons: macOS and Windows usually ignore case."""
    if sys.platform == "darwin":
        from unicodedata import normalize

        return normalize("NFD", path).casefold()
    return path.casefold() if sys.platform == "win32" else path


def _foreign_hand(path: str, what: str) -> str:
    """Why another user than root may have written a file or directory, sticky or not; "" if no other user can.

    what: its name in the sentence.
    """
    if sys.platform == "win32":
        return _foreign_hand_on_windows(path, what)
    try:
        status = os.stat(path)
    except OSError:
        return f"{what} cannot be looked at"
    if status.st_uid not in {0, os.geteuid()}:
        return f"{what} belongs to another user"
    if status.st_mode & stat.S_IWOTH:
        return f"everybody can write to {what}"
    if status.st_mode & stat.S_IWGRP and not _is_own_group(status.st_gid):
        return f"its group can write to {what}"
    return ""


def _foreign_hand_on_windows(path: str, what: str) -> str:
    from authpip.files import windows_rights

    try:
        rights, user = windows_rights.of_path(path), windows_rights.user()
    except OSError:
        return f"{what} cannot be looked at"
    if not rights.owned_by(user):
        return f"{what} belongs to another user"
    return f"other users can write to {what}" if rights.granted_to_others(windows_rights.WRITING, user) else ""


def _is_own_group(number: int) -> bool:
    """True for the group with the user's own name and no other members, as systems with a umask of 002 make it.

    On macOS also for the group of administrators, who may become root: it owns Homebrew's directories.
    """
    if sys.platform == "darwin" and number == _MACOS_ADMINISTRATORS:
        return True
    import grp
    import pwd

    try:
        user, group = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(number)
    except KeyError:
        return False
    return group.gr_name == user and set(group.gr_mem) <= {user}


def _objection_to_program(path: str, forbidden: Sequence[tuple[str, str]]) -> str:
    """Why authpip does not start a program; "" if it may. Each symbolic link that leads to it is checked."""
    for _ in range(_MOST_LINKS):
        directory = os.path.realpath(os.path.dirname(path))
        for tree, reason in forbidden:
            if _within(directory, tree):
                return reason
        if objection := _foreign_hand(directory, "its directory"):
            return objection
        if not os.path.islink(path):
            return _foreign_hand(path, "it")
        path = os.path.join(directory, os.readlink(path))
    return "too many links lead to it"
