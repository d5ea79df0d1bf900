"""One line of what a helper program wrote on stderr, without possible secrets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LONGEST = 300  # characters
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
    return chosen if len(chosen) <= LONGEST else chosen[: LONGEST - 1] + "…"
