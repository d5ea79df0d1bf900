"""sys.prefix of the interpreter that pip's --python names; the interpreter is started only if files do not tell."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

PATIENCE = 10.0  # seconds


def prefix_of(python: str, environ: Mapping[str, str], cwd: str) -> str | None:
    """The prefix of an interpreter, or of the environment in this directory; None if there is no interpreter."""
    path = executable_of(python, cwd)
    if path is None:
        return None
    return _environment(path) or _installation(os.path.realpath(path)) or _asked(path, environ, cwd)


def executable_of(python: str, cwd: str) -> str | None:
    """The interpreter that pip would start for `--python PYTHON`."""
    path = os.path.join(cwd, python)
    if os.path.isdir(path):
        inside = (os.path.join(path, name) for name in ("bin/python", "Scripts/python.exe"))
        return next((name for name in inside if os.path.exists(name)), None)
    return path if os.path.exists(path) else None


def _environment(path: str) -> str | None:
    """The prefix of a virtual environment, by a pyvenv.cfg beside the interpreter or one directory up (PEP 405)."""
    beside = os.path.dirname(os.path.abspath(path))
    marked = (candidate for candidate in (beside, os.path.dirname(beside)) if _has_marker(candidate))
    return os.path.dirname(beside) if next(marked, None) else None


def _has_marker(directory: str) -> bool:
    return os.path.isfile(os.path.join(directory, "pyvenv.cfg"))


def _installation(path: str) -> str | None:
    """The prefix of an installed Python, by its standard library: ../lib/pythonX.Y beside bin/pythonX.Y."""
    directory, name = os.path.split(path)
    version = re.fullmatch(r"python(\d+\.\d+)", name)
    prefix = os.path.dirname(directory)
    landmark = os.path.join(prefix, "lib", name, "os.py")
    return prefix if version and os.path.isfile(landmark) else None


def _asked(path: str, environ: Mapping[str, str], cwd: str) -> str | None:
    """The prefix that the interpreter itself prints; pip starts this interpreter anyway. It gets no secret."""
    import time

    from authpip.core.errors import CredentialError
    from authpip.programs.run import run

    # The interpreter is often a script of pyenv, which reads these variables and this directory.
    pyenv = {name: value for name, value in environ.items() if name.startswith("PYENV_")} | {"PYENV_DIR": cwd}
    question = [os.path.abspath(path), "-I", "-c", "import sys; print(sys.prefix)"]
    try:
        answer = run(question, environ, deadline=time.monotonic() + PATIENCE, extra=pyenv)
    except CredentialError:
        return None
    return os.fsdecode(answer.stdout).strip() or None
