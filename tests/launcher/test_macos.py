"""macOS, simulated by its name alone: Apple's pip3, and an interpreter that starts another one in its place."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from authpip.core.errors import AuthpipError
from authpip.discovery import interpreter
from authpip.launcher import version_managers, which_pip
from authpip.programs import search_path

pytestmark = pytest.mark.posix


@pytest.fixture(autouse=True)
def macos(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")


def test_apples_pip3_is_the_pip_of_apples_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """/usr/bin/pip3 is a program and no script: it is not refused, and its prefix is what its Python says."""
    found = which_pip.read_script("/usr/bin/pip3")
    assert found.command(["list"]) == ["/usr/bin/python3", "-m", "pip", "list"]
    assert version_managers.see_through(found, {}) is found
    xcode = "/Library/Developer/CommandLineTools/Library/Frameworks/Python3.framework/Versions/3.9"
    monkeypatch.setattr(interpreter, "prefix_of", lambda python, environ, cwd: xcode)
    assert found.prefix == xcode


def test_another_program_is_refused_as_before(tmp_path: Path) -> None:
    """A binary of that name elsewhere says nothing about its Python."""
    binary = tmp_path / "pip3"
    binary.write_bytes(b"\xca\xfe\xba\xbe")
    with pytest.raises(AuthpipError, match="cannot stand in front of"):
        version_managers.see_through(which_pip.read_script(str(binary)), {})


def test_administrators_may_write_to_homebrews_directories(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """P7: /opt/homebrew/bin is the user's and the group admin's (80), who may become root; no other group counts."""
    for group, safe in ((80, True), (20, False)):
        status = os.stat_result((0o040775, 1, 1, 1, os.geteuid(), group, 0, 0, 0, 0))
        monkeypatch.setattr(search_path.os, "stat", lambda path, status=status: status)
        assert (search_path._foreign_hand("/opt/homebrew/bin", "it") == "") is safe


@pytest.mark.parametrize(("path", "tree"), [("/Users/a/Proj/bin", "/users/a/proj"), ("/P/e\u0301/x", "/P/\u00e9")])
def test_a_project_by_another_spelling(path: str, tree: str) -> None:
    """P7: upper and lower case, and both forms of an accent, are the same directory on macOS; not on Linux."""
    assert search_path._within(path, tree)
    assert not search_path._within(path + "x", path)


def test_linux_compares_to_the_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control."""
    monkeypatch.setattr(sys, "platform", "linux")
    assert not search_path._within("/Users/a/Proj/bin", "/users/a/proj")


@pytest.mark.parametrize("home", ["/Users/alice"])
def test_where_settings_are(monkeypatch: pytest.MonkeyPatch, home: str) -> None:
    """The user's and the site's directories, as platformdirs names them on macOS."""
    import platformdirs
    import platformdirs.macos

    from authpip.files import user_dirs

    paths: Any = platformdirs.macos.MacOS
    monkeypatch.setenv("HOME", home)
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name)
    for kind in ("config", "data", "cache"):
        of_kind = f"user_{kind}_path"
        monkeypatch.setattr(platformdirs, of_kind, lambda app, of=of_kind, **more: getattr(paths(app, **more), of))
    assert user_dirs.config_dir({}) == f"{home}/Library/Application Support/authpip"
    assert user_dirs.cache_dir({}) == f"{home}/Library/Caches/authpip"
