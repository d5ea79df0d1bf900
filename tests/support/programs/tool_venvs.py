"""Other people's tools (twine, uv, poetry, pypiserver…), each in a virtual environment below .cache, made once."""

from __future__ import annotations

import shutil
from pathlib import Path

from support.machine.isolation import CACHE
from support.machine.requirements import not_run
from support.programs.pip_venvs import PYTHON, interpreter, locked, outside

TOOLS = CACHE / "tools"
_REQUIREMENTS = {
    "pypiserver": ["pypiserver[passlib]", "bcrypt<4.1"],
    "pip-tools": ["pip-tools", "pip>=26"],  # the first that asks the keyring command without a user name in the URL
    "pdm": ["pdm<2.26", "hishel<0.2", "unearth<0.18"],  # later ones fail with the hishel and httpx of today
}


def tool(name: str, python: str = PYTHON) -> Path:
    """The directory of a tool's commands; the newest release, from the registry the first time only."""
    directory = TOOLS / f"{name}-py{python}"
    with locked(directory):
        if not (directory / "complete").exists():
            shutil.rmtree(directory, ignore_errors=True)
            path = interpreter(python)
            if path is None:
                not_run(f"Python {python} is not on this machine")
            outside([path, "-m", "venv", str(directory)])
            outside([str(directory / "bin/python"), "-m", "pip", "-q", "install", *_REQUIREMENTS.get(name, [name])])
            (directory / "complete").touch()
    return directory / "bin"
