"""A file is checked after it was read, and may be gone by then."""

from __future__ import annotations

from pathlib import Path

import pytest

from authpip.files import trusted

pytestmark = pytest.mark.posix


def test_a_file_that_is_replaced_while_it_is_checked(tmp_path: Path) -> None:
    """Kubernetes replaces the directory of a mounted secret: authpip asks to try again, and raises nothing."""
    directory = tmp_path / "..2026"
    directory.mkdir()
    (directory / "token").write_text("s3cr3t")
    (directory / "token").chmod(0o600)
    (tmp_path / "token").symlink_to(directory / "token")
    file = trusted.read(str(tmp_path / "token"))
    assert file is not None
    assert trusted.unfit_for_secrets(file) is None
    (directory / "token").unlink()
    directory.rmdir()
    refusal = trusted.unfit_for_secrets(file)
    assert refusal is not None
    assert refusal.remedy == "try again"
