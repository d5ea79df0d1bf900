"""Tests that start a program or a server have the marker `real`, so that the others are quick to run."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
STARTS = re.compile(
    r"^(?:from support\.(?:programs|servers)\b|import subprocess\b|from subprocess\b)"
    r"|\b(?:index_server|serve|venv|shared_venv): ",
    re.MULTILINE,
)


def test_what_starts_something_says_so() -> None:
    """A test file that imports what starts programs or servers, or asks for a fixture that does, has the marker."""
    files = [(path, path.read_text("utf-8")) for path in sorted(TESTS.rglob("test_*.py"))]
    assert len(files) > 80
    unmarked = [path.name for path, text in files if STARTS.search(text) and "pytest.mark.real" not in text]
    assert unmarked == []
