"""The names and URLs of indexes in a project's files; nothing else is read from them (P6).

All files count, not only the nearest: a tool gives a credential to a name, so each URL with that name matters.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from authpip.discovery.model import Configured

Named = list[tuple[str, Configured]]
"""(name, URL) pairs; one name may stand for several URLs."""


def documents(directory: str, *names: str) -> Iterator[dict[str, Any]]:
    """The TOML files of these names in a directory and all above it, the nearest first."""
    while True:
        for name in names:
            if data := read_toml(os.path.join(directory, name)):
                yield data
        if directory == (directory := os.path.dirname(directory)):
            return


def read_toml(path: str) -> dict[str, Any]:
    """A TOML file; {} if it is missing or cannot be read, which its own tool reports."""
    from authpip.files import trusted
    from authpip.files.toml import loads_or_nothing

    try:
        file = trusted.read(path)  # never waits for a pipe that a project put there
    except (OSError, ValueError):
        return {}
    return loads_or_nothing(file.text) if file else {}


def value(data: Any, *path: str) -> Any:
    """The value at a path of keys in a TOML document; None if there is none."""
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def rows(data: Mapping[str, Any], *path: str) -> list[dict[str, Any]]:
    """The list of tables at a path of keys. A table of tables, as in poetry, becomes a list with the keys as names."""
    found = value(data, *path)
    if isinstance(found, dict):
        found = [{**entry, "name": name} for name, entry in found.items() if isinstance(entry, dict)]
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def named(data: Mapping[str, Any], *path: str, url: str = "url") -> Named:
    """(name, URL) of the tables at a path that have both. url: the key of the URL."""
    return [
        (row["name"], Configured(row[url], f"{'.'.join(path)} {row['name']}"))
        for row in rows(data, *path)
        if isinstance(row.get("name"), str) and isinstance(row.get(url), str)
    ]


def config_home(environ: Mapping[str, str]) -> str:
    """The user's configuration directory, as uv and poetry find it on Linux."""
    from authpip.files import user_dirs

    return environ.get("XDG_CONFIG_HOME") or os.path.join(user_dirs.home(environ), ".config")
