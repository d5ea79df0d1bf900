"""Direct references: requirements that name the URL of their file, `name @ https://…` or a plain URL."""

from __future__ import annotations

import re

from authpip.core.index import is_index_url

# PEP 508: a name, perhaps extras, and after the @ everything up to the next space.
# No space can match two parts of the pattern, so that a line of many spaces takes linear time.
_NAMED = re.compile(r"\s*[A-Za-z0-9][A-Za-z0-9._-]*(?:\s*\[[^\]]*\])?\s*@\s*(?P<url>[^ \t]+)")
# A name, and after it extras, a version, a marker or the end (PEP 508). No path and no URL has this form.
_PROJECT = re.compile(r"\s*(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:[\[(<>=!~;]|$)")
_FILES = (".whl", ".zip", ".tar.gz", ".tar.bz2", ".tgz", ".tar.xz")


def project(requirement: str) -> str | None:
    """The project that a requirement names, as written; None for a path or a URL."""
    match = _PROJECT.match(requirement)
    return match["name"] if match and not match["name"].lower().endswith(_FILES) else None


def reference(requirement: str) -> str | None:
    """The http(s) URL of a requirement on pip's command line or in a requirements file, or None.

    None for git+https://… and the like as well: a version control program fetches those, with its own credentials.
    """
    if is_index_url(requirement):
        return requirement.split("; ", 1)[0].strip()
    return reference_in_metadata(requirement.split(";", 1)[0])


def reference_in_metadata(requirement: str) -> str | None:
    """The http(s) URL of a requirement in a script (PEP 723) or dependency group (PEP 735), strictly by PEP 508."""
    match = _NAMED.match(requirement)
    return match["url"] if match and is_index_url(match["url"]) else None
