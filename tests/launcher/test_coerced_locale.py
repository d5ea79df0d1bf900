"""pip and what it builds have the locale that they have without authpip (PEP 538, PEP 540)."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support.programs.pip_venvs import PipVenv
from support.samples.private_index import run

pytestmark = [pytest.mark.real, pytest.mark.skipif(os.name == "nt", reason="not run: there is no C locale")]

ENTRY = Path(__import__("authpip").__file__).with_name("__main__.py")
BUILD = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
BACKEND = """
import os, sys
with open({told!r}, "a") as file:
    file.write("%s %s" % (os.environ.get("LC_CTYPE"), sys.flags.utf8_mode))
sys.exit(1)
"""


@pytest.mark.parametrize(
    "variables",
    [
        {"PYTHONCOERCECLOCALE": "0"},
        {"PYTHONCOERCECLOCALE": "0", "LC_ALL": "C"},
        {"PYTHONCOERCECLOCALE": "0", "LC_CTYPE": "C.UTF-8"},
        {},
    ],
    ids=str,
)
def test_what_a_build_sees(
    venv: Callable[..., PipVenv], environment: dict[str, str], tmp_path: Path, variables: dict[str, str]
) -> None:
    """LC_CTYPE and the UTF-8 mode of a build are those under plain pip, with PYTHONCOERCECLOCALE=0 and without; the
    shim starts authpip with -I, which hides that variable from it."""
    place, told = venv(pip="24.0", authpip=False), tmp_path / "told"
    project = tmp_path / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text(BUILD)
    (project / "backend.py").write_text(BACKEND.format(told=str(told)))
    kept = {name: value for name, value in environment.items() if not name.startswith("LC_") and name != "LANG"}
    environ = {**kept, **variables, "PATH": f"{place.scripts}:{environment['PATH']}"}
    words = ["download", "--no-deps", "--no-build-isolation", "--no-index", "-d", str(tmp_path / "to"), str(project)]
    seen = []
    for start in ([f"{place.scripts}/pip"], [sys.executable, "-I", str(ENTRY), "shim", "pip"]):
        told.write_text("")
        run(*start, *words, env=environ)
        seen.append(told.read_text())
    assert seen[0] == seen[1] != ""
