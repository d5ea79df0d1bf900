"""What `auth shim remove` and `auth uninstall` remove: the directories of shims, and the blocks in start-up files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from authpip.activation import shell_hooks, shell_profile, shims


def directories(environ: Mapping[str, str]) -> list[Path]:
    """The user's directories with shims in them: the default one, and those on PATH."""
    places = [shims.default_directory(environ), *map(Path, shims.path_entries(environ))]
    found = {os.path.realpath(place): place for place in reversed(places) if place.is_absolute()}
    return [place for place in reversed(found.values()) if shims.installed(place, environ) and _is_own(place)]


def start_up_files(directory: Path, environ: Mapping[str, str], named: Iterable[Path] = ()) -> list[Path]:
    """The shells' start-up files that have a block for this directory. named: further files to look at."""
    files = dict.fromkeys([*named, *shims.profiles(directory), *shell_profile.usual_files(environ)])
    return [file for file in files if shell_profile.has(file, *_words(file, directory))]


def remove_block(file: Path, directory: Path) -> None:
    """Remove the block for this directory from a start-up file. Raises AuthpipError."""
    shell_profile.remove(file, *_words(file, directory))


def _words(file: Path, directory: Path) -> tuple[str, str]:
    """Texts of which a block for this directory holds one, whichever version of authpip wrote it."""
    return shell_hooks.start_up_line(shell_profile.shell_of(file), directory), str(directory)


def _is_own(directory: Path) -> bool:
    return not hasattr(os, "geteuid") or directory.stat().st_uid == os.geteuid()
