"""What a message may show: text on one line, and URLs and identities without possible secrets.

inside_pip/refusal.py has a twin of `visible` for pip's side; one table of tests holds both.
"""

from __future__ import annotations

import re

from authpip.core.credential import Credential

LONGEST_SHOWN = 8192  # characters: a project's file may hold more, and one of the patterns below is not linear
# Bidirectional controls and separators let a URL show another host than it has (A03).
_DISGUISES = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C, 0x2028, 0x2029, 0xFEFF}
_PATH_TOKEN = re.compile(r"(?<=/t/)[^/\s]{8,}(?=/)")  # pypi.anaconda.org/t/TOKEN/CHANNEL
_QUERY = re.compile(r"(?<=[?#]).+")
_BEFORE_AT = re.compile(r"[^\s/]*\Z")
_URL_USERINFO = re.compile(r"//(?:[^/?#]*|[^/?#@:]*:(?![0-9]*(?:[/?#]|$)).*)@")


def visible(text: str) -> str:
    """The text on one line: control and direction characters as percent-encoded UTF-8, a token in a path as ****."""
    if "/t/" in text:
        text = _PATH_TOKEN.sub("****", text)
    return "".join(_visible_character(character) for character in text)


def hide_userinfo(url: str) -> str:
    """The URL with everything between // and @ replaced, even if a password holds an unescaped / ? or #."""
    return _URL_USERINFO.sub("//****@", _cut(url))


def shown_url(url: str) -> str:
    """A URL (or any other argument) without userinfo, a query or a token in its path."""
    if "://" not in url:
        return visible(_without_bare_userinfo(_cut(url)))
    return visible(_QUERY.sub("****", hide_userinfo(url)))


def shown_identity(credential: Credential) -> str:
    """The credential's identity. A user name without a password is the secret itself (https://TOKEN:@host)."""
    return visible(credential.identity) if credential.secret or not credential.identity else "****"


def _without_bare_userinfo(text: str) -> str:
    """The text without the `user:password` of `--proxy user:password@host:3128`, in linear time."""
    *before, rest = text.split("@")
    return "".join(_hidden(piece) for piece in before) + rest


def _hidden(piece: str) -> str:
    """The text before an @, without `user:password`, and the @; `--proxy=` before a user name stays."""
    match = _BEFORE_AT.search(piece, max(piece.rfind(mark) for mark in " \t\r\n/") + 1)
    user, colon, _ = match[0].partition(":") if match else ("", "", "")
    if not match or not colon:
        return piece + "@"
    return piece[: match.start() + user.rfind("=") + 1] + "****@"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"


def _visible_character(character: str) -> str:
    code = ord(character)
    if code < 0x20 or 0x7F <= code < 0xA0 or code in _DISGUISES or 0xD800 <= code < 0xE000:
        return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))
    return character
