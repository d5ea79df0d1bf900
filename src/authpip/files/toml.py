"""TOML, by the standard library where it has a reader; imported only where there is a file to read."""

from __future__ import annotations

import sys
from typing import Any

if sys.version_info >= (3, 11):
    from tomllib import TOMLDecodeError, loads
else:
    from tomli import TOMLDecodeError, loads

__all__ = ["TOMLDecodeError", "loads", "loads_or_nothing"]


def loads_or_nothing(text: str) -> dict[str, Any]:
    """The document; {} for a text that is not TOML, which is for the tool to say whose file it is."""
    try:
        return loads(text)
    except (ValueError, RecursionError):
        return {}
