"""`auth help`, the two lines at the end of `authpip --help`, and completion in real shells."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from authpip.cli.commands import COMMANDS, dispatch
from authpip.core.errors import UsageError
from support.machine.requirements import need
from support.programs.pip_venvs import PipVenv

pytestmark = pytest.mark.real

ASKED = {
    "bash": (
        'COMP_WORDS=(authpip {words} "{last}"); COMP_CWORD={number}; '
        '_authpip_completion; printf "%s\\n" "${{COMPREPLY[@]}}"'
    ),
    "zsh": (
        'compadd() {{ shift; print -l -- ${{(M)@:#{last}*}} }}; words=(authpip {words} "{last}"); '
        "CURRENT=$(( {number} + 1 )); _authpip_completion"
    ),
    "fish": "complete -C 'authpip {words} {last}'",
}


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_is_its_own_help(command: str, capfd: pytest.CaptureFixture[str]) -> None:
    """`auth help login` prints what `auth login --help` prints."""
    shown = []
    for arguments in (["help", command], [command, "--help"]):
        with pytest.raises(SystemExit) as ended:
            dispatch(arguments, dict(os.environ))
        assert not ended.value.code
        shown.append(capfd.readouterr().out)
    assert shown[0] == shown[1] != ""


def test_help_lists_the_commands(capfd: pytest.CaptureFixture[str]) -> None:
    """`auth help` prints one line for each command; an unknown one is an error with the nearest name."""
    assert dispatch(["help"], dict(os.environ)) == 0
    out = capfd.readouterr().out
    assert all(f"\n  {command} " in out for command in COMMANDS)
    with pytest.raises(UsageError, match="did you mean `authpip auth login`"):
        dispatch(["help", "logn"], dict(os.environ))


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_pips_help_ends_with_two_lines_about_auth(
    option: str, venv: Callable[..., PipVenv], environment: dict[str, str]
) -> None:
    """P12's one exception: pip's own help comes first, unchanged; AUTHPIP_DISABLE=1 leaves the lines out."""
    made = venv()
    plain = made.run(option, env=environment, module="pip").stdout
    ours = made.run(option, env=environment, module="authpip")
    assert ours.returncode == 0
    assert ours.stdout.startswith(plain)
    lines = ours.stdout[len(plain) :].strip("\n").splitlines()
    assert len(lines) == 2
    assert "`authpip auth help`" in lines[1]
    assert made.run(option, env={**environment, "AUTHPIP_DISABLE": "1"}, module="authpip").stdout == plain


@pytest.fixture
def complete(environment: dict[str, str], tmp_path: Path) -> Callable[[str, str], list[str]]:
    """complete(shell, line): the words that this shell offers, with authpip on PATH."""
    script = tmp_path / "authpip"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m authpip "$@"\n')
    script.chmod(0o755)
    environ = {**environment, "PATH": f"{tmp_path}:{environment['PATH']}"}

    def ask(shell: str, line: str) -> list[str]:
        program = [sys.executable, "-m", "authpip", "auth", "completion", shell]
        text = subprocess.run(program, env=environ, capture_output=True, text=True, timeout=60, check=True).stdout
        *words, last = line.split(" ")
        question = ASKED[shell].format(words=" ".join(words), last=last, number=len(words) + 1)
        prelude = "compdef() { :; }\n" if shell == "zsh" else ""
        plain = {"bash": ["--norc", "-c"], "zsh": ["-f", "-c"], "fish": ["--no-config", "-c"]}[shell]
        argv = [need(shell), *plain, f"{prelude}{text}\n{question}"]
        done = subprocess.run(argv, env=environ, capture_output=True, text=True, timeout=60, check=False)
        assert done.stderr == ""
        return done.stdout.split()

    return ask


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes_commands_options_and_pips_words(
    shell: str, complete: Callable[[str, str], list[str]]
) -> None:
    """Commands after `auth`, options and words of one command, and pip's own words anywhere else."""
    assert complete(shell, "auth lo") == ["login", "logout"]
    assert complete(shell, "auth login --password") == ["--password-stdin"]
    assert complete(shell, "auth shim inst") == ["install"]
    assert complete(shell, "auth help expl") == ["explain"]
    assert complete(shell, "au") == ["auth"]
    assert complete(shell, "instal") == ["install"]
    assert "--no-index" in complete(shell, "install --no-in")
