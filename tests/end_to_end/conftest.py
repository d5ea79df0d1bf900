"""What the acceptance tests share: an environment with the wheel under test in it, and who runs it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from support import pip_venvs
from support.pip_venvs import PipVenv

NOBODY = 54321
"""An ordinary user, for tests that root runs as somebody else; no account has this number."""


@pytest.fixture
def venv(environment: dict[str, str]) -> Callable[..., PipVenv]:
    """venv(python, pip): a fresh environment with that pip and the wheel under test in it."""
    base = Path(environment["HOME"]).parent

    def make(python: str = "", pip: str = "26.3", *, authpip: bool = True) -> PipVenv:
        return pip_venvs.make(base / f"venv-{pip}", python, pip, authpip=authpip)

    return make


def corp(url: str, username: str, password: str, *, name: str = "CORP") -> dict[str, str]:
    """The variables of one index rule, as a CI job would have them."""
    prefix = f"AUTHPIP_INDEX_{name}_"
    return {f"{prefix}URL": url, f"{prefix}USERNAME": username, f"{prefix}PASSWORD": password}


def give_away(directory: Path, uid: int) -> None:
    """Let another user write below a directory: its directories become his, and so do files nobody else links to."""
    for root, _, names in os.walk(directory):
        os.chown(root, uid, uid)
        for name in names:
            path = Path(root, name)
            if path.lstat().st_nlink == 1:
                os.chown(path, uid, uid, follow_symlinks=False)
