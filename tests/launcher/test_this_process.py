"""A pip that uses no index runs in authpip's own process, if that was started as pip's would be."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from support.programs.pip_venvs import PipVenv

pytestmark = pytest.mark.real

Venv = Callable[..., PipVenv]
COUNTER = "import os; os.write(os.open({path!r}, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600), b'.')\n"


@pytest.fixture
def counted(venv: Venv, tmp_path: Path) -> tuple[PipVenv, Path]:
    """An environment with authpip, and the file in which each start of its interpreter adds one byte."""
    made, starts = venv(), tmp_path / "starts"
    (made.site_packages / "sitecustomize.py").write_text(COUNTER.format(path=str(starts)))
    return made, starts


def run(made: PipVenv, starts: Path, argv: list[str], environ: dict[str, str]) -> tuple[int, str, str]:
    """(starts of the interpreter, stdout, stderr) of one command, which must end well."""
    starts.unlink(missing_ok=True)
    done = subprocess.run(argv, env=environ, capture_output=True, text=True, check=True, cwd=made.directory)
    return starts.stat().st_size, done.stdout, done.stderr


@pytest.mark.parametrize("command", [["--version"], ["list"], ["show", "pip"], ["help", "install"]])
def test_one_interpreter_starts(counted: tuple[PipVenv, Path], environment: dict[str, str], command: list[str]) -> None:
    """authpip and -m authpip: one start, and pip's own output, its name in usage lines included."""
    made, starts = counted
    for entrance in ([made.python, "-m"], []):
        plain = [*entrance, "pip"] if entrance else [f"{made.scripts}/pip"]
        ours = [*entrance, "authpip"] if entrance else [f"{made.scripts}/authpip"]
        assert run(made, starts, [*ours, *command], environment) == run(made, starts, [*plain, *command], environment)
        assert starts.stat().st_size == 1


@pytest.mark.parametrize("variable", ["PYTHONPATH", "PYTHONCOERCECLOCALE", "AUTHPIP_DISABLE"])
def test_another_start_where_it_could_differ(
    counted: tuple[PipVenv, Path], environment: dict[str, str], variable: str
) -> None:
    """The control, and: an interpreter that started without a project's modules is not the one that pip would have."""
    made, starts = counted
    argv = [made.python, "-m", "authpip", "--version"]
    assert run(made, starts, argv, {**environment, variable: "1"})[0] == 2


def test_flags_of_another_interpreter(counted: tuple[PipVenv, Path], environment: dict[str, str]) -> None:
    """The command authpip run with -I does not lend its isolation to pip; `python -I -m authpip` does, as with pip."""
    made, starts = counted
    script = f"{made.scripts}/authpip"
    assert run(made, starts, [made.python, "-I", script, "--version"], environment)[0] == 2
    assert run(made, starts, [made.python, "-I", "-m", "authpip", "--version"], environment)[0] == 1


def test_a_broken_pip(venv: Venv, environment: dict[str, str]) -> None:
    """F16: of a pip that cannot be imported, its own error is seen; it is no error of authpip's."""
    made = venv()
    main = made.site_packages / "pip/_internal/cli/main.py"
    main.unlink()  # a hard link to the template's
    main.write_text("raise ImportError('half an upgrade')\n")
    for argv in ([made.python, "-m", "authpip", "list"], [f"{made.scripts}/authpip", "list"]):
        done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr.splitlines()[-1]) == (1, "ImportError: half an upgrade")
        assert "authpip: " not in done.stderr
