"""Store a secret in several entries if it is too long for one entry of Windows' Credential Manager.

An entry holds 2,560 bytes (learn.microsoft.com, CRED_MAX_CREDENTIAL_BLOB_SIZE), and keyring writes two or four bytes
for a character. The entry with the service's name then holds the number of pieces, and "SERVICE#1", … hold the pieces.
This module runs in the keyring worker's process; it imports nothing of authpip.
"""

from __future__ import annotations

from typing import Any

_BACKEND = ("keyring.backends.Windows", "WinVaultKeyring")
LONGEST = 2560  # bytes
_PIECE = LONGEST // 4  # characters
_MARK = "authpip: this secret is in pieces: "


def put(ring: Any, service: str, username: str, secret: str) -> None:
    """Store the secret, and delete the pieces of an earlier secret."""
    remove_pieces(ring, service, username)
    if not _is_limited(ring) or len(secret.encode("utf-16-le")) <= LONGEST:
        ring.set_password(service, username, secret)
        return
    pieces = [secret[start : start + _PIECE] for start in range(0, len(secret), _PIECE)]
    for number, piece in enumerate(pieces, 1):
        ring.set_password(f"{service}#{number}", username, piece)
    ring.set_password(service, username, f"{_MARK}{len(pieces)}")


def whole(ring: Any, service: str, username: str | None, value: Any) -> Any:
    """The secret for the value of an entry: the value itself or its pieces; None if a piece is missing."""
    pieces = [ring.get_password(f"{service}#{number}", username) for number in range(1, _count(ring, value) + 1)]
    return value if not pieces else None if None in pieces else "".join(pieces)


def remove_pieces(ring: Any, service: str, username: str) -> None:
    """Delete the pieces of the stored secret; the entry with the service's name stays."""
    if not _is_limited(ring):
        return
    for number in range(1, _count(ring, ring.get_password(service, username)) + 1):
        if ring.get_password(f"{service}#{number}", username) is not None:
            ring.delete_password(f"{service}#{number}", username)


def _count(ring: Any, value: Any) -> int:
    """The number of pieces by the value of an entry; 0 if the value is the secret itself."""
    is_mark = _is_limited(ring) and isinstance(value, str) and value.startswith(_MARK)
    number = value[len(_MARK) :] if is_mark else ""
    return int(number) if number.isdecimal() and len(number) < 4 else 0


def _is_limited(ring: Any) -> bool:
    return any((base.__module__, base.__qualname__) == _BACKEND for base in type(ring).__mro__)
