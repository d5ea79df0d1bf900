"""Direct references: requirements that name the place of their file, `name @ https://…` or a plain URL."""

from __future__ import annotations

import re

from authpip.core.index import is_index_url

# PEP 508: a name, perhaps extras, and after the @ everything up to the next blank.
# Written so that no blank can belong to two parts: a line of many blanks takes linear time.
_NAMED = re.compile(r"\s*[A-Za-z0-9][A-Za-z0-9._-]*(?:\s*\[[^\]]*\])?\s*@\s*(?P<url>[^ \t]+)")


# A name, and after it extras, a version, a marker or the end (PEP 508): what a path or a URL does not have.
_PROJECT = re.compile(r"\s*(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:[\[(<>=!~;]|$)")
_FILES = (".whl", ".zip", ".tar.gz", ".tar.bz2", ".tgz", ".tar.xz")


def project(requirement: str) -> str | None:
    """The project that a requirement names, as it is written; None for a path or a URL."""
    match = _PROJECT.match(requirement)
    return match["name"] if match and not match["name"].lower().endswith(_FILES) else None


def reference(requirement: str) -> str | None:
    """The http(s) URL of a requirement as pip's command line and requirements files take it, or None.

    What a version control program fetches (git+https://…) is not pip's business, and so not ours.
    """
    if is_index_url(requirement):
        return requirement.split("; ", 1)[0].strip()
    return reference_in_metadata(requirement.split(";", 1)[0])


def reference_in_metadata(requirement: str) -> str | None:
    """The same for the strings in scripts (PEP 723) and dependency groups (PEP 735), strictly PEP 508."""
    match = _NAMED.match(requirement)
    return match["url"] if match and is_index_url(match["url"]) else None


def locate(argument: str) -> tuple[int, int] | None:
    """Where in an argument its direct reference stands, as (start, end)."""
    url = reference(argument)
    if url is None:
        return None
    start = argument.index(url)
    return start, start + len(url)
