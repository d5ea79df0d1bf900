"""Whether `pip` goes through the shims: for `auth shim status` and `auth doctor`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from authpip.activation import shell_hooks, shell_profile, shims
from authpip.launcher.which_pip import is_shim
from authpip.programs.lookup import candidates, is_executable


class ShimProblem(NamedTuple):
    """Why pip does not go through authpip, and what to type."""

    what: str
    remedy: str


def problems(directory: Path, found: Sequence[shims.Shim], environ: Mapping[str, str]) -> Iterator[ShimProblem]:
    """The problems of the shims in a directory. found: the result of `shims.installed`, not empty."""
    python, entry = shims.interpreter_of(found[0].path)
    if not os.access(python, os.X_OK) or not entry.is_file():
        yield ShimProblem(f"the shims lead to {python}, where authpip no longer is", "type: authpip auth shim install")
    entries = [Path(place or ".") for place in shims.path_entries(environ)]
    if not any(place.exists() and place.samefile(directory) for place in entries):
        yield ShimProblem(f"{directory} is not on PATH", _onto_path(directory, environ))
        return
    for shim in found:
        files = (file for place in entries for file in candidates(str(place), shim.name, environ))
        first = next(filter(is_executable, files), str(shim.path))
        if not is_shim(first):
            shell = shell_profile.shell_of(shell_profile.default_file(environ))
            command = shell_hooks.evaluation(shell)
            yield ShimProblem(f"{first} comes before the shim", f"type: {command}")


def _onto_path(directory: Path, environ: Mapping[str, str]) -> str:
    """How to put the directory on PATH: by a new shell if a start-up file has the line already."""
    file = shell_profile.default_file(environ)
    shell = shell_profile.shell_of(file)
    if shell_profile.has(file, shell_hooks.start_up_line(shell, directory)):
        return f"{file} has its line: open a new shell, or type: {shell_hooks.line_for_now(shell, directory)}"
    return "type: authpip auth shim install --profile"
