"""Wine's Windows, once for all tests of this folder."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.machine.isolation import GUARD, clean_environment
from support.machine.windows_python import Windows, windows


@pytest.fixture(scope="session")
def prefix() -> Iterator[Windows]:
    """One Windows for the whole run; what tests leave in the user's profile is removed by `wine`."""
    base = Path(tempfile.mkdtemp(prefix="ap-wine-", dir="/tmp"))
    active, GUARD.active = GUARD.active, False
    try:
        with windows(clean_environment(base)) as machine:
            yield machine
    finally:
        GUARD.active = active
        shutil.rmtree(base, ignore_errors=True)


@pytest.fixture
def wine(prefix: Windows) -> Windows:
    """Windows with nothing of authpip's in the user's profile."""
    own = [prefix.host(rf"C:\users\{user.name}\AppData\Local\authpip") for user in prefix.host(r"C:\users").iterdir()]
    for directory in [*own, prefix.host(r"C:\ProgramData\authpip"), prefix.host(r"C:\work")]:
        shutil.rmtree(directory, ignore_errors=True)
    prefix.host(r"C:\work").mkdir()
    return prefix
