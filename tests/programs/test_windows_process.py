"""What Windows has in place of exec; the platform is simulated here, the real one is in tests/windows."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from authpip.core.errors import AuthpipError, CredentialError
from authpip.programs import run, windows_process


@pytest.mark.parametrize(("status", "expected"), [(0, 0), (3, 3), (0xC000013A, -1073741510), (0xFFFFFFFF, -1)])
def test_an_exit_status_of_32_bits(status: int, expected: int) -> None:
    """sys.exit makes 0xFFFFFFFF of what does not fit a C long; 0xC000013A is what ^C leaves."""
    assert windows_process.signed(status) == expected


@pytest.mark.parametrize("word", ['a"b', "%PATH%", "a&calc", "a|b", "a>b", "a^b", "hi!", "a\nb", "a\rb"])
@pytest.mark.parametrize("program", [r"C:\x\gcloud.cmd", r"C:\x\TOOL.BAT"])
def test_cmd_reads_a_command_line_again(program: str, word: str, environment: dict[str, str]) -> None:
    """P6: an argument, which may come from a URL of a project, starts no other command by way of a batch file."""
    assert windows_process.refused_argument([program, "ok", word])
    with pytest.raises(AuthpipError, match="batch file"):
        windows_process.call([program, word], environment)
    with pytest.raises(CredentialError, match="batch file"):
        run.run([program if os.path.isabs(program) else f"/{program}", word], environment, deadline=0)


def test_what_a_batch_file_may_be_given() -> None:
    """gcloud's and az's own arguments, paths and addresses; a program that is no batch file gets anything."""
    safe = ["--format=json(credential)", "--account=a.b+c@corp.example", "--resource=499b-1", r"C:\a b\c", "x=y;z,w"]
    assert windows_process.refused_argument(["gcloud.cmd", *safe]) == ""
    assert windows_process.refused_argument(["pip.exe", "a&b", '"%x%"']) == ""


def test_a_command_line_that_does_not_fit() -> None:
    """The error of CreateProcessW becomes a message with the limit and the way out."""
    error = OSError(22, "The filename or extension is too long")
    error.winerror = 206  # type: ignore[attr-defined,unused-ignore]
    assert windows_process.reason(error) == (
        "a command line on Windows has at most 32767 characters: use a requirements file"
    )
    assert windows_process.reason(OSError(2, "No such file")) == "No such file"


def test_a_program_that_is_not_there(environment: dict[str, str]) -> None:
    """One line, and ^C is as it was before."""
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(AuthpipError, match="could not be started"):
        windows_process.call(["/nonexistent/pip"], environment)
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.posix
def test_an_interrupt_is_the_programs(environment: dict[str, str]) -> None:
    """Windows 7: ^C reaches this process too, which waits for pip's own exit status however long that takes."""
    code = (
        f"import os, signal, sys, time; os.kill({os.getpid()}, signal.SIGINT); time.sleep(0.6); sys.exit(7)"  # > 0.25 s
    )
    assert windows_process.call([sys.executable, "-c", code], environment) == 7
