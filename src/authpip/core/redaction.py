"""What a message may show: text on one line, and URLs and identities without possible secrets.

inside_pip/refusal.py has a twin of `visible` for pip's side; one table of tests holds both.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from authpip.core.credential import Credential

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LONGEST_COMPLAINT = 300  # characters
LONGEST_SHOWN = 8192  # characters: a project's file may hold more, and one of the patterns below is not linear
# Bidirectional controls and separators let a URL show another host than it has (A03).
_DISGUISES = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C, 0x2028, 0x2029, 0xFEFF}
_PATH_TOKEN = re.compile(r"(?<=/t/)[^/\s]{8,}(?=/)")  # pypi.anaconda.org/t/TOKEN/CHANNEL
_QUERY = re.compile(r"(?<=[?#]).+")
_BEFORE_AT = re.compile(r"[^\s/]*\Z")
_URL_USERINFO = re.compile(r"//(?:[^/?#]*|[^/?#@:]*:(?![0-9]*(?:[/?#]|$)).*)@")
_ANY_USERINFO = re.compile(r"//[^/\s@]+@")
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.)|\ufeff")
_TRACE = re.compile(r"\s|Traceback \(|During handling|The above exception|File \"|[~^ ]+$")
_ERROR = re.compile(
    r"\s*(?:ERROR|error|Error|fatal|FATAL)\b|(?:An error occurred|Error when)|[\w.]+(?:Error|Exception): "
)
# No word has 60 characters: this may be a token or a key that a helper printed in its error message.
_OPAQUE = re.compile(r"(?<![\w/.:-])(?!/)[A-Za-z0-9_+=/.~-]{60,}")
# Tokens with a known prefix: GitLab, GitHub, PyPI, Slack, AWS, Google, npm, and JWTs.
_KNOWN_TOKEN = re.compile(
    r"\b(?:glpat-|gl[a-z]{2,5}-|gh[pousr]_|github_pat_|pypi-|xox[a-z]-|npm_|ya29\.|eyJ)[A-Za-z0-9_.~+/=-]{4,}"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{12,}"
)
_NAMED_SECRET = re.compile(
    r"(?P<name>(?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key)[\"\']?\s{0,3}[=:]\s{0,3})"
    r"(?:\"[^\"]*\"|\'[^\']*\'|[^\s,;]+)",
    re.IGNORECASE,
)
_SECRET_NAME = re.compile(r"PASSW|PWD|SECRET|TOKEN|KEY|CREDENTIAL|AUTH|\bPAT\b|_PAT$", re.IGNORECASE)
SHORTEST_SECRET = 6  # characters; a shorter value would be found in innocent words


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


def secret_values(variables: Mapping[str, str]) -> list[str]:
    """The values of variables with names such as PASSWORD and TOKEN, the longest first."""
    named = [value for name, value in variables.items() if _SECRET_NAME.search(name)]
    return sorted((value for value in named if len(value) >= SHORTEST_SECRET), key=len, reverse=True)


def complaint(text: str, secrets: Sequence[str] = ()) -> str:
    """One line of a helper's stderr: the last error line, else the last line outside a traceback, else "".

    Escape sequences, control characters, userinfo in URLs, `password=…`, possible tokens, and each of `secrets` are
    removed.
    """
    for secret in secrets:
        text = text.replace(secret, "…")
    text = _ESCAPE.sub("", text).replace("\r", "\n")
    lines = ["".join(c if c.isprintable() and c != "\ufffd" else " " for c in line) for line in text.split("\n")]
    plain = [line.strip() for line in lines if line.strip() and not _TRACE.match(line)]
    errors = [line for line in plain if _ERROR.match(line)]
    chosen = (errors or plain or [""])[-1]
    chosen = _KNOWN_TOKEN.sub("…", _NAMED_SECRET.sub(r"\g<name>…", chosen))
    chosen = _ANY_USERINFO.sub("//****@", _OPAQUE.sub("…", chosen))
    return chosen if len(chosen) <= LONGEST_COMPLAINT else chosen[: LONGEST_COMPLAINT - 1] + "…"


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
