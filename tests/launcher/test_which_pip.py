"""Which pip: the one that would have run without authpip, found by looking and without starting anything."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from authpip.core.errors import NoPipError
from authpip.launcher import become, which_pip

pytestmark = pytest.mark.real


def script(path: Path, first: str = "#!/usr/bin/python3", rest: str = "") -> Path:
    """An executable file with that first line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{first}\n{rest}\n")
    path.chmod(0o755)
    return path


def venv(root: Path, *, pip: bool = True) -> Path:
    """What a virtual environment looks like from outside."""
    (root / "bin").mkdir(parents=True)
    (root / "pyvenv.cfg").write_text("home = /usr/bin\n")
    if pip:
        script(root / "bin" / "pip", f"#!{root}/bin/python")
    return root


def path_of(*directories: Path) -> dict[str, str]:
    return {"PATH": ":".join(str(each) for each in directories)}


@pytest.mark.parametrize(
    ("first", "second", "python", "flags"),
    [
        ("#!/usr/bin/python3", "", "/usr/bin/python3", ()),
        ("#! /opt/x/python3.12 -I -s", "", "/opt/x/python3.12", ("-I", "-s")),
        ("#!/bin/sh", '\'\'\'exec\' "/a path/bin/python" "$0" "$@"', "/a path/bin/python", ()),
        ("#!/bin/sh", "'''exec' /very/long/bin/python3 \"$0\" \"$@\"", "/very/long/bin/python3", ()),
        ("#!/bin/sh", '\'\'\'exec\' "/a path/bin/python" -I -s "$0" "$@"', "/a path/bin/python", ("-I", "-s")),
        ("#!/bin/sh", "'''exec' \"/a path/bin/python", "", ()),
        ("#!/opt/pypy/bin/pypy3", "", "/opt/pypy/bin/pypy3", ()),
        ("#!/usr/bin/env bash", "set -e", "", ()),
        ("not a script", "", "", ()),
    ],
)
def test_the_interpreter_is_read_from_the_first_line(
    home: Path, first: str, second: str, python: str, flags: tuple[str, ...]
) -> None:
    """Plain lines, flags, and the /bin/sh form that pip writes for long paths; anything else is no Python script."""
    found = which_pip.read_script(str(script(home / "pip", first, second)))
    assert (found.python, found.flags) == (python, flags)


def test_env_python_is_looked_up_on_path(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`#!/usr/bin/env python3` means the python3 on PATH."""
    python = script(home / "bin" / "python3")
    monkeypatch.setenv("PATH", str(python.parent))
    assert which_pip.read_script(str(script(home / "pip", "#!/usr/bin/env python3"))).python == str(python)


def test_a_shim_finds_the_first_of_its_name_behind_itself(home: Path) -> None:
    """The first pip3 on PATH that is not a shim, however many shims stand before it (A28)."""
    shim = script(home / "shims" / "pip3", "#!/bin/sh", "# authpip-shim")
    other = script(home / "more" / "pip3", "#!/bin/sh", "# authpip-shim 2")
    real = script(home / "real" / "pip3")
    found = which_pip.of_shim("pip3", path_of(shim.parent, other.parent, home / "absent", real.parent))
    assert found.target == (str(real),)


@pytest.mark.parametrize("entry", ["", ".", "bin", "./bin", "../project/bin"])
def test_a_pip_of_the_working_directory_is_passed_by(home: Path, monkeypatch: pytest.MonkeyPatch, entry: str) -> None:
    """P6: a relative entry of PATH lets a project plant a pip, which would be given the credentials."""
    project, real = home / "project", script(home / "real" / "pip")
    for directory in (project, project / "bin"):
        script(directory / "pip")
    monkeypatch.chdir(project)
    assert which_pip.of_shim("pip", {"PATH": f"{entry}:{real.parent}"}).target == (str(real),)


def test_a_shim_means_what_path_means_even_where_an_environment_is_active(home: Path) -> None:
    """PATH decides which pip the name of a shim stands for, even if an environment is active."""
    root, real = venv(home / "venv"), script(home / "real" / "pip")
    assert which_pip.of_shim("pip", {**path_of(real.parent), "VIRTUAL_ENV": str(root)}).target == (str(real),)
    assert which_pip.of_shim("pip", {**path_of(), "VIRTUAL_ENV": str(root)}).target == (str(root / "bin" / "pip"),)


def test_the_command_in_a_tool_environment_serves_the_active_one(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """uv's and pipx's environments are theirs: the active environment's pip runs, with or without PATH."""
    tool, root, real = venv(home / "tool"), venv(home / "venv"), script(home / "real" / "pip")
    monkeypatch.setattr(sys, "prefix", str(tool))
    assert which_pip.of_this_command(path_of(real.parent)).target == (str(tool / "bin" / "pip"),)
    for receipt in which_pip.TOOL_RECEIPTS:
        (tool / receipt).touch()
        assert which_pip.of_this_command(path_of(real.parent)).target == (str(real),)
        active = {**path_of(real.parent), "VIRTUAL_ENV": str(root)}
        assert which_pip.of_this_command(active).target == (str(root / "bin" / "pip"),)
        (tool / receipt).unlink()


def test_an_environment_without_a_pip_gets_the_nearest_with_python(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`uv venv` makes none: pip's own --python then names the environment."""
    tool, root, real = venv(home / "tool", pip=False), venv(home / "venv", pip=False), script(home / "real" / "pip")
    (tool / "uv-receipt.toml").touch()
    monkeypatch.setattr(sys, "prefix", str(tool))
    found = which_pip.of_this_command({**path_of(real.parent), "VIRTUAL_ENV": str(root)})
    assert found.command(["install", "x"]) == [str(real), "--python", str(root), "install", "x"]


def test_conda_counts_as_active(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CONDA_PREFIX is looked at like VIRTUAL_ENV, after it."""
    conda = script(home / "conda" / "bin" / "pip")
    monkeypatch.setattr(sys, "prefix", str(home / "nowhere"))
    monkeypatch.setattr(sys, "path", [])
    found = which_pip.of_this_command({**path_of(), "CONDA_PREFIX": str(home / "conda")})
    assert found.target == (str(conda),)


def test_no_pip_anywhere_says_what_was_looked_at(home: Path) -> None:
    """F19: exit status 127, the places, and what to type."""
    with pytest.raises(NoPipError) as caught:
        which_pip.of_shim("pip3.99", {**path_of(home / "one"), "VIRTUAL_ENV": str(home / "two")})
    assert caught.value.exit_code == 127
    assert str(home / "one") in str(caught.value)
    assert str(home / "two") in str(caught.value)
    assert "ensurepip" in str(caught.value)


def test_the_prefix_is_known_without_starting_the_interpreter(home: Path) -> None:
    """A virtual environment by its pyvenv.cfg; else where the real binary lives."""
    root = venv(home / "venv")
    assert which_pip.environment_of(str(root / "bin" / "python")) == str(root)
    real = script(home / "opt" / "bin" / "python3")
    link = home / "python3"
    link.symlink_to(real)
    assert which_pip.environment_of(str(link)) == str((home / "opt").resolve())


@pytest.mark.parametrize(
    ("words", "flags"),
    [
        (["-m", "authpip", "list"], ()),
        (["-I", "-W", "error", "-m", "authpip"], ("-I", "-W", "error")),
        (["-Im", "authpip"], ("-I",)),
    ],
)
def test_the_flags_of_python_m_authpip_are_kept(
    monkeypatch: pytest.MonkeyPatch, words: list[str], flags: tuple[str, ...]
) -> None:
    """`python -I -m authpip` runs the same interpreter's pip with -I."""
    monkeypatch.setattr(sys, "orig_argv", ["python", *words])
    assert which_pip._own_flags() == flags


def test_a_planted_python3_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """P6, audit 10: `#!/usr/bin/env python3` with "." on PATH does not give the handoff to ./python3."""
    script, planted = tmp_path / "pip", tmp_path / "python3"
    script.write_text("#!/usr/bin/env python3\n")
    planted.write_text("#!/bin/sh\n")
    planted.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f".::{os.defpath}:{os.path.dirname(sys.executable)}")
    found = which_pip.read_script(str(script)).python
    assert os.path.isabs(found)
    assert not found.startswith(str(tmp_path))


@pytest.mark.skipif(os.name == "nt", reason="not run: Windows starts a child")
def test_an_interpreter_that_is_gone(tmp_path: Path) -> None:
    """F18: the Python that an environment was made of has been removed: what cannot be started, and status 127."""
    python = str(tmp_path / "env" / "bin" / "python")
    with pytest.raises(NoPipError, match=r"env/bin/python cannot be started: no such file or directory; recreate its"):
        become([python, "-m", "pip"], {})
