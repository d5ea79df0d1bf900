"""Messages wrap only on a terminal; the spinner appears only on a terminal and only after a while."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pexpect
import pytest
from hypothesis import given
from hypothesis import strategies as st

from authpip.core.console import wrapped

pytestmark = pytest.mark.real

WAIT = """
import time
from authpip.core.console import spinner
with spinner("authpip: getting credentials"): time.sleep({})
"""


@pytest.mark.parametrize(("seconds", "shown"), [(1.5, True), (0.05, False)])
def test_it_shows_after_a_while_on_a_terminal(environment: dict[str, str], seconds: float, shown: bool) -> None:
    """On a terminal a wait of more than 300 ms is shown, a shorter one is not; either way the line is cleared."""
    child = pexpect.spawn(
        sys.executable, ["-c", WAIT.format(seconds)], env={**environment, "TERM": "xterm"}, timeout=20
    )
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert (b"getting credentials" in child.before) is shown
    assert not child.before.strip().endswith(b"credentials")


def test_nothing_is_shown_without_a_terminal(environment: dict[str, str]) -> None:
    """A log of CI gets no spinner, and rich is not even imported."""
    code = WAIT.format(0.5) + "\nimport sys; assert 'rich' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")


def test_the_spinner_names_whom_it_waits_for(environment: dict[str, str]) -> None:
    """trial 5: it says which program it waits for, and since how many seconds."""
    code = WAIT.replace("import spinner", "import spinner, waiting_for").replace(
        "with ", "with waiting_for('gcloud'), "
    )
    child = pexpect.spawn(sys.executable, ["-c", code.format(1.6)], env={**environment, "TERM": "xterm"}, timeout=20)
    child.expect(re.escape("authpip: waiting for gcloud (0 s)"))
    child.expect(re.escape("authpip: waiting for gcloud (1 s)"))
    child.expect(pexpect.EOF)


MESSAGE = "the stored login of alice for https://pypi.corp.example/a/rather/long/path/simple/ cannot be used here"
SAY = f"from authpip.core.console import say; say({MESSAGE!r})"


@pytest.mark.parametrize("columns", [80, 50, 20])
def test_a_message_wraps_at_words_on_a_terminal(environment: dict[str, str], columns: int) -> None:
    """trial 2: no word is cut; a URL that is longer than the line stays whole, so that it can be copied."""
    environ = {name: value for name, value in environment.items() if name != "COLUMNS"}
    for variables in ({}, {"COLUMNS": str(columns)}):
        size = (24, 200 if variables else columns)
        child = pexpect.spawn(sys.executable, ["-c", SAY], env=environ | variables, dimensions=size, timeout=20)
        child.expect(pexpect.EOF)
        lines = child.before.decode().splitlines()
        assert " ".join(" ".join(lines).split()) == f"authpip: {MESSAGE}"
        assert len(lines) > 1
        assert all(len(line) <= columns or len(line.split()) == 1 for line in lines)


def test_a_message_is_one_line_in_a_pipe(environment: dict[str, str]) -> None:
    """Logs and other programs read one line, whatever COLUMNS says."""
    environ = {**environment, "COLUMNS": "40"}
    done = subprocess.run([sys.executable, "-c", SAY], env=environ, capture_output=True, text=True, check=True)
    assert done.stderr == f"authpip: {MESSAGE}{os.linesep}"


@pytest.mark.posix
def test_a_closed_stderr_changes_nothing(environment: dict[str, str]) -> None:
    """`pip install … 2>&-` works as without authpip: Python has no sys.stderr then, and a message is dropped."""
    script = f'"{sys.executable}" -c "{SAY}; print(1)" 2>&-'
    done = subprocess.run(["/bin/sh", "-c", script], env=environment, stdout=subprocess.PIPE, check=False)
    assert (done.returncode, done.stdout) == (0, b"1\n")


@given(st.text(alphabet="ab-/ ", max_size=200), st.integers(0, 60))
def test_wrapping_loses_nothing(text: str, width: int) -> None:
    """The words are the same in the same order, whatever the width."""
    assert wrapped(text, width).split() == text.split()
