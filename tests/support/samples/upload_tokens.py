"""PyPI API tokens as PyPI makes them: macaroons of version 2, with what they are for as caveats in JSON."""

from __future__ import annotations

import base64
import json


def upload_token(*caveats: object, location: str = "pypi.org") -> str:
    """A token with these caveats: [1, ["project"]] for one project, [3, "user"] for a whole account."""
    body = b"\x02" + _field(1, location.encode()) + _field(2, b"identifier") + b"\x00"
    body += b"".join(_field(2, json.dumps(caveat).encode()) + b"\x00" for caveat in caveats)
    return "pypi-" + base64.urlsafe_b64encode(body + b"\x00" + _field(6, b"s" * 32)).rstrip(b"=").decode()


def _field(kind: int, value: bytes) -> bytes:
    """Type, length (unsigned LEB128), value."""
    size, length = len(value), b""
    while size > 0x7F:
        length, size = length + bytes([size & 0x7F | 0x80]), size >> 7
    return bytes([kind]) + length + bytes([size]) + value
