"""A18: a gcloud in the environment that pip is about to change, where another Python comes first on PATH."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support.machine import ordinary_user
from support.machine.ordinary_user import OrdinaryUser
from support.programs.fake_cli import fake_cli

pytestmark = pytest.mark.real

URL = "https://europe-python.pkg.dev/team/python/simple/"


@pytest.fixture
def user(environment: dict[str, str]) -> OrdinaryUser:
    return ordinary_user.make(environment)


def first_python(user: OrdinaryUser) -> Path:
    """A directory of the user's with a python3 and no pip."""
    directory = user.base / "first"
    directory.mkdir()
    (directory / "python3").symlink_to("/usr/bin/python3")
    return directory


@pytest.mark.parametrize("way", ["an enabled environment", "--python"])
def test_a_gcloud_of_the_target_is_not_run(user: OrdinaryUser, way: str) -> None:
    """A18, P7, audit 10: in an enabled environment and with `--python OTHER`, the gcloud in its bin is passed over,
    though PATH has it and another python3 before it; at e46b6fa it was run. The control: one in the user's own
    directory is run, and refuses."""
    target = user.base / "other"
    done = user.run([user.venv.python, "-m", "venv", "--without-pip", str(target)])
    assert done.returncode == 0, done.stderr
    bin_directory = Path(user.venv.scripts) if way == "an enabled environment" else target / "bin"
    own = user.base / "own"
    for directory in (bin_directory, own):
        fake_cli(directory, "gcloud", before=f": > {user.base}/ran-{directory.parent.name}-{directory.name}", status=1)
    first = first_python(user)
    index = ["install", "--no-input", "-i", URL, "corp-thing"]
    for directory in (bin_directory, own):
        path = os.pathsep.join(map(str, (first, directory, "/nonexistent")))
        if way == "--python":
            done = user.authpip("--python", str(target / "bin" / "python"), *index, PATH=path)
        else:
            done = user.pip(*index, PATH=path)
        assert done.returncode == 3, done.stdout + done.stderr
    ran = sorted(path.name for path in user.base.glob("ran-*"))
    assert ran == [f"ran-{user.base.name}-own"]
