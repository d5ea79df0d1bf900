"""One JSON question on standard input, as `auth helper` gets it."""

from __future__ import annotations

from typing import IO, Any

from authpip.core.errors import UsageError


def read_question(stream: IO[bytes], longest: int) -> dict[str, Any]:
    """The question: an object with a text "uri". longest: bytes. Raises UsageError for anything else."""
    import json

    text = stream.read(longest + 1)
    if len(text) > longest:
        raise UsageError(f"the question on stdin is longer than {longest // 1024} KiB")
    try:
        question = json.loads(text)
    except (ValueError, RecursionError):
        question = None
    if not isinstance(question, dict) or not isinstance(question.get("uri"), str):
        raise UsageError('stdin must hold one JSON object with a text "uri"')
    return question
