"""What pip's configuration files and PIP_* variables say, in pip's order of precedence.

See pip's user guide, "Configuration": global, user, site, PIP_CONFIG_FILE, environment; within these the
section [global], then the command's own.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from authpip.discovery.ini import Entry, MalformedINI, read_ini

_NAME = "pip.ini" if sys.platform == "win32" else "pip.conf"
_VARIABLES = ":env:"


class Setting(NamedTuple):
    """One value that is not empty. key: an option's long name without dashes. origin: "FILE:LINE" or "PIP_…"."""

    key: str
    value: str
    origin: str


def read_settings(
    command: str, environ: Mapping[str, str], *, prefix: str, cwd: str, isolated: bool
) -> Iterator[Setting]:
    """Every setting that this command sees; a later one overrides an earlier one of the same option.

    prefix: sys.prefix of pip's interpreter. isolated: pip's --isolated, which leaves out the user's file and
    the variables. Unreadable and malformed files count as empty: pip stops at those, and says so.
    """
    layers: dict[str, list[tuple[str, Setting]]] = {}
    for path in config_files(environ, prefix=prefix, cwd=cwd, isolated=isolated):
        layers[path] = [(entry.section, _setting(entry, path)) for entry in _read(os.path.join(cwd, path))]
    if not isolated:
        layers[_VARIABLES] = [(_VARIABLES, setting) for setting in variables(environ)]
    order = ("global", command, _VARIABLES)
    merged: dict[str, dict[str, Setting]] = {section: {} for section in order}
    for layer in layers.values():
        for section, setting in layer:
            if section in merged:
                merged[section][setting.key] = setting
    return (setting for section in order for setting in merged[section].values() if setting.value)


def variables(environ: Mapping[str, str]) -> Iterator[Setting]:
    """The PIP_* variables as settings, in the environment's own order, which decides between two of one option."""
    for name, value in environ.items():
        if name.startswith("PIP_") and name[4:].lower() not in {"version", "help"}:
            yield Setting(normal_key(name[4:]), value, name)


def normal_key(name: str) -> str:
    """The long option that a key of a file or the rest of a variable's name stands for, without dashes."""
    return name.lower().replace("_", "-").removeprefix("--")


def config_files(environ: Mapping[str, str], *, prefix: str, cwd: str, isolated: bool) -> list[str]:
    """The files pip would read, the least important first; they need not exist."""
    from authpip.discovery.locations import legacy_user_dir, site_dirs, user_dir

    own = environ.get("PIP_CONFIG_FILE")
    if own == os.devnull:
        return []
    files = [os.path.join(directory, _NAME) for directory in site_dirs(environ)]
    if not isolated and not (own and os.path.exists(os.path.join(cwd, own))):
        files += [os.path.join(directory, _NAME) for directory in (legacy_user_dir(environ), user_dir(environ))]
    files.append(os.path.join(prefix, _NAME))
    return [*files, own] if own is not None else files


def _setting(entry: Entry, path: str) -> Setting:
    return Setting(normal_key(entry.key), entry.value, f"{path}:{entry.line}")


def _read(path: str) -> list[Entry]:
    try:
        with open(path, encoding="utf-8" if sys.flags.utf8_mode else None) as file:
            return read_ini(file.read())
    except (OSError, ValueError, MalformedINI):  # ValueError: not text in this encoding, or a NUL in the path
        return []
