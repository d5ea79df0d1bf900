"""Read small files that hold or describe a credential."""

from __future__ import annotations

import json
import os
from typing import Any

from authpip.core.errors import CredentialError

_LONGEST = 256 * 1024  # characters
_CORRECT = "correct it, or the variable or setting that names it"


def read_token(path: str) -> str:
    """The token in a file, which the platform replaces from time to time. Raises CredentialError."""
    return read_text(path, "check the path, and that the volume with the token is mounted").strip()


def read_text(path: str, remedy: str = _CORRECT) -> str:
    """The text of a regular file. remedy: what to do if it cannot be read. Raises CredentialError."""
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            raise _unreadable(path, "it is not a regular file", remedy)
        with open(path, encoding="utf-8-sig") as file:  # Windows' editors write a BOM
            text = file.read(_LONGEST + 1)
    except (OSError, ValueError) as error:
        raise _unreadable(path, getattr(error, "strerror", None) or "it is not UTF-8 text", remedy) from None
    if len(text) > _LONGEST:
        raise _unreadable(path, "it is too long", remedy)
    return text


def read_object(path: str) -> dict[str, Any]:
    """The JSON object in a file. Raises CredentialError."""
    try:
        found = json.loads(read_text(path))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise _unreadable(path, "it is not a JSON object", _CORRECT)
    return found


def _unreadable(path: str, why: str, remedy: str) -> CredentialError:
    return CredentialError(f"the file {path} cannot be used", why, remedy)
