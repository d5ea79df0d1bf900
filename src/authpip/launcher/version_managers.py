"""Layers that stand before a pip already: the shell scripts of pyenv and asdf, which choose among Pythons."""

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
    """The Python script behind a shell script that chooses one; the Pip itself where there is nothing to see through.

    Raises AuthpipError where it cannot be told which pip would run.
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
    if is_shim(found):  # `pyenv which` says of its "system" what PATH says, and there we come first
        behind = environ.get("PATH", "").split(os.pathsep)
        behind = behind[[os.path.abspath(entry) for entry in behind].index(os.path.dirname(script)) + 1 :]
        return see_through(of_shim(name, {**environ, "PATH": os.pathsep.join(behind)}).with_extra(*pip.extra), environ)
    return read_script(found).with_extra(*pip.extra)


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
