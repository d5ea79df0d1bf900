"""`auth help`, the two lines at the end of `authpip --help`, and completion in real shells."""

from __future__ import annotations

import os
import pty
import shlex
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest

from authpip import cli
from authpip.cli.arguments import Parser
from authpip.cli.commands import COMMANDS, dispatch, parser_of
from authpip.cli.help_texts import TEXTS, statuses
from authpip.cli.man_page import page
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


def test_help_lists_the_commands(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """trial 2: `auth help` prints one line for each command, none wider than a terminal; an unknown command is an
    error with the nearest name."""
    assert dispatch(["help"], dict(os.environ)) == 0
    out = capfd.readouterr().out
    assert all(f"\n  {command} " in out for command in COMMANDS)
    monkeypatch.setenv("COLUMNS", "50")
    assert dispatch(["help"], dict(os.environ)) == 0
    narrow = capfd.readouterr().out
    assert max(map(len, out.splitlines())) < 80
    assert max(map(len, narrow.split("\n\n")[1].splitlines())) <= 50
    assert narrow.split() == out.split()
    monkeypatch.delenv("COLUMNS")
    assert dispatch(["help", "auth"], dict(os.environ)) == 0
    assert capfd.readouterr().out == out
    with pytest.raises(UsageError, match="did you mean `authpip auth login`"):
        dispatch(["help", "logn"], dict(os.environ))


@pytest.mark.parametrize("columns", [80, 50])
@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_examples_and_exit_statuses(
    command: str, columns: int, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """trial 5: an example, what each exit status means, and the words that are accepted; nothing is wider than the
    terminal but an example with a quoted text, which cannot be continued on another line."""
    monkeypatch.setenv("COLUMNS", str(columns))
    with pytest.raises(SystemExit):
        dispatch([command, "--help"], dict(os.environ))
    lines = capfd.readouterr().out.splitlines()
    examples = "\n".join(lines[lines.index("examples:") + 1 : lines.index("exit status:") - 1])
    assert examples.replace(" \\\n     ", "").splitlines() == [f"  {example}" for example in TEXTS[command].examples]
    shown = " ".join(" ".join(lines[lines.index("exit status:") :]).split())
    assert all(f"{status} {meaning}" in shown for status, meaning in statuses(command).items())
    assert [line for line in lines if len(line) > columns and "'" not in line] == []
    choices = [word for action in parser_of(command)._actions for word in action.choices or () if word]
    assert all(str(word) in "\n".join(lines) for word in choices)


def parser_and_words(example: str) -> tuple[Parser, list[str]]:
    """The parser for an example, and the words after its command."""
    words = shlex.split(example.replace('eval "$(', "").replace(')"', ""), comments=False)
    start = words.index("auth") + 1
    rest = words[start:]
    ends = [rest.index(mark) for mark in ("|", "<", ">") if mark in rest]
    return parser_of(rest[0]), rest[1 : min(ends, default=None)]


@pytest.mark.parametrize("command", COMMANDS)
def test_examples_are_accepted(command: str) -> None:
    """Each example is a command line of that very command which its parser takes."""
    for example in TEXTS[command].examples:
        parser, words = parser_and_words(example)
        assert parser.prog == f"authpip auth {command}"
        parser.parse(words[: words.index("--")] if "--" in words and command == "check" else words)


def test_the_man_page_is_made_from_the_same_texts() -> None:
    """docs/man/authpip-auth.1 is what `authpip auth help --man` prints; mandoc finds nothing wrong with it."""
    file = Path(__file__).parents[2] / "docs/man/authpip-auth.1"
    assert file.read_text() == page(), "type: authpip auth help --man > docs/man/authpip-auth.1"
    done = subprocess.run([need("mandoc"), "-T", "lint", "-W", "warning", file], capture_output=True, text=True)
    assert [line for line in done.stdout.splitlines() if "TH" not in line] == []
    assert all(f'.SS "{command}: ' in page() for command in COMMANDS)


@pytest.mark.parametrize("words", [["--help"], ["-h"]])
def test_pips_help_ends_with_two_lines_about_auth(
    words: list[str], venv: Callable[..., PipVenv], environment: dict[str, str]
) -> None:
    """P12's one exception: pip's own help comes first, unchanged; AUTHPIP_DISABLE=1 leaves the lines out."""
    made = venv()
    plain = made.run(*words, env=environment, module="pip").stdout
    ours = made.run(*words, env=environment, module="authpip")
    assert ours.returncode == 0
    assert ours.stdout.startswith(plain)
    lines = ours.stdout[len(plain) :].strip("\n").splitlines()
    assert len(lines) == 2
    assert "`authpip auth help`" in lines[1]
    assert made.run(*words, env={**environment, "AUTHPIP_DISABLE": "1"}, module="authpip").stdout == plain


@pytest.mark.parametrize("words", [["help"], []])
def test_a_person_is_told_of_auth(words: list[str], venv: Callable[..., PipVenv], environment: dict[str, str]) -> None:
    """trial 2: on a terminal `authpip` and `authpip help` end with the two lines; in a pipe they are pip's (P12)."""
    made = venv()
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "wb") as terminal:
        command = [made.python, "-m", "authpip", *words]
        child = subprocess.Popen(command, env=environment, stdout=terminal, stdin=subprocess.DEVNULL)
    shown = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    assert child.wait(timeout=60) == 0
    assert b"`authpip auth help`" in shown.splitlines()[-1]
    plain = made.run(*words, env=environment, module="pip")
    assert made.run(*words, env=environment, module="authpip").stdout == plain.stdout


def _read(terminal: int) -> bytes:
    """What comes next; nothing where the other end is closed, which Linux tells as an error."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


@pytest.mark.parametrize(("words", "same"), [(["auth"], []), (["auth", "login"], ["login"])])
def test_pips_help_knows_auth(
    words: list[str], same: list[str], environment: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    """trial 2: `authpip help auth` is `authpip auth help`, and not pip's `unknown command "auth"`."""
    shown = []
    for argv in (["help", *words], ["auth", "help", *same]):
        with suppress(SystemExit):
            cli.run(argv, called_as="authpip")
        shown.append(capfd.readouterr().out)
    assert shown[0] == shown[1] != ""


@pytest.fixture
def complete(environment: dict[str, str], tmp_path: Path) -> Callable[[str, str], list[str]]:
    """complete(shell, line): the words that this shell offers, with authpip on PATH."""
    script = tmp_path / "authpip"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m authpip "$@"\n')
    script.chmod(0o755)
    environ = {**environment, "PATH": f"{tmp_path}:{environment['PATH']}"}

    @cache
    def printed(shell: str) -> str:
        program = [sys.executable, "-m", "authpip", "auth", "completion", shell]
        return subprocess.run(program, env=environ, capture_output=True, text=True, timeout=60, check=True).stdout

    def ask(shell: str, line: str) -> list[str]:
        text = printed(shell)
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
    assert complete(shell, "auth uninstall --l") == ["--logins"]
    assert complete(shell, "auth venv enable --via si") == ["sitecustomize"]
    assert complete(shell, "auth completion fi") == ["fish"]
    assert complete(shell, "auth help expl") == ["explain"]
    assert complete(shell, "au") == ["auth"]
    assert complete(shell, "instal") == ["install"]
    assert "--no-index" in complete(shell, "install --no-in")


def test_powershell_can_read_it() -> None:
    """What is printed for pwsh is PowerShell by its grammar, and has the words; pwsh itself is not to be had here."""
    import tree_sitter_powershell
    from tree_sitter import Language, Parser

    from authpip.activation.shell_hooks import SHELLS, hook
    from authpip.cli.commands import completion

    parser = Parser(Language(tree_sitter_powershell.language()))
    text = completion._script("pwsh")
    assert "pwsh" in SHELLS
    assert not parser.parse(text.encode()).root_node.has_error
    assert not parser.parse(hook("pwsh", Path("/a b's")).encode()).root_node.has_error
    assert parser.parse(text.replace("}", "", 1).encode()).root_node.has_error  # the control
    assert "'uninstall' = '--help --logins --yes'" in text
