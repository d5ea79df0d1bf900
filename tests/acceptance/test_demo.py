"""scripts/demo as a newcomer runs it: one command, an empty HOME, no terminal."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from support.machine.isolation import GUARD, ROOT

pytestmark = pytest.mark.real


@pytest.mark.heavy
def test_the_demo_ends_with_success(home: Path) -> None:
    """It makes its environment, installs both packages, shows that nothing leaked, uses no colour in a pipe, and is
    what docs/pictures/demo.svg shows."""
    with GUARD.outside() as machine:
        argv = [sys.executable, str(ROOT / "scripts/demo")]
        done = subprocess.run(argv, env=machine | {"HOME": str(home)}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "Successfully installed corp-model-1.0 corp-tools-1.0"
    assert done.stdout.count("THE PASSWORD") == 4
    assert "\x1b" not in done.stdout
    picture = script("demo_picture")
    story = [line.rstrip() for line in picture.story(done.stdout) if line]
    assert picture.shown(picture.PICTURE.read_text("utf-8")) == story  # else: scripts/demo_picture.py draws it anew


def script(name: str) -> ModuleType:
    """A module of scripts/."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
