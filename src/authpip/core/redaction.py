"""What a message may show: text on one line, and URLs and identities without what may be a secret.

inside_pip/refusal.py has a twin of `visible` for pip's side; one table of tests holds both.
"""

from __future__ import annotations

import re

from authpip.core.credential import Credential

LONGEST_COMPLAINT = 300  # characters
LONGEST_SHOWN = 8192  # characters: a project's file may hold more, and the patterns below are not linear
# Bidirectional controls and separators let a URL show another host than it has (A03).
_DISGUISES = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C, 0x2028, 0x2029, 0xFEFF}
_PATH_TOKEN = re.compile(r"(?<=/t/)[^/\s]{8,}(?=/)")  # pypi.anaconda.org/t/TOKEN/CHANNEL
_QUERY = re.compile(r"(?<=[?#]).+")
_BARE_USERINFO = re.compile(r"[^\s=/@]+:[^\s/@]*@")  # --proxy user:password@host:3128
_URL_USERINFO = re.compile(r"//(?:[^/?#]*|[^/?#@:]*:(?![0-9]*(?:[/?#]|$)).*)@")
_ANY_USERINFO = re.compile(r"//[^/\s@]+@")
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.)|\ufeff")
_TRACE = re.compile(r"\s|Traceback \(|During handling|The above exception|File \"|[~^ ]+$")
_ERROR = re.compile(
    r"\s*(?:ERROR|error|Error|fatal|FATAL)\b|(?:An error occurred|Error when)|[\w.]+(?:Error|Exception): "
)
# No word is that long: it may be a token or a key that a helper printed in its error message.
_OPAQUE = re.compile(r"(?<![\w/.:-])(?!/)[A-Za-z0-9_+=/.~-]{60,}")


def visible(text: str) -> str:
    """The text on one line: control and direction characters as percent-encoded UTF-8, a token in a path as ****."""
    if "/t/" in text:
        text = _PATH_TOKEN.sub("****", text)
    return "".join(_visible_character(character) for character in text)


def hide_userinfo(url: str) -> str:
    """The URL with everything between // and @ replaced; also where a password holds a bare / ? or #."""
    return _URL_USERINFO.sub("//****@", _cut(url))


def shown_url(url: str) -> str:
    """A URL (or any other argument) without userinfo, a query or a token in its path."""
    if "://" not in url:
        return visible(_BARE_USERINFO.sub("****@", _cut(url)))
    return visible(_QUERY.sub("****", hide_userinfo(url)))


def shown_identity(credential: Credential) -> str:
    """Whose it is. A user name without a password is the secret itself (https://TOKEN:@host)."""
    return visible(credential.identity) if credential.secret or not credential.identity else "****"


def complaint(text: str) -> str:
    """A helper's stderr as one line: the last that reads like an error, else the last outside a traceback, else "".

    Escape sequences, control characters, userinfo in URLs and whatever looks like a token are taken out.
    """
    text = _ESCAPE.sub("", text).replace("\r", "\n")
    lines = ["".join(c if c.isprintable() and c != "\ufffd" else " " for c in line) for line in text.split("\n")]
    plain = [line.strip() for line in lines if line.strip() and not _TRACE.match(line)]
    errors = [line for line in plain if _ERROR.match(line)]
    chosen = (errors or plain or [""])[-1]
    chosen = _ANY_USERINFO.sub("//****@", _OPAQUE.sub("…", chosen))
    return chosen if len(chosen) <= LONGEST_COMPLAINT else chosen[: LONGEST_COMPLAINT - 1] + "…"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"


def _visible_character(character: str) -> str:
    code = ord(character)
    if code < 0x20 or 0x7F <= code < 0xA0 or code in _DISGUISES or 0xD800 <= code < 0xE000:
        return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))
    return character
