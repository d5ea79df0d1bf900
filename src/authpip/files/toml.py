"""TOML, read by tomllib, or by tomli before Python 3.11. Import this module only if there is a file to read."""

from __future__ import annotations

import sys
from typing import Any

if sys.version_info >= (3, 11):
    from tomllib import TOMLDecodeError, loads
else:
    from tomli import TOMLDecodeError, loads

__all__ = ["TOMLDecodeError", "loads", "loads_or_nothing"]


def loads_or_nothing(text: str) -> dict[str, Any]:
    """The document; {} for a malformed text: the tool that owns the file reports it."""
    try:
        return loads(text)
    except (ValueError, RecursionError):
        return {}
