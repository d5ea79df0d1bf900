"""Requirements in scripts (PEP 723), dependency groups (PEP 735) and lock files (PEP 751)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

from authpip.core.text_forms import project_name
from authpip.discovery.model import can_be_read_twice

_SCRIPT_START = re.compile(r"# /// [a-zA-Z0-9-]+")
_SCRIPT_END = "# ///"
_LOCK = re.compile(r"pylock\.(?:[^.]+\.)?toml")


def file_url_to_path(url: str) -> str:
    """The path of a file: URL; "" for a file on another machine and for a malformed URL."""
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    try:
        parts = urlsplit(url)
        return url2pathname(parts.path) if parts.netloc in {"", "localhost"} else ""
    except (OSError, ValueError):  # OSError: of url2pathname, for `file:////host/x` (Python 3.14, and Windows)
        return ""


def script_requirements(path: str) -> list[str]:
    """The requirements in a script's metadata; none if they cannot be read."""
    blocks = [content for kind, content in _blocks(_text(path)) if kind == "script"]
    if len(blocks) != 1:
        return []
    lines = blocks[0].splitlines(keepends=True)
    table = _toml("".join(line[2:] if line.startswith("# ") else line[1:] for line in lines))
    return [text for text in _list(table.get("dependencies")) if isinstance(text, str)]


def group_requirements(path: str, group: str) -> list[str]:
    """The requirements of a dependency group in a pyproject.toml, and of the groups that it includes."""
    groups = _load(path).get("dependency-groups")
    if not isinstance(groups, dict):
        return []
    known = {project_name(str(name)): content for name, content in groups.items()}
    return list(_group(known, project_name(group), set()))


def is_lock(name: str) -> bool:
    """True for a name that pip takes for a lock file (PEP 751) and not for a requirements file."""
    path = _without_extras(name)
    return _LOCK.fullmatch(re.split(r"[?#]", path)[0].rpartition("/")[2]) is not None


def lock_urls(name: str, cwd: str) -> list[str]:
    """The URLs in a local lock file, one for each directory on a server: a lock file may hold thousands."""
    found: dict[str, str] = {}
    for package in _list(_load(os.path.join(cwd, _without_extras(name))).get("packages")):
        for file in _files_of(package):
            url = file.get("url")
            if isinstance(url, str) and "path" not in file:
                found.setdefault("/".join(url.split("/")[:4]), url)
    return list(found.values())


def _files_of(package: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(package, dict):
        for file in (package.get("archive"), package.get("sdist"), *_list(package.get("wheels"))):
            if isinstance(file, dict):
                yield file


def _group(groups: Mapping[str, Any], name: str, including: set[str]) -> Iterator[str]:
    if name in including:
        return
    for item in _list(groups.get(name)):
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict) and isinstance(item.get("include-group"), str):
            yield from _group(groups, project_name(item["include-group"]), including | {name})


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """(type, content) of each metadata block: PEP 723's regular expression, read line by line in linear time.

    A block ends with the last `# ///` of the comment lines that follow each other, so those hold one at most.
    """
    together: list[str] = []
    for line in [*text.split("\n"), ""]:
        if line == "#" or line.startswith("# "):
            together.append(line)
            continue
        if _SCRIPT_END in together:
            last = len(together) - 1 - together[::-1].index(_SCRIPT_END)
            starts = (place for place in range(last - 1) if _SCRIPT_START.fullmatch(together[place]))
            if (start := next(starts, None)) is not None:
                yield together[start].removeprefix("# /// "), "\n".join([*together[start + 1 : last], ""])
        together = []


def _without_extras(name: str) -> str:
    """`file.toml[extra]` without the extras, as pip's `^(.+?)\\s*(\\[[^\\]]+\\])$` finds them, in linear time."""
    if not name.endswith("]"):
        return name
    start = name.find("[", max(name.rfind("]", 0, -1) + 1, 1))
    return name[:1] + name[1:start].rstrip() if 0 < start < len(name) - 2 else name


def _load(path: str) -> dict[str, Any]:
    return _toml(_text(path))


def _text(path: str) -> str:
    try:
        if can_be_read_twice(path):
            with open(path, encoding="utf-8") as file:
                return file.read()
    except (OSError, ValueError):
        pass
    return ""


def _toml(text: str) -> dict[str, Any]:
    from authpip.files.toml import loads_or_nothing

    return loads_or_nothing(text)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
