"""Which interpreter a pip.exe starts, and its prefix. The files are made here; real ones run in tests/windows."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from authpip.core.errors import AuthpipError
from authpip.launcher import version_managers, which_pip, windows_scripts

LAUNCHER = b"MZ" + bytes(range(256)) * 20 + b"#!not this one\r\n" + bytes(400)
ARCHIVE = b"PK\x03\x04" + bytes(30)


@pytest.fixture(autouse=True)
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The code takes the platform for Windows; paths stay those of the machine."""
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(which_pip, "_BIN", "Scripts")


def touch(path: Path, content: bytes = b"") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def launcher(path: Path, line: str) -> str:
    return str(touch(path, LAUNCHER + b"#!" + line.encode() + b"\r\n" + ARCHIVE))


@pytest.mark.parametrize(
    ("folder", "form", "flags"), [("Python", "{}", ()), ("Program Files", '"{}"', ()), ("x", "{} -I -s", ("-I", "-s"))]
)
def test_the_launcher_says_it(tmp_path: Path, folder: str, form: str, flags: tuple[str, ...]) -> None:
    """Windows 5: a user's install has its pip.exe far from any python.exe; the first line of its script names it."""
    python = str(touch(tmp_path / folder / "python.exe"))
    script = launcher(tmp_path / "Roaming" / "Scripts" / "pip.exe", form.format(python))
    assert windows_scripts.interpreter_of(script) == (python, flags)
    found = which_pip.read_script(script)
    assert (found.python, found.target, found.flags) == (python, ("-m", "pip"), flags)


@pytest.mark.parametrize(
    ("script", "python"),
    [
        ("env/Scripts/pip.exe", "env/Scripts/python.exe"),
        ("conda/Scripts/pip.exe", "conda/python.exe"),
        ("WindowsApps/pip3.12.exe", "WindowsApps/python3.12.exe"),
        ("WindowsApps/PIP3.EXE", "WindowsApps/python.exe"),
    ],
)
def test_beside_or_above_it(tmp_path: Path, script: str, python: str) -> None:
    """Launchers of other makes stand beside their Python; the Store's aliases cannot be read."""
    touch(tmp_path / python)
    touch(tmp_path / script, b"MZ")
    assert windows_scripts.interpreter_of(str(tmp_path / script)) == (str(tmp_path / python), ())


@pytest.mark.parametrize("name", ["pip.exe", "pip.bat", "pip.cmd"])
def test_a_pip_without_a_python_is_no_internal_error(tmp_path: Path, name: str) -> None:
    """Windows 5: pyenv-win's batch file, and an .exe that leads nowhere, end in a message."""
    script = touch(tmp_path / "shims" / name, b"MZ")
    found = which_pip.read_script(str(script))
    assert (found.python, found.target) == ("", (str(script),))
    with pytest.raises(AuthpipError, match="cannot stand in front of"):
        version_managers.see_through(found, {})


@pytest.mark.parametrize(
    ("python", "prefix", "marker"),
    [
        ("Python313/python.exe", "Python313", ""),
        ("env/Scripts/python.exe", "env", "env/pyvenv.cfg"),
        ("conda/python.exe", "conda", ""),
        ("old/scripts/python.exe", "old", ""),
    ],
)
def test_the_prefix(tmp_path: Path, python: str, prefix: str, marker: str) -> None:
    """Windows 6: a plain Python's python.exe stands in the prefix itself, and so does its pip.ini."""
    path = touch(tmp_path / python)
    if marker:
        touch(tmp_path / marker)
    assert which_pip.environment_of(str(path)) == str(tmp_path / prefix)
