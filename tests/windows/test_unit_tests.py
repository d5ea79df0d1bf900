"""The unit tests, run by CPython for Windows: all but those that are `posix`, or start something (`real`)."""

from __future__ import annotations

import re

import pytest

from support.machine.isolation import ROOT
from support.machine.windows_python import Windows

pytestmark = [pytest.mark.windows, pytest.mark.heavy, pytest.mark.real, pytest.mark.xdist_group("windows")]

WHOLLY_REAL = re.compile(r"^pytestmark = .*pytest\.mark\.real", re.MULTILINE)
# They import what the environment for Windows does not have: msal, socket pairs of Unix.
LEFT_OUT = ("test_msal_oracle.py", "test_broker.py", "test_powershell.py")
SUMMARY = re.compile(r"(\d+) passed")


def unit_tests() -> list[str]:
    """The files that have tests which start nothing, relative to the repository; not those about the repository."""
    others = {"house", "acceptance"}
    files = sorted(path for path in (ROOT / "tests").rglob("test_*.py") if path.parent.name not in others)
    chosen = [path for path in files if path.name not in LEFT_OUT and not WHOLLY_REAL.search(path.read_text("utf-8"))]
    return [str(path.relative_to(ROOT)) for path in chosen]


@pytest.mark.timeout(1000)
def test_unit_tests(wine: Windows) -> None:
    """Not one fails, and most of those that run on Linux run there."""
    words = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=short", "--timeout", "100", "-m"]
    words += ["not real and not heavy and not posix", *unit_tests()]
    done = wine.run(wine.tool, *words, cwd=ROOT, minutes=15)
    assert done.returncode == 0, done.stdout[-6000:]
    passed = SUMMARY.search(done.stdout)
    assert passed is not None
    print(passed.string.splitlines()[-1])  # shown by -rP
    assert int(passed[1]) > 600
