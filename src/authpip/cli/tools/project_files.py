"""Where a project's files say that indexes are. They are read for names and URLs alone (P6).

All of them, not the nearest alone: a tool binds a credential to a name, so each URL that goes by a name counts.
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
    """A TOML file; {} where it is missing or cannot be read, which is for its own tool to say."""
    from authpip.files import trusted
    from authpip.files.toml import loads_or_nothing

    try:
        file = trusted.read(path)  # never waits for a pipe that a project put there
    except (OSError, ValueError):
        return {}
    return loads_or_nothing(file.text) if file else {}


def value(data: Any, *path: str) -> Any:
    """What stands somewhere in a TOML document; None where nothing does."""
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def rows(data: Mapping[str, Any], *path: str) -> list[dict[str, Any]]:
    """A list of tables somewhere in a document; a table of tables, as poetry has it, with their keys as names."""
    found = value(data, *path)
    if isinstance(found, dict):
        found = [{**entry, "name": name} for name, entry in found.items() if isinstance(entry, dict)]
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def named(data: Mapping[str, Any], *path: str, url: str = "url") -> Named:
    """The pairs of such tables that have a name and a URL."""
    return [
        (row["name"], Configured(row[url], f"{'.'.join(path)} {row['name']}"))
        for row in rows(data, *path)
        if isinstance(row.get("name"), str) and isinstance(row.get(url), str)
    ]


def config_home(environ: Mapping[str, str]) -> str:
    """The user's configuration directory, as uv and poetry find it on Linux."""
    from authpip.files import user_dirs

    return environ.get("XDG_CONFIG_HOME") or os.path.join(user_dirs.home(environ), ".config")
