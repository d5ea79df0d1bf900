"""The settings in pip's configuration files and PIP_* variables, in pip's order of precedence.

See pip's user guide, "Configuration": global, user, site, PIP_CONFIG_FILE, environment; within these the
section [global], then the command's own.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping

from authpip.discovery.model import Context, Setting, can_be_read_twice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authpip.discovery.ini import Entry

_NAME = "pip.ini" if sys.platform == "win32" else "pip.conf"
_SYSTEM = "/etc"
_VARIABLES = ":env:"


def read_settings(command: str, where: Context, *, isolated: bool) -> Iterator[Setting]:
    """Every setting that this command sees; a later one overrides an earlier one of the same option.

    isolated: pip's --isolated, which leaves out the user's file and the variables. An unreadable or malformed file
    counts as empty: pip reports it and stops.
    """
    layers: dict[str, list[tuple[str, Setting]]] = {}
    for path in config_files(where.environ, prefix=where.prefix, cwd=where.cwd, isolated=isolated):
        layers[path] = [(entry.section, _setting(entry, path)) for entry in _read(os.path.join(where.cwd, path))]
    if not isolated:
        layers[_VARIABLES] = [(_VARIABLES, setting) for setting in variables(where.environ)]
    order = ("global", command, _VARIABLES)
    merged: dict[str, dict[str, Setting]] = {section: {} for section in order}
    for layer in layers.values():
        for section, setting in layer:
            if section in merged:
                merged[section][setting.key] = setting
    return (setting for section in order for setting in merged[section].values() if setting.value)


def variables(environ: Mapping[str, str]) -> Iterator[Setting]:
    """The PIP_* variables as settings, in the environment's order: the last of two for one option counts."""
    for name, value in environ.items():
        if name.startswith("PIP_") and name[4:].lower() not in {"version", "help"}:
            yield Setting(normal_key(name[4:]), value, name)


def normal_key(name: str) -> str:
    """The long option that a key of a file or the rest of a variable's name stands for, without dashes."""
    return name.lower().replace("_", "-").removeprefix("--")


def config_files(environ: Mapping[str, str], *, prefix: str, cwd: str, isolated: bool) -> list[str]:
    """The files pip would read, the least important first; they need not exist."""
    own = environ.get("PIP_CONFIG_FILE")
    if own == os.devnull:
        return []
    files = [os.path.join(directory, _NAME) for directory in _site_dirs(environ)]
    if not isolated and not (own and os.path.exists(os.path.join(cwd, own))):
        files += [os.path.join(directory, _NAME) for directory in (_legacy_user_dir(environ), _user_dir(environ))]
    files.append(os.path.join(prefix, _NAME))
    return [*files, own] if own is not None else files


def _setting(entry: Entry, path: str) -> Setting:
    return Setting(normal_key(entry.key), entry.value, f"{path}:{entry.line}")


def _read(path: str) -> list[Entry]:
    if not can_be_read_twice(path):
        return []
    try:
        with open(path, encoding="utf-8" if sys.flags.utf8_mode else None) as file:
            text = file.read()
        if not text.strip():
            return []
        from authpip.discovery.ini import read_ini

        return read_ini(text)
    except (OSError, ValueError):  # ValueError: malformed, not text in this encoding, or a NUL in the path
        return []


def _site_dirs(environ: Mapping[str, str]) -> list[str]:
    """The system's directories, in the order pip reads them."""
    if sys.platform == "win32":
        from platformdirs import site_config_dir

        return [site_config_dir("pip", appauthor=False)]
    if sys.platform == "darwin":
        roots = _absolute(environ.get("XDG_DATA_DIRS", "").split(os.pathsep)) or [
            *_homebrew(),
            "/Library/Application Support",
        ]
        return [os.path.join(root, "pip") for root in roots]
    roots = _absolute(environ.get("XDG_CONFIG_DIRS", "").split(os.pathsep)) or ["/etc/xdg"]
    return [*(os.path.join(root, "pip") for root in roots), _SYSTEM]


def _user_dir(environ: Mapping[str, str]) -> str:
    """The user's configuration directory."""
    if sys.platform == "win32":
        from platformdirs import user_config_dir

        return user_config_dir("pip", appauthor=False, roaming=True)
    if sys.platform == "darwin":
        roots = _absolute([environ.get("XDG_DATA_HOME", "")]) or ["~/Library/Application Support"]
        data = expand_user(os.path.join(roots[0], "pip"), environ)
        return data if os.path.isdir(data) else expand_user("~/.config/pip", environ)
    roots = _absolute([environ.get("XDG_CONFIG_HOME", "")]) or ["~/.config"]
    return expand_user(os.path.join(roots[0], "pip"), environ)


def _legacy_user_dir(environ: Mapping[str, str]) -> str:
    """The directory of the user's file before pip 6; pip still reads it."""
    return os.path.join(expand_user("~", environ), "pip" if sys.platform == "win32" else ".pip")


def expand_user(path: str, environ: Mapping[str, str]) -> str:
    """os.path.expanduser, by the HOME of this environment."""
    home = environ.get("HOME")
    if home is not None and sys.platform != "win32" and (path == "~" or path.startswith("~/")):
        return (home.rstrip("/") + path[1:]) or "/"
    return os.path.expanduser(path)


def _absolute(roots: list[str]) -> list[str]:
    """The absolute directories: the XDG specification ignores relative ones."""
    return [root.strip() for root in roots if os.path.isabs(root.strip())]


def _homebrew() -> list[str]:
    return ["/opt/homebrew/share"] if sys.base_prefix.startswith("/opt/homebrew") else []
