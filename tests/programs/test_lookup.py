"""What a command's name means by PATH: never a file of the working directory; on Windows by PATHEXT (P6, P7)."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from authpip.programs import lookup


def program(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The code takes the platform for Windows; paths stay those of the machine."""
    monkeypatch.setattr(sys, "platform", "win32")


@pytest.mark.parametrize("entry", ["", ".", "bin", "./bin", "../project"])
@pytest.mark.posix
def test_relative_entries_are_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry: str) -> None:
    """P6: an entry of PATH that means the working directory, or something below it, leads to nothing."""
    project = tmp_path / "project"
    program(project / "twine")
    program(project / "bin" / "twine")
    monkeypatch.chdir(project)
    assert lookup.command("twine", {"PATH": entry}) is None
    genuine = program(tmp_path / "genuine" / "twine")
    path = os.pathsep.join((entry, str(tmp_path / "genuine")))
    assert lookup.command("twine", {"PATH": path}) == genuine


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize("name", ["twine.exe", "twine.cmd", "twine"])
def test_windows_own_search_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Windows 3: shutil.which begins with the working directory there; it finds the planted file."""
    program(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    assert lookup.command("twine", {"PATH": str(tmp_path / "nothing")}) is None


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize(
    ("name", "endings", "file"),
    [
        ("gcloud", None, "gcloud.cmd"),
        ("gcloud.cmd", None, "gcloud.cmd"),
        ("GCLOUD.CMD", None, "GCLOUD.CMD"),
        ("aws", ".EXE;.CMD", "aws.exe"),
        ("tool", ".PY;.BAT", "tool.bat"),
        ("tool", ".PY", None),
        ("pip3.13", None, "pip3.13.exe"),
        ("tool.sh", None, None),
    ],
)
def test_pathext(tmp_path: Path, name: str, endings: str | None, file: str | None) -> None:
    """Windows 10: an ending may be written or not; only what Windows starts without another program counts."""
    for each in (
        "gcloud",
        "gcloud.cmd",
        "GCLOUD.CMD",
        "aws.exe",
        "aws.cmd",
        "tool.py",
        "tool.bat",
        "tool.sh",
        "pip3.13.exe",
    ):
        program(tmp_path / each)
    environ = {"PATH": str(tmp_path), **({"PATHEXT": endings} if endings else {})}
    found = lookup.command(name, environ)
    assert found == (str(tmp_path / file) if file else None)


@pytest.mark.usefixtures("windows")
def test_a_directory_comes_before_an_ending(tmp_path: Path) -> None:
    """As cmd.exe looks: the first directory with any of the endings."""
    program(tmp_path / "b" / "az.exe")
    first = program(tmp_path / "a" / "az.cmd")
    assert lookup.command("az", {"PATH": os.pathsep.join((str(tmp_path / "a"), str(tmp_path / "b")))}) == first


@pytest.mark.posix
def test_a_path_is_taken_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user named it: `auth exec -- ./tool` is the tool in the working directory."""
    program(tmp_path / "tool")
    monkeypatch.chdir(tmp_path)
    assert lookup.command("./tool", {"PATH": ""}) == "./tool"
    assert lookup.command("./none", {"PATH": ""}) is None
