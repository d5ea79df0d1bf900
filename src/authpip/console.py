"""What authpip says: one line each, on stderr, `authpip: …`; never on stdout."""

from __future__ import annotations

import os
import sys

# Bidirectional controls and separators let a URL show another host than it has (attacks A03).
_DISGUISES = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C, 0x2028, 0x2029, 0xFEFF}


def say(message: str) -> None:
    """Print one line to stderr."""
    line = f"authpip: {visible(message)}\n"
    try:
        sys.stderr.write(line)
        sys.stderr.flush()
    except (OSError, ValueError):
        pass  # a closed stderr must not change what pip does


def debug(message: str) -> None:
    """Print one line where AUTHPIP_LOG=debug asks for it: what was tried; names of variables, never values."""
    if os.environ.get("AUTHPIP_LOG", "").lower() == "debug":
        say(f"debug: {message}")


def visible(text: str) -> str:
    """The text on one line: control and direction characters as percent-encoded UTF-8, a token in a path as ****."""
    if "/t/" in text:
        import re

        text = re.sub(r"(?<=/t/)[^/\s]{8,}(?=/)", "****", text)  # pypi.anaconda.org/t/TOKEN/CHANNEL
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    code = ord(character)
    if code < 0x20 or 0x7F <= code < 0xA0 or code in _DISGUISES or 0xD800 <= code < 0xE000:
        return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))
    return character
