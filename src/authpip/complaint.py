"""What a helper said on stderr, as one line that is fit to be shown."""

from __future__ import annotations

import re

LONGEST = 300  # characters
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.)|\ufeff")
_TRACE = re.compile(r"\s|Traceback \(|During handling|The above exception|File \"|[~^ ]+$")
_ERROR = re.compile(
    r"\s*(?:ERROR|error|Error|fatal|FATAL)\b|(?:An error occurred|Error when)|[\w.]+(?:Error|Exception): "
)
# Nothing that long is a word: it may be a token or a key that a helper printed in its distress.
_OPAQUE = re.compile(r"(?<![\w/.:-])(?!/)[A-Za-z0-9_+=/.~-]{60,}")
_USERINFO = re.compile(r"//[^/\s@]+@")


def complaint(text: str) -> str:
    """The last line that reads like an error, else the last line outside a traceback; "" where there is none.

    Escape sequences, control characters, userinfo in URLs and whatever looks like a token are taken out.
    """
    text = _ESCAPE.sub("", text).replace("\r", "\n")
    lines = ["".join(c if c.isprintable() and c != "\ufffd" else " " for c in line) for line in text.split("\n")]
    plain = [line.strip() for line in lines if line.strip() and not _TRACE.match(line)]
    errors = [line for line in plain if _ERROR.match(line)]
    chosen = (errors or plain or [""])[-1]
    chosen = _USERINFO.sub("//****@", _OPAQUE.sub("…", chosen))
    return chosen if len(chosen) <= LONGEST else chosen[: LONGEST - 1] + "…"
