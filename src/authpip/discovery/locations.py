"""The directories where pip looks for its configuration, on each platform (pip's vendored platformdirs)."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping


def site_dirs(environ: Mapping[str, str]) -> list[str]:
    """The system's directories, in the order pip reads them."""
    if sys.platform == "win32":
        from platformdirs import site_config_dir

        return [site_config_dir("pip", appauthor=False)]
    if sys.platform == "darwin":
        return [*_homebrew(), "/Library/Application Support/pip"]
    roots = [root.strip() for root in environ.get("XDG_CONFIG_DIRS", "").split(os.pathsep)]
    roots = [root for root in roots if os.path.isabs(root)] or ["/etc/xdg"]
    return [*(os.path.join(root, "pip") for root in roots), "/etc"]


def user_dir(environ: Mapping[str, str]) -> str:
    """The user's configuration directory."""
    if sys.platform == "win32":
        from platformdirs import user_config_dir

        return user_config_dir("pip", appauthor=False, roaming=True)
    if sys.platform == "darwin":
        library = expand_user("~/Library/Application Support/pip", environ)
        return library if os.path.isdir(library) else expand_user("~/.config/pip", environ)
    root = environ.get("XDG_CONFIG_HOME", "").strip()
    return os.path.join(root if os.path.isabs(root) else expand_user("~/.config", environ), "pip")


def legacy_user_dir(environ: Mapping[str, str]) -> str:
    """Where pip before 6 kept the user's file, which is read still."""
    return os.path.join(expand_user("~", environ), "pip" if sys.platform == "win32" else ".pip")


def expand_user(path: str, environ: Mapping[str, str]) -> str:
    """os.path.expanduser, by the HOME of this environment."""
    home = environ.get("HOME")
    if home is not None and sys.platform != "win32" and (path == "~" or path.startswith("~/")):
        return (home.rstrip("/") + path[1:]) or "/"
    return os.path.expanduser(path)


def _homebrew() -> list[str]:
    return ["/opt/homebrew/share/pip"] if sys.base_prefix.startswith("/opt/homebrew") else []
