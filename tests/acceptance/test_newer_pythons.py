"""Pythons that this machine does not have, from Debian: behind authpip, and as its own interpreter."""

from __future__ import annotations

import pytest

from support.machine import debian_sid

PATHS = (
    "tests/acceptance/test_start_up_code.py",
    "tests/activation/test_environments.py",
    "tests/inside_pip/test_imports.py",
    "tests/inside_pip/test_matrix.py",
)


@pytest.mark.heavy
@pytest.mark.real
@pytest.mark.timeout(900)
@pytest.mark.parametrize("version", debian_sid.VERSIONS)
def test_on_a_newer_python(version: str) -> None:
    """A19, A20, P4: what runs before, beside and after the handoff, nested pips, and enabled environments. Python 3.15
    reads start-up files in another way (PEP 829)."""
    done = debian_sid.run_tests(version, PATHS)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
