"""Planted helpers are never found (A18, P7); a user's own are."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from authpip.programs.search_path import avoiding, find_program, passed_over, trusted_entries

pytestmark = pytest.mark.real

HELPERS = ("gcloud", "aws", "az", "keyring")


def plant(directory: Path, name: str) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    program = directory / name
    program.write_text("#!/bin/sh\ntouch /planted\n")
    program.chmod(0o755)
    return program


@pytest.fixture
def project(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout below HOME; the working directory is a directory inside it."""
    here = home / "src" / "project" / "deep" / "er"
    here.mkdir(parents=True)
    (home / "src" / "project" / ".git").mkdir()
    monkeypatch.chdir(here)
    return home / "src" / "project"


def shapes(project: Path, home: Path) -> dict[str, tuple[str, dict[str, str], Path]]:
    """name → (PATH, further variables, the directory in which the helper is planted)."""
    here = Path.cwd()
    open_to_all = home / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    sticky = home / "sticky"
    sticky.mkdir()
    sticky.chmod(0o1777)
    alone = home / "alone"
    alone.mkdir()
    (home / "link").symlink_to(project / "tools")
    (home / "venv").mkdir()
    (home / "venv" / "pyvenv.cfg").touch()
    plant(home / "venv" / "bin", "python")
    return {
        "empty entry": ("", {}, here),
        "empty last entry": (f"{alone}:", {}, here),
        "dot": (".", {}, here),
        "relative": ("../../bin", {}, project / "bin"),
        "working directory": (str(here), {}, here),
        "project": (str(project / "bin"), {}, project / "bin"),
        "link into the project": (str(home / "link"), {}, project / "tools"),
        "world-writable": (str(open_to_all), {}, open_to_all),
        "sticky": (str(sticky), {}, sticky),
        "VIRTUAL_ENV": (str(home / "v" / "bin"), {"VIRTUAL_ENV": str(home / "v")}, home / "v" / "bin"),
        "CONDA_PREFIX": (str(home / "c" / "bin"), {"CONDA_PREFIX": str(home / "c")}, home / "c" / "bin"),
        "python's environment": (str(home / "venv" / "bin"), {}, home / "venv" / "bin"),
        "authpip's environment": (str(home / "own" / "bin"), {}, home / "own" / "bin"),
    }


@pytest.mark.parametrize("helper", HELPERS)
def test_planted_helpers_are_passed_over(
    helper: str, project: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A18, P7: in no shape of PATH is the planted one found, and the real one behind it is."""
    monkeypatch.setattr(sys, "prefix", str(home / "own"))
    monkeypatch.setattr(sys, "base_prefix", "/usr")
    real = plant(home / ".local" / "bin", helper)
    for shape, (path, variables, directory) in shapes(project, home).items():
        plant(directory, helper)
        environ = {"HOME": str(home), "PATH": path, **variables}
        assert find_program(helper, environ) is None, shape
        assert f"{helper} is not started because" in (passed_over(helper, environ) or ""), shape
        behind = {**environ, "PATH": f"{path}:{real.parent}"}
        assert find_program(helper, behind) == str(real), shape
        assert trusted_entries(behind)[-1:] == [str(real.parent)], shape


def test_home_and_what_is_above_it_is_no_project(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`cd ~` or `cd /` must not hide ~/.local/bin or /usr/bin, even where HOME is a checkout of dot files."""
    (home / ".git").mkdir()
    program = plant(home / ".local" / "bin", "gcloud")
    environ = {"HOME": str(home), "PATH": f"{program.parent}:/usr/bin"}
    for directory in (home, home.parent, "/", "/usr", "/opt"):
        monkeypatch.chdir(directory)
        assert find_program("gcloud", environ) == str(program), directory
        assert "/usr/bin" in trusted_entries(environ), directory


def test_a_deleted_working_directory_is_no_obstacle(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working directory that is gone cannot hold a planted helper, and must not stop anything."""
    program = plant(home / "bin", "aws")
    (home / "gone").mkdir()
    monkeypatch.chdir(home / "gone")
    (home / "gone").rmdir()
    assert find_program("aws", {"HOME": str(home), "PATH": str(program.parent)}) == str(program)


@pytest.mark.posix
def test_a_deleted_working_directory_and_a_relative_entry(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A PATH that ends in a colon names the working directory; where that is gone, nothing is found there."""
    gone = home / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert passed_over("gcloud", {"PATH": "tools:", "HOME": str(home)}) is None


def test_a_program_that_anybody_may_change_is_not_started(home: Path) -> None:
    """A18: neither a world-writable file, nor a link to one, nor a directory, nor one that is not executable."""
    open_file = plant(home / "a", "aws")
    open_file.chmod(0o777)
    (home / "b").mkdir()
    (home / "b" / "aws").symlink_to(open_file)
    (home / "c" / "aws").mkdir(parents=True)
    plant(home / "d", "aws").chmod(0o644)
    path = os.pathsep.join(str(home / name) for name in "abcd")
    assert find_program("aws", {"HOME": str(home), "PATH": path}) is None


def test_avoided_directories_are_passed_over(home: Path) -> None:
    """A28: a shim directory that holds a `keyring` of ours is never searched."""
    shim, real = plant(home / "shims", "keyring"), plant(home / "bin", "keyring")
    environ = {"HOME": str(home), "PATH": f"{shim.parent}:{real.parent}"}
    assert find_program("keyring", environ, avoid=[str(shim.parent)]) == str(real)


def test_no_path_at_all(home: Path) -> None:
    """F13: an empty PATH finds nothing, and says so in no other way."""
    assert find_program("gcloud", {"HOME": str(home), "PATH": ""}) is None
    assert passed_over("gcloud", {"HOME": str(home), "PATH": ""}) is None


OTHER = 54321


def given_to_another(path: Path) -> None:
    os.chown(path, OTHER, OTHER)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_another_users_program_is_not_started(home: Path) -> None:
    """A18, audit 10: neither a directory nor a program of another user's, nor one that a group may write."""
    places = {
        "another user's directory": lambda program: given_to_another(program.parent),
        "another user's program": given_to_another,
        "a group's directory": lambda program: program.parent.chmod(0o775),
        "a group's program": lambda program: program.chmod(0o775),
    }
    for number, (what, change) in enumerate(places.items()):
        program = plant(home / f"d{number}", "gcloud")
        environ = {"HOME": str(home), "PATH": str(program.parent)}
        os.chown(program.parent, -1, OTHER)
        os.chown(program, -1, OTHER)
        assert find_program("gcloud", environ) == str(program), what
        change(program)
        assert find_program("gcloud", environ) is None, what
        assert "is not started because" in (passed_over("gcloud", environ) or ""), what


def test_a_link_into_the_project_or_the_target_is_not_followed(project: Path, home: Path) -> None:
    """A18, audit 10: a link in a directory of the user's own to a program of the project, or of the environment that
    pip changes, also by way of another link."""
    (home / "bin").mkdir()
    for target in (plant(project / "tools", "gcloud"), plant(home / "v" / "bin", "gcloud")):
        (home / "bin" / "gcloud").unlink(missing_ok=True)
        (home / "middle").unlink(missing_ok=True)
        (home / "middle").symlink_to(target)
        (home / "bin" / "gcloud").symlink_to(home / "middle")
        environ = {"HOME": str(home), "PATH": str(home / "bin"), "VIRTUAL_ENV": str(home / "v")}
        assert find_program("gcloud", environ) is None


def test_home_inside_the_project(project: Path) -> None:
    """A18, audit 10: where HOME lies in a checkout, a program of that checkout is passed over all the same."""
    program = plant(project / "bin", "gcloud")
    inside = project / "deep" / "home"
    inside.mkdir()
    assert find_program("gcloud", {"HOME": str(inside), "PATH": str(program.parent)}) is None


def test_the_environment_that_pip_changes_wherever_it_stands(home: Path) -> None:
    """A18, audit 10: programs of the environment of pip or of --python are passed over though another Python comes
    first on PATH; the control is the same PATH without the note."""
    first, target = plant(home / "x", "python3"), plant(home / "target" / "bin", "gcloud")
    environ = {"HOME": str(home), "PATH": f"{first.parent}:{target.parent}"}
    assert find_program("gcloud", environ) == str(target)
    assert find_program("gcloud", avoiding(environ, [str(home / "target")])) is None
    assert find_program("gcloud", avoiding(environ, ["/usr", str(home), ""])) == str(target)
