"""Start helper programs: gcloud, aws, az, the keyring worker, a user's command. No other module starts one.

A helper runs in its own session (it has no terminal for questions, F11), in the root directory (`python -m` imports
from the working directory first), with an allow-listed environment, and with a deadline that holds even if a
grandchild keeps its output open (F12). Its input and output go through sockets (streams.py).
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import IO, TYPE_CHECKING, NamedTuple

from authpip.core.complaints import complaint, secret_values
from authpip.core.console import waiting_for
from authpip.core.errors import ON_INTERRUPT, CredentialError
from authpip.programs import windows_process
from authpip.programs.environment import DEPTH, child_environment
from authpip.programs.interrupts import held_back
from authpip.programs.streams import Stream, private, public

if TYPE_CHECKING:
    from subprocess import Popen
    from threading import Thread

OUTPUT_LIMIT = 64 * 1024  # bytes; the longest known tokens have 4 KiB
PATIENCE = 5.0  # seconds between SIGTERM and SIGKILL: az corrupts its cache when it is killed hard (F02)
_STRAGGLER = 0.2  # seconds for the rest of the output once the helper itself has ended
_TICK = 0.02  # seconds between two looks at a helper
_DEEPEST = 2
_running: set[Popen[bytes]] = set()
_jobs: dict[Popen[bytes], windows_process.Job] = {}  # Windows: a helper with all that it started
_closing = False


class DeadlineError(CredentialError):
    """A helper gave no answer in time; it has been ended."""


class Result(NamedTuple):
    """How a helper ended.

    stdout: it may be a token and is never shown. stderr: one redacted line, at most 300 characters. transcript: all of
    stderr (the last 64 KiB), to recognise known errors in it, and never shown.
    """

    returncode: int
    stdout: bytes
    stderr: str
    transcript: str = ""

    def __repr__(self) -> str:
        return f"Result({self.returncode}, <{len(self.stdout)} bytes>, {self.stderr!r})"


def run(
    argv: Sequence[str],
    environ: Mapping[str, str],
    *,
    deadline: float,
    input: bytes = b"",  # noqa: A002 (subprocess's word for it)
    input_is_public: bool = False,
    extra: Mapping[str, str] = {},
    patience: float | None = None,
    whom: str = "",
) -> Result:
    """Run a program to its end. argv[0] is an absolute path (of `find_program`); deadline: time.monotonic().

    input: its stdin; empty: /dev/null. input_is_public: the input holds no secret, so a pipe may carry it. extra:
    variables beside the allow-list. patience: as in `end`. whom: the name that the spinner shows (left out: the
    program's). Raises DeadlineError; CredentialError if it cannot be started or prints more than 64 KiB.
    """
    started = time.monotonic()
    variables = child_environment(environ, extra)
    with held_back():
        child = _start(argv, variables, private() if input and not input_is_public else public(bool(input)))
        _running.add(child)
    try:
        out, err = _Reader(child.stdout), _Reader(child.stderr)
        _feed(child, input)
        with waiting_for(whom or os.path.basename(argv[0])):
            code = _wait(child, (out, err), deadline)
    except BaseException:
        end(child, patience)
        raise
    finally:
        _running.discard(child)
    name = os.path.basename(argv[0])
    if out.overflow:
        end(child, patience)
        raise CredentialError(
            f"{name} printed more than {OUTPUT_LIMIT // 1024} KiB", "no credential is so long", f"run {argv[0]} by hand"
        )
    if code is None:
        end(child, patience)
        raise DeadlineError(f"{name} gave no answer", f"ended after {time.monotonic() - started:.0f} s")
    text = bytes(err.data).decode("utf-8", "replace")
    return Result(code, bytes(out.data), complaint(text, secret_values(variables)), text)


def end(child: Popen[bytes], patience: float | None = None) -> None:
    """End a helper and all that it started: SIGTERM (on Windows ^Break), `patience` seconds, then SIGKILL."""
    _signal(child, "SIGTERM")
    _has_ended(child, PATIENCE if patience is None else patience)
    _signal(child, "SIGKILL")
    child.wait()


def end_all() -> None:
    """After ^C: end the helpers of all threads, and start no further helper."""
    global _closing
    _closing = True
    for child in tuple(_running):
        _signal(child, "SIGTERM")
    for child in tuple(_running):
        end(child)


ON_INTERRUPT.append(end_all)  # helpers have sessions of their own, so ^C does not reach them


def _start(argv: Sequence[str], environ: Mapping[str, str], for_input: AbstractContextManager[Stream]) -> Popen[bytes]:
    from subprocess import PIPE, Popen

    name = os.path.basename(argv[0])
    if not os.path.isabs(argv[0]):
        raise CredentialError(f"{name} is not started", "its path is not absolute")
    if _closing:
        raise CredentialError(f"{name} is not started", "authpip was interrupted")
    if refused := windows_process.refused_argument(argv):
        raise CredentialError(f"{name} is not started", refused, "write the rule or the URL without it")
    if int(environ[DEPTH]) > _DEEPEST:
        raise CredentialError(f"{name} is not started", "a helper called authpip, which would call it again")
    try:
        with for_input as stdin, private() as stdout:
            child = Popen(
                argv,
                env=environ,
                cwd=os.path.abspath(os.sep),
                stdin=stdin.its,
                stdout=stdout.its,
                stderr=PIPE,
                start_new_session=True,
                creationflags=windows_process.OWN_GROUP,
                bufsize=0,
            )
        child.stdin, child.stdout = stdin.file("wb", child.stdin), stdout.file("rb", child.stdout)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "an argument has a NUL character in it"
        raise CredentialError(f"{name} could not be started", why, f"run {argv[0]} by hand") from None
    if sys.platform == "win32":
        _jobs[child] = windows_process.Job(child)
    return child


class _Reader:
    """Collects one output of a helper in a thread, which may still wait for more when the deadline has come."""

    def __init__(self, pipe: IO[bytes] | None) -> None:
        self.data = bytearray()
        self.overflow = False
        self.thread = _thread(self._read, pipe)

    def _read(self, pipe: IO[bytes]) -> None:
        with pipe:
            while chunk := pipe.read(OUTPUT_LIMIT):
                self.data += chunk
                if len(self.data) > OUTPUT_LIMIT:
                    self.overflow = True
                    del self.data[:-OUTPUT_LIMIT]


def _feed(child: Popen[bytes], data: bytes) -> None:
    def write(pipe: IO[bytes]) -> None:
        try:
            with pipe:
                left = memoryview(data)
                while left:
                    left = left[pipe.write(left) :]
        except OSError:
            pass  # the helper closed its stdin early; its answer tells why

    if child.stdin is not None:
        _thread(write, child.stdin)


def _thread(job: object, pipe: IO[bytes] | None) -> Thread:
    from threading import Thread

    thread = Thread(target=job, args=(pipe,), daemon=True)  # type: ignore[arg-type]
    thread.start()
    return thread


def _wait(child: Popen[bytes], readers: tuple[_Reader, _Reader], deadline: float) -> int | None:
    """The exit status; None if the deadline came first, or if the helper printed too much."""
    ended_at = None
    while time.monotonic() < deadline and not readers[0].overflow:
        for reader in readers:
            reader.thread.join(_TICK)
        reading = any(reader.thread.is_alive() for reader in readers)
        if not _has_ended(child, 0 if reading else _TICK):
            continue
        ended_at = ended_at or time.monotonic()
        if not reading or time.monotonic() - ended_at > _STRAGGLER:
            break
    return child.poll()


def _has_ended(child: Popen[bytes], timeout: float) -> bool:
    from subprocess import TimeoutExpired

    try:
        child.wait(timeout)
    except TimeoutExpired:
        return False
    return True


def _signal(child: Popen[bytes], name: str) -> None:
    try:
        if sys.platform == "win32":
            _jobs[child].end() if name == "SIGKILL" else os.kill(child.pid, signal.CTRL_BREAK_EVENT)
        else:
            os.killpg(child.pid, getattr(signal, name))
    except OSError:
        pass  # it has ended already
