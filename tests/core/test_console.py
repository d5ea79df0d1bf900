"""The spinner: a sign of life for a person who waits, and nothing for anybody else."""

from __future__ import annotations

import subprocess
import sys

import pexpect
import pytest

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
