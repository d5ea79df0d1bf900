"""Other tools' files without one of their secrets; everything else stays as it was written."""

from __future__ import annotations

import re

_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|\S+')
_PAIRS = {"login", "user", "account", "password"}


def without_machine(text: str, host: str) -> str:
    """A .netrc without the entries of a host."""
    tokens = [(match.start(), match.end(), match[0].strip('"')) for match in _TOKEN.finditer(text)]
    gone: list[tuple[int, int]] = []
    for place, (start, _, word) in enumerate(tokens[:-1]):
        if word == "machine" and tokens[place + 1][2] == host:
            last = place + 1
            while last + 2 < len(tokens) and tokens[last + 1][2] in _PAIRS:
                last += 2
            gone.append((start, tokens[last][1]))
    for start, end in reversed(gone):
        text = text[:start] + text[end:].lstrip(" \t").removeprefix("\n")
    return text


def without_password(text: str, section: str) -> str:
    """A .pypirc without the password of a section, nor what continues it on further lines."""
    kept: list[str] = []
    inside = dropping = False
    for line in text.splitlines(keepends=True):
        if header := re.match(r"\[([^\]]+)\]", line):
            inside = header[1] == section
        dropping = inside and (
            re.match(r"password\s*[:=]", line, re.IGNORECASE) is not None or (dropping and line[:1] in " \t")
        )
        if not dropping:
            kept.append(line)
    return "".join(kept)


def without_entry(text: str, host: str) -> str:
    """A credentials.json without the entry of a host."""
    import json

    entries = json.loads(text)
    entries.pop(host, None)
    return json.dumps(entries, indent=2, ensure_ascii=False) + "\n"


def without_userinfo(text: str, url: str) -> str:
    """A pip.conf in which a URL has its user name still, and no password."""
    start = url.index("://") + 3
    userinfo = url[start : url.rindex("@", 0, _end_of_authority(url, start))]
    return text.replace(url, url.replace(userinfo, userinfo.partition(":")[0], 1))


def _end_of_authority(url: str, start: int) -> int:
    return min((place for mark in "/?#" if (place := url.find(mark, start)) >= 0), default=len(url))
