"""What a command's name means by PATH: never a file of the working directory; on Windows by PATHEXT (P6, P7)."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from authpip.config.settings import Rule
from authpip.programs import environment, lookup, search_path, secret_output
from authpip.providers import command, token


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


@pytest.mark.usefixtures("windows")
def test_condas_python_stands_in_its_prefix(tmp_path: Path) -> None:
    """Windows 6, P7: the environment that the first python.exe on PATH means is that of conda, too."""
    program(tmp_path / "conda" / "python.exe")
    (tmp_path / "conda" / "conda-meta").mkdir()
    found = search_path._environment_on_path({"PATH": str(tmp_path / "conda")})
    assert found == os.path.realpath(tmp_path / "conda")


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"C:\x.cmd", [r"C:\x.cmd"]),
        (r'"C:\Program Files\x.exe" show "a b"', [r"C:\Program Files\x.exe", "show", "a b"]),
        (r"'C:\a b\x.exe' --key=C:\y", [r"C:\a b\x.exe", r"--key=C:\y"]),
    ],
)
def test_a_backslash_is_part_of_a_path(text: str, expected: list[str]) -> None:
    """Windows 10: `run = 'C:\\x.cmd'` as one text; on POSIX a backslash is an escape."""
    assert secret_output.words(text, "the command") == expected


@pytest.mark.usefixtures("windows")
@pytest.mark.posix
def test_a_helper_without_a_path_does_not_get_the_working_directory() -> None:
    """Windows 10: Python's os.defpath there is `.;C:\\bin`."""
    assert environment._system_path({"SYSTEMROOT": "/Windows"}) == "/Windows/System32"


@pytest.mark.usefixtures("windows")
def test_a_variable_of_a_rule_in_lower_case() -> None:
    """The environment has upper case there: a rule's variable is found, and taken out of pip's environment."""
    rule = Rule("corp", "x", options={"token": {"variable": "My_Token"}, "command": {"environment": "one Two"}})
    assert token.source_variables(rule) == ("MY_TOKEN",)
    assert command.source_variables(rule) == ("ONE", "TWO")
