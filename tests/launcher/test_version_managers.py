"""The pip behind a version manager's script, where PATH is not as usual."""

from __future__ import annotations

from pathlib import Path

import pytest

from authpip.launcher import which_pip
from authpip.launcher.version_managers import see_through

pytestmark = [pytest.mark.real, pytest.mark.posix]


def executable(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_a_script_that_is_not_on_path(environment: dict[str, str], tmp_path: Path) -> None:
    """pyenv's "system" leads to authpip's shim: the pip behind it is found though PATH lacks the script's directory."""
    shim = executable(tmp_path / "shims" / "pip", "#!/bin/sh\n# authpip-shim\n")
    pyenv = executable(tmp_path / "pyenv", f"#!/bin/sh\necho '{shim}'\n")
    script = executable(tmp_path / "versions" / "pip", f'#!/bin/sh\nexec "{pyenv}" exec "$program" "$@"\n')
    pip = executable(tmp_path / "bin" / "pip", "#!/usr/bin/python3\n")
    environ = {**environment, "PATH": f"{shim.parent}::{pip.parent}"}
    found = see_through(which_pip.read_script(str(script)), environ)
    assert found.target == (str(pip),)
