"""Remove passwords from pip's arguments and variables: pip gets them in the handoff instead."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from authpip.core.index import RefusedURL, is_index_url, split_userinfo
from authpip.discovery.config import normal_key
from authpip.discovery.options import ParsedArgument, read_command_line
from authpip.discovery.references import reference

# Options whose value is a URL, or a list of them.
_ONE_URL = frozenset({"index-url", "pypi-url", "index"})
_URLS = frozenset(
    {"extra-index-url", "find-links", "requirement", "constraint", "build-constraint", "requirements-from-script"}
)


def clean(args: Sequence[str], environ: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """argv and environment for pip, without the passwords in index URLs, pages of links and direct references.

    A user name with a password is removed; a user name alone stays, and so does a URL that authpip refuses. The URLs
    of proxies and of version control programs stay unchanged: inside_pip cannot supply their passwords.
    """
    cleaned = list(args)
    for one in read_command_line(args).given:
        at, offset = one.position
        better = _clean_given(one)
        if better != one.value:
            cleaned[at] = cleaned[at][:offset] + better
    return cleaned, {name: _clean_variable(name, value) for name, value in environ.items()}


def _clean_given(one: ParsedArgument) -> str:
    if one.name in _ONE_URL or one.name in _URLS:
        return without_password(one.value)
    url = reference(one.value) if not one.name else None
    return one.value.replace(url, without_password(url), 1) if url else one.value


def _clean_variable(name: str, value: str) -> str:
    if not name.startswith("PIP_") or "@" not in value:
        return value
    key = normal_key(name[4:])
    if key in _ONE_URL:
        return without_password(value)
    if key in _URLS:
        return re.sub(r"\S+", lambda word: without_password(word[0]), value)
    return value


def without_password(url: str) -> str:
    """The URL without its user name and password, if it has both and authpip can read it. Spaces around it stay."""
    bare = url.strip()
    if not is_index_url(bare):
        return url
    try:
        cleaned, _, password = split_userinfo(bare)
    except RefusedURL:
        return url
    return url if password is None else url.replace(bare, cleaned)
