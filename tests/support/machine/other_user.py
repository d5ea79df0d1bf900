"""Another user than the one who runs the tests."""

from __future__ import annotations

import os
from pathlib import Path

NOBODY = 54321
"""An ordinary user, for tests that root runs as somebody else; no account has this number."""


def give_away(directory: Path, uid: int) -> None:
    """Let another user write below a directory: its directories become his, and so do files nobody else links to."""
    for root, _, names in os.walk(directory):
        os.chown(root, uid, uid)
        for name in names:
            path = Path(root, name)
            if path.lstat().st_nlink == 1:
                os.chown(path, uid, uid, follow_symlinks=False)
