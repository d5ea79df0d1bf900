"""The directories of authpip's own files: platformdirs' answer, computed here on Linux.

Importing platformdirs takes 14 ms, a third of the time that authpip may add to an install, so this module applies the
XDG rules itself on Linux; a test compares it with platformdirs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

APP = "authpip"
SITE = "/etc/xdg"  # on Linux; tests set another directory
_XDG = {
    "config": ("XDG_CONFIG_HOME", ".config"),
    "data": ("XDG_DATA_HOME", ".local/share"),
    "cache": ("XDG_CACHE_HOME", ".cache"),
    "state": ("XDG_STATE_HOME", ".local/state"),
}


def config_dir(environ: Mapping[str, str]) -> str:
    """The user's configuration directory; config.toml is in it."""
    return _user_dir("config", environ)


def data_dir(environ: Mapping[str, str]) -> str:
    """The user's data directory; the list of logins is in it."""
    return _user_dir("data", environ)


def cache_dir(environ: Mapping[str, str]) -> str:
    """The user's cache directory: locks, and facts about cached tokens; no secrets."""
    return _user_dir("cache", environ)


def state_dir(environ: Mapping[str, str]) -> str:
    """The user's state directory; the list of enabled environments is in it."""
    return _user_dir("state", environ)


def site_config_dirs(environ: Mapping[str, str]) -> list[str]:
    """The site's configuration directories, the most important first."""
    if sys.platform == "linux":
        roots = environ.get("XDG_CONFIG_DIRS", "").strip() or SITE
        return [os.path.join(root, APP) for root in roots.split(os.pathsep) if os.path.isabs(root)]
    from platformdirs import site_config_path

    return [str(site_config_path(APP, appauthor=False))]


def fixed_site_config_dir() -> str:
    """The site's configuration directory that no variable can change."""
    return site_config_dirs({})[0]


def _user_dir(kind: str, environ: Mapping[str, str]) -> str:
    if sys.platform == "linux":
        variable, below_home = _XDG[kind]
        root = environ.get(variable, "").strip()
        if not os.path.isabs(root):  # the specification ignores relative paths, which could lead into a project (P6)
            root = os.path.join(home(environ), below_home)
        return os.path.join(root, APP)
    import platformdirs

    return str(getattr(platformdirs, f"user_{kind}_path")(APP, appauthor=False))


def working_directory() -> str:
    """The working directory; if it was deleted or cannot be read, a directory that does not exist."""
    try:
        return os.getcwd()
    except OSError:
        return os.path.join(os.sep, "nonexistent")


def home(environ: Mapping[str, str]) -> str:
    """The user's home directory, from HOME or else from the password database; never the working directory."""
    named = environ.get("HOME", "")
    if os.path.isabs(named):
        return named
    if sys.platform == "win32":
        return os.path.expanduser("~")
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:  # a container's user without an entry in /etc/passwd (F08)
        return os.path.join(os.sep, "nonexistent")
