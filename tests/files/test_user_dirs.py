"""authpip's directories: platformdirs' own answer, and never a place that a project could choose."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from authpip.files import user_dirs

pytestmark = pytest.mark.real

ASK = """
import json, platformdirs
kinds = ("user_config_dir", "user_data_dir", "user_cache_dir", "user_state_dir")
print(json.dumps([getattr(platformdirs, kind)("authpip", appauthor=False) for kind in kinds]))
"""


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {
            "XDG_CONFIG_HOME": "/x/config",
            "XDG_DATA_HOME": "/x/data",
            "XDG_CACHE_HOME": "/x/cache",
            "XDG_STATE_HOME": "/x/state",
        },
        {"XDG_CONFIG_HOME": "", "XDG_DATA_HOME": "", "XDG_CACHE_HOME": ""},
    ],
)
def test_the_directories_are_platformdirs(home: Path, variables: dict[str, str]) -> None:
    """What is computed by hand for speed is what the library says, for each setting of the XDG variables."""
    environ = {"HOME": str(home), **variables}
    done = subprocess.run([sys.executable, "-c", ASK], env=environ, capture_output=True, text=True, check=True)
    kinds = (user_dirs.config_dir, user_dirs.data_dir, user_dirs.cache_dir, user_dirs.state_dir)
    assert [kind(environ) for kind in kinds] == json.loads(done.stdout)


@pytest.mark.parametrize("relative", [".", "project", "../up", "./.config"])
def test_a_relative_directory_is_ignored(home: Path, relative: str) -> None:
    """P6: a relative XDG variable would lead into the working directory; the specification says to ignore it."""
    environ = {"HOME": str(home), "XDG_CONFIG_HOME": relative, "XDG_DATA_HOME": relative, "XDG_CONFIG_DIRS": relative}
    assert user_dirs.config_dir(environ) == str(home / ".config/authpip")
    assert user_dirs.data_dir(environ) == str(home / ".local/share/authpip")
    assert user_dirs.site_config_dirs(environ) == []
    assert os.path.isabs(user_dirs.home({"HOME": relative}))
    assert os.path.isabs(user_dirs.home({}))
