"""A directory of shims to put first on PATH: `pip`, `pip3`, `pip3.N`, and `keyring` if the user wants it.

A shim is a few lines of POSIX sh, because that starts in 1 ms. It finds the real pip and becomes it at once if the
command cannot use an index; otherwise it becomes authpip's own interpreter.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from authpip.activation import shell_hooks
from authpip.core.errors import UsageError
from authpip.files import user_dirs
from authpip.files.atomic import explained, write
from authpip.launcher.which_pip import SHIM_MARKER, first_on_path, is_shim

_TEMPLATES = Path(__file__).with_name("templates")
_ENTRY = Path(__file__).parents[1] / "__main__.py"
_PROFILES = ".profiles"
_VERSIONED = re.compile(r"(?:pip|python)(3\.[0-9]+)(?:\.exe)?")
_NAME = re.compile(r"pip(?:3(?:\.[0-9]+)?)?|keyring")
_REMEDY = {
    "shim": "make one with `python3 -m ensurepip --upgrade`, or activate an environment that has one",
    "keyring": "install the keyring package, which has this command",
}


class Shim(NamedTuple):
    """One shim. real: the command that it stands in front of now, None if there is none."""

    name: str
    path: Path
    real: str | None


def default_directory(environ: Mapping[str, str]) -> Path:
    """The directory of the shims if the user names no other."""
    return Path(user_dirs.data_dir(environ), "shims")


@explained()
def install(directory: Path, environ: Mapping[str, str], *, keyring: bool = False) -> list[str]:
    """Write the shims and the hooks; returns the names of the shims. Raises UsageError for another program's file."""
    if os.pathsep in str(directory):
        why = f"no entry of PATH can have {os.pathsep!r} in it"
        raise UsageError(f"{directory} cannot be a directory of shims", why, "name another one with `--dir`")
    names = {"pip": "shim", "pip3": "shim"}
    names.update({f"pip{version}": "shim" for version in _versions(environ)})
    if keyring or is_shim(str(directory / "keyring")):
        names["keyring"] = "keyring"
    files = {name: text for word, kind in names.items() for name, text in _texts(word, kind, directory).items()}
    files.update({shell_hooks.file_name(shell): shell_hooks.hook(shell, directory) for shell in shell_hooks.SHELLS})
    for name in files:
        _refuse_foreign(directory / name)
    directory.mkdir(parents=True, exist_ok=True, mode=0o755)
    for name, text in files.items():
        write(directory / name, text.encode(), mode=0o644 if name.startswith("activate") else 0o755)
    return sorted(names)


@explained()
def remove(directory: Path, environ: Mapping[str, str]) -> list[str]:
    """Remove the shims, and the directory if it has nothing else; returns the names of the removed files."""
    names = [path.name for path in _files(directory)]
    for name in names:
        (directory / name).unlink()
    own = [directory, Path(user_dirs.data_dir(environ))] if directory == default_directory(environ) else [directory]
    for folder in own:
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    return names


@explained()
def remember_profile(directory: Path, file: Path) -> None:
    """Note a start-up file in the directory of the shims, for `auth shim remove`."""
    lines = dict.fromkeys([*map(str, profiles(directory)), str(file)])
    write(
        directory / _PROFILES,
        b"# " + SHIM_MARKER + b" 1: start-up files\n" + "\n".join(lines).encode() + b"\n",
        mode=0o644,
    )


def profiles(directory: Path) -> list[Path]:
    """The start-up files that were noted."""
    record = directory / _PROFILES
    return [Path(line) for line in record.read_text().splitlines()[1:]] if record.exists() else []


def installed(directory: Path, environ: Mapping[str, str]) -> list[Shim]:
    """The shims in a directory, each with the command that it stands in front of."""
    shims = (path for path in _files(directory) if _NAME.fullmatch(path.name))
    return [Shim(path.name, path, first_on_path(path.name, environ)) for path in shims]


def path_entries(environ: Mapping[str, str]) -> list[str]:
    """The entries of PATH, in order."""
    return environ.get("PATH", os.defpath).split(os.pathsep)


def interpreter_of(shim: Path) -> tuple[Path, Path]:
    """(authpip's interpreter, its entry) as a shim names them; either may be gone."""
    words = shlex.split(shim.read_text(), comments=True)
    named = dict(word.split("=", 1) for word in words if word.startswith("_authpip_") and "=" in word)
    return Path(named["_authpip_python"]), Path(named["_authpip_entry"])


def _versions(environ: Mapping[str, str]) -> Iterable[str]:
    """The 3.N of every python3.N and pip3.N on PATH."""
    found: set[str] = set()
    for entry in path_entries(environ):
        try:
            names = os.listdir(entry or ".")
        except OSError:
            continue
        found.update(match[1] for match in map(_VERSIONED.fullmatch, names) if match)
    return sorted(found)


def _texts(name: str, kind: str, directory: Path) -> dict[str, str]:
    """The files of one shim: a POSIX script, and on Windows a .cmd, because only Unix shells run the script there."""
    plain = {"shim": "plain-pip.sh", "keyring": "plain-keyring.sh"}[kind]
    text = (_TEMPLATES / "shim.sh").read_text()
    for word, value in {
        "@PYTHON@": shlex.quote(sys.executable),
        "@ENTRY@": shlex.quote(str(_ENTRY)),
        "@KIND@": kind,
        "@REMEDY@": shlex.quote(_REMEDY[kind]),
        "@PLAIN@": (_TEMPLATES / plain).read_text().rstrip(),
    }.items():
        text = text.replace(word, value)
    return {name: text, name + ".cmd": command_file(name, kind, directory)} if sys.platform == "win32" else {name: text}


def command_file(name: str, kind: str, directory: Path) -> str:
    """The shim for Windows' own shells, in ASCII. Raises UsageError if a path cannot be written in ASCII."""
    text = (_TEMPLATES / "shim.cmd").read_text()
    python, entry = (_for_cmd(path, directory) for path in (sys.executable, str(_ENTRY)))
    for word, value in {"@NAME@": name, "@KIND@": kind, "@PYTHON@": python, "@ENTRY@": entry}.items():
        text = text.replace(word, value)
    return text.replace("\n", "\r\n")


def _for_cmd(path: str, directory: Path) -> str:
    """A path as a batch file names it. cmd.exe reads a batch file in the current code page of the console, so a path
    that is not ASCII is written relative to the batch file (%~dp0)."""
    if path.isascii():
        return path.replace("%", "%%")
    try:
        relative = os.path.relpath(path, directory)
    except ValueError:  # on another drive
        relative = path
    if os.path.isabs(relative) or not relative.isascii():
        why = f"a batch file cannot name {path} in every code page"
        raise UsageError(f"no shims in {directory}", why, "name a directory near that path with `--dir`")
    return "%~dp0" + relative.replace("%", "%%")


def _refuse_foreign(path: Path) -> None:
    if (path.exists() or path.is_symlink()) and not is_shim(str(path)):
        raise UsageError(f"not replacing {path}", "it is not a shim of authpip", "name another directory with `--dir`")


def _files(directory: Path) -> list[Path]:
    if not directory.is_dir():
        return []
    return sorted(path for path in directory.iterdir() if path.is_file() and is_shim(str(path)))
