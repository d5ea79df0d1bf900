"""The shell scripts of pyenv and asdf, which are called `pip` and choose among Pythons."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping

from authpip.core.errors import AuthpipError
from authpip.files.user_dirs import working_directory
from authpip.launcher.which_pip import Pip, is_shim, of_shim, read_script
from authpip.programs.run import run
from authpip.programs.search_path import find_program

_PYENV = re.compile(r'exec "(?P<program>/[^"]*/pyenv)" exec')
_ASDF = re.compile(r"^exec (?P<program>\S*asdf) exec", re.MULTILINE)
PATIENCE = 10.0  # seconds; `pyenv which` takes a tenth of one


def see_through(pip: Pip, environ: Mapping[str, str]) -> Pip:
    """The pip that a version manager's script would start; `pip` itself if it is no shell script.

    Raises AuthpipError if authpip cannot tell which pip would run.
    """
    if pip.python or pip.target[0] == "-m":
        return pip
    script = pip.target[0]
    program = _chooser(script, environ)
    if program is None:
        raise AuthpipError(
            f"cannot stand in front of {script}",
            "it is not a Python script",
            "activate the environment whose pip is meant, or start its own `python -m pip` through authpip",
        )
    name = os.path.basename(script)
    choice = {"PYENV_DIR": environ.get("PYENV_DIR") or working_directory()}  # helpers run in the root directory
    result = run([program, "which", name], environ, deadline=time.monotonic() + PATIENCE, extra=choice)
    found = result.stdout.decode(errors="replace").strip()
    if result.returncode or not os.path.isabs(found):
        raise AuthpipError(f"{script} does not say which {name} it stands for", result.stderr)
    if is_shim(found):  # for its "system" version `pyenv which` searches PATH, and authpip's shim is the first there
        behind = {**environ, "PATH": _path_behind(os.path.dirname(script), environ)}
        return see_through(of_shim(name, behind).with_extra(*pip.extra), environ)
    return read_script(found).with_extra(*pip.extra)


def _path_behind(directory: str, environ: Mapping[str, str]) -> str:
    """The entries of PATH after this directory; all others if PATH does not have it."""
    entries = [entry for entry in environ.get("PATH", "").split(os.pathsep) if os.path.isabs(entry)]
    places = [number for number, entry in enumerate(entries) if os.path.normpath(entry) == directory]
    return os.pathsep.join(entries[places[0] + 1 :] if places else entries)


def _chooser(script: str, environ: Mapping[str, str]) -> str | None:
    try:
        with open(script, encoding="utf-8", errors="replace") as file:
            text = file.read(4096)
    except OSError:
        return None
    match = _PYENV.search(text) or _ASDF.search(text)
    if match is None:
        return None
    program = match["program"]
    return program if os.path.isabs(program) else find_program(program, environ)
