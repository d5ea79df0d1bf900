"""Pipes that a project puts in the place of its files."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from authpip.cli.tools.project_files import read_toml


@pytest.mark.parametrize("name", ["pyproject.toml", "uv.toml", "poetry.toml"])
@pytest.mark.posix
def test_a_pipe_is_not_waited_for(tmp_path: Path, name: str) -> None:
    """P11, audit 14: `auth exec -- uv` does not wait for ever where a project's file is a FIFO."""
    os.mkfifo(tmp_path / name)
    found: list[object] = []
    reader = threading.Thread(target=lambda: found.append(read_toml(str(tmp_path / name))), daemon=True)
    reader.start()
    reader.join(20)
    assert found == [{}]
