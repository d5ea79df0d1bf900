"""A file is written completely or not at all; what the file system refuses beside that does not matter."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from authpip.files import atomic


def test_a_file_system_without_fsync_of_directories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F07: the file is there with its content, so that a refused flush of its directory is no failure."""
    flush = os.fsync

    def refusing(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", refusing)
    atomic.write(tmp_path / "file", b"content", mode=0o600)
    assert (tmp_path / "file").read_bytes() == b"content"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_disk_that_is_full_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F07: what was there before stays, nothing is left beside it, and the error names the file."""

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "file").write_bytes(b"before")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left") as raised:
        atomic.write(tmp_path / "file", b"after", mode=0o600)
    assert raised.value.filename == str(tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == b"before"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
