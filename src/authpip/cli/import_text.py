"""Other tools' files without one of their secrets; everything else stays as it was written."""

from __future__ import annotations

import re


def without_machine(text: str, host: str) -> str:
    """A .netrc without the entries of a host."""
    from authpip.files.netrc import parse

    for entry in reversed(parse(text)):
        if entry.host == host:
            text = text[: entry.start] + text[entry.end :].lstrip(" \t").removeprefix("\n")
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
