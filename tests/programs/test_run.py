"""Helper programs: bounded in time and output, in an environment of their own, ended with all they started."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from authpip.core.complaints import complaint
from authpip.core.errors import CredentialError
from authpip.programs import run
from authpip.programs.environment import child_environment

CANARY = "canary-5e1f"


def shell(script: str, environ: dict[str, str], *, seconds: float = 5, **further: object) -> run.Result:
    deadline = time.monotonic() + seconds
    return run.run(["/bin/sh", "-c", script], environ, deadline=deadline, **further)  # type: ignore[arg-type]


def is_alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def read_pid(file: Path) -> int:
    until = time.monotonic() + 5
    while not (file.exists() and file.read_text().strip()) and time.monotonic() < until:
        time.sleep(0.01)
    return int(file.read_text())


@pytest.mark.posix
def test_answer(environment: dict[str, str]) -> None:
    """stdout comes back to the byte, stderr as one line, and repr shows no output."""
    result = shell(f"printf '\\377{CANARY}'; echo oops >&2; exit 3", environment)
    assert result[:3] == (3, b"\xff" + CANARY.encode(), "oops")
    assert CANARY not in repr(result)


@pytest.mark.parametrize("size", [0, 1, 60_000])
@pytest.mark.posix
def test_input(size: int, environment: dict[str, str]) -> None:
    """stdin is exactly what was given, and at its end after that; /dev/null without any (F11)."""
    assert shell("cat", environment, input=b"x" * size).stdout == b"x" * size


@pytest.mark.posix
def test_input_that_nobody_reads(environment: dict[str, str]) -> None:
    """A helper that ends without reading a long input is no failure of ours."""
    assert shell("exit 0", environment, input=b"x" * 1_000_000).returncode == 0


@pytest.mark.parametrize("public", [False, True])
@pytest.mark.posix
def test_nobody_else_opens_its_streams(public: bool, environment: dict[str, str], home: Path) -> None:
    """P5: no process of the same user opens what a helper reads and prints by /proc/PID/fd. stderr, a pipe, and an
    input that is public are the control: a pipe can be opened so, and its content read in authpip's place."""
    script = f"echo $$ > {home}/pid; while ! [ -e {home}/go ]; do sleep 0.02; done; cat"
    results: list[run.Result] = []
    run_it = lambda: results.append(shell(script, environment, input=b"canary", input_is_public=public))  # noqa: E731
    thread = threading.Thread(target=run_it)
    thread.start()
    opened = {number: can_be_opened(f"/proc/{read_pid(home / 'pid')}/fd/{number}") for number in range(3)}
    (home / "go").touch()
    thread.join(5)
    assert opened == {0: public, 1: False, 2: True}
    assert results[0].stdout == b"canary"


def can_be_opened(path: str) -> bool:
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
    except OSError:
        return False
    return True


@pytest.mark.posix
def test_no_terminal(environment: dict[str, str]) -> None:
    """F11: a helper that opens the terminal to ask finds none."""
    assert shell("exec 2>/dev/null; : </dev/tty", environment).returncode != 0
    assert shell("ps -o sid= -p $$", environment).stdout.split() != [str(os.getsid(0)).encode()]


@pytest.mark.parametrize(
    "script",
    [
        "sleep 600",
        "exec >&- 2>&-; sleep 600",
        "sleep 600 & sleep 600",
        "yes >&2 2>/dev/null | sleep 600",
    ],
    ids=["hangs", "hangs with closed pipes", "hangs with a grandchild", "hangs and talks"],
)
@pytest.mark.posix
def test_deadline(script: str, environment: dict[str, str]) -> None:
    """F12, P11: a helper that hangs is ended at its deadline."""
    started = time.monotonic()
    with pytest.raises(run.DeadlineError, match="gave no answer"):
        shell(script, environment, seconds=0.3)
    assert time.monotonic() - started < 2


@pytest.mark.posix
def test_a_grandchild_that_keeps_the_pipe_does_not_block(environment: dict[str, str], home: Path) -> None:
    """F12: the answer of a helper that has ended counts, whoever still holds its pipe."""
    started = time.monotonic()
    result = shell(f"sleep 600 & echo $! > {home}/pid; echo token", environment)
    os.kill(read_pid(home / "pid"), signal.SIGKILL)
    assert result.stdout == b"token\n"
    assert time.monotonic() - started < 2


@pytest.mark.posix
def test_the_whole_group_is_ended(environment: dict[str, str], home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F02, F12: SIGTERM first, SIGKILL for who ignores it, grandchildren too."""
    monkeypatch.setattr(run, "PATIENCE", 0.5)
    script = f"""
        (trap '' TERM; echo $(exec sh -c 'echo $PPID') > {home}/stubborn; while :; do sleep 1; done) &
        trap 'echo > {home}/term; exit' TERM; while :; do sleep 0.05; done"""
    with pytest.raises(run.DeadlineError):
        shell(script, environment, seconds=0.5)
    assert (home / "term").exists(), "it had its chance to clean up"
    time.sleep(0.1)
    assert not is_alive(read_pid(home / "stubborn"))


@pytest.mark.posix
def test_too_much_output(environment: dict[str, str]) -> None:
    """A30: more than 64 KiB is no token; 64 KiB exactly is read to the end; stderr is drained."""
    with pytest.raises(CredentialError, match="more than 64 KiB"):
        shell("yes", environment)
    limit = run.OUTPUT_LIMIT
    assert len(shell(f"head -c {limit} /dev/zero", environment).stdout) == limit
    assert shell("yes no | head -c 999999 >&2; echo last >&2", environment).stderr == "last"


@pytest.mark.parametrize("content", [b"", b"\x7fELF", b"#!/nonexistent/interpreter\n", b"#!"])
def test_what_cannot_be_started(content: bytes, environment: dict[str, str], home: Path) -> None:
    """F13: broken programs, missing interpreters, NUL and relative paths are one clear error each."""
    program = home / "aws"
    program.write_bytes(content)
    program.chmod(0o755)
    soon = time.monotonic() + 5
    for argv in ([str(program)], [str(program), "a\0b"], [str(home)], [f"{home}/none"], ["aws"]):
        with pytest.raises(CredentialError, match=r"could not be started|is not started"):
            run.run(argv, environment, deadline=soon)


@pytest.mark.posix
def test_environment_is_an_allow_list(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F21, P4: proxy, CA and the cloud's variables arrive; ours, Python's and unknown ones do not."""
    (tmp_path / "key.json").touch()
    monkeypatch.chdir(tmp_path)
    passed = {
        "https_proxy": "http://p", "NO_PROXY": "x", "REQUESTS_CA_BUNDLE": "/ca", "AWS_PROFILE": "p", "LC_ALL": "C",
        "CLOUDSDK_CONFIG": "/c", "AZURE_CONFIG_DIR": "/a", "XDG_RUNTIME_DIR": "/x", "HOME": str(home), "TMPDIR": "/t",
    }  # fmt: skip
    kept_back = {
        "AUTHPIP_INDEX_CORP_PASSWORD": CANARY, "_AUTHPIP_HANDOFF": CANARY, "PYTHONPATH": CANARY, "PYTHONHOME": CANARY,
        "PIP_INDEX_URL": CANARY, "SYSTEM_ACCESSTOKEN": CANARY, "CI_JOB_TOKEN": CANARY, "AZURE_DEVOPS_EXT_PAT": CANARY,
        "VIRTUAL_ENV": CANARY, "LD_PRELOAD": CANARY, "BASH_ENV": CANARY, "ENV": CANARY, "GIT_SSH_COMMAND": CANARY,
    }  # fmt: skip
    relative = {"GOOGLE_APPLICATION_CREDENTIALS": "key.json"}
    given = {**passed, **kept_back, **relative, "PATH": f".:{tmp_path}:/usr/bin"}
    before = dict(given)
    built = child_environment(given, {"CLOUDSDK_CORE_DISABLE_PROMPTS": "1"})
    assert passed.items() <= built.items()
    assert not kept_back.keys() & built.keys()
    assert CANARY not in str(built)
    assert built["PATH"] == "/usr/bin"
    assert built["CLOUDSDK_CORE_DISABLE_PROMPTS"] == "1"
    assert built["GOOGLE_APPLICATION_CREDENTIALS"] == str(tmp_path / "key.json")
    assert given == before


@pytest.mark.posix
def test_working_directory_is_not_the_users(
    environment: dict[str, str], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P6: `python -m azure.cli`, as az starts itself, would import what a project calls `azure`."""
    monkeypatch.chdir(home)
    assert shell("pwd", environment).stdout == b"/\n"


@pytest.mark.posix
def test_helper_calls_helper(environment: dict[str, str]) -> None:
    """A28: a pip shim below a helper is the plain pip, and recursion through authpip comes to an end."""
    assert shell("echo $AUTHPIP_DISABLE $AUTHPIP_DEPTH", environment).stdout == b"1 1\n"
    with pytest.raises(CredentialError, match="would call it again"):
        shell("exit", {**environment, "AUTHPIP_DEPTH": "2"})


@pytest.mark.posix
def test_end_all(environment: dict[str, str], home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupted authpip leaves no helper behind, whichever thread waits for it, and starts no more."""
    monkeypatch.setattr(run, "_closing", False)
    results: list[run.Result] = []
    script = f"echo $$ > {home}/pid; exec sleep 600"
    thread = threading.Thread(target=lambda: results.append(shell(script, environment, seconds=30)))
    thread.start()
    pid = read_pid(home / "pid")
    run.end_all()
    thread.join(5)
    assert not thread.is_alive()
    assert not is_alive(pid)
    assert results[0].returncode == -signal.SIGTERM
    with pytest.raises(CredentialError, match="interrupted"):
        shell("exit", environment)


TRACEBACK = """Traceback (most recent call last):
  File "/usr/lib/x.py", line 3, in <module>
    token()
    ~~~~~^^
requests.exceptions.ConnectionError: refused

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/usr/lib/y.py", line 3, in <module>
    raise
"""


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("", ""),
        ("\n \n", ""),
        ("WARNING: preview\nERROR: Please run 'az login'\n", "ERROR: Please run 'az login'"),
        ("ERROR: not logged in\nPlease run:\n\n  $ gcloud auth login\n", "ERROR: not logged in"),
        (TRACEBACK, "requests.exceptions.ConnectionError: refused"),
        ("\x1b[31mred\x1b[0m \x1b]0;title\x07bell\x07\x00", "red bell"),
        ("10 %\r50 %\rdone\r\n", "done"),
        ("a\u202egnp.exe", "a gnp.exe"),
        ("\ufefferror: x", "error: x"),
        ("error: \u0378\ue000\ufffd\u200b.", "error:     ."),
        ("x" * 1000, "…"),
        ("word " * 100, ("word " * 100)[:299] + "…"),
        ("error at https://u:p@h/x", "error at https://****@h/x"),
        ("error: ya29." + "a" * 80 + " rejected", "error: … rejected"),
    ],
)
def test_complaint(said: str, shown: str) -> None:
    """F13, A30: what is passed on is one clean line, no traceback, nothing that may be a token."""
    assert complaint(said) == shown
