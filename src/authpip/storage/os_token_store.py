"""Cached tokens in the OS keyring, on systems without a kernel keyring: macOS, Windows, some sandboxes.

keyring cannot list its entries, and each question starts a process and may open an unlock dialogue. So a small file
("note") in the cache directory holds the expiry time of each cached token; it holds no secret.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from authpip.core.errors import AuthpipError
from authpip.files import user_dirs

if TYPE_CHECKING:
    from authpip.storage.keyring_client import KeyringCall

SERVICE = "authpip kept token"
_PATIENCE = 2.0  # seconds; a token that the keyring has not stored by then is not cached


class OSTokenStore:
    """One user's cached tokens; a Store (token_cache.py)."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._directory = os.path.join(user_dirs.cache_dir(environ), "kept")

    def read(self, name: str) -> bytes | None:
        """The token under this name; None if there is none, if it has expired, or if the keyring does not answer."""
        if not self._is_noted(name):
            return None
        from authpip.storage import keyring_client

        try:
            found = keyring_client.find([SERVICE], name, "", self._ask())
        except AuthpipError:
            return None
        return found[1].expose().encode() if found else None

    def write(self, name: str, content: bytes, seconds: float) -> bool:
        """Store a token for some seconds; False without a safe keyring, or if the token is too long for it (F22)."""
        if not self._may_have_keyring():
            return False
        from authpip.core.credential import Secret
        from authpip.storage import keyring_client

        try:
            keyring_client.store([SERVICE], name, Secret(content.decode()), "", self._ask())
            os.makedirs(self._directory, mode=0o700, exist_ok=True)
            with open(self._note(name), "w", encoding="ascii") as note:
                note.write(f"{time.time() + seconds:.0f}\n")
        except (AuthpipError, OSError):
            return False
        return True

    def forget(self, name: str) -> None:
        """Delete the token under this name."""
        if not os.path.exists(self._note(name)):
            return
        from authpip.storage import keyring_client

        try:
            os.unlink(self._note(name))
            keyring_client.delete([SERVICE], name, "", self._ask())
        except (AuthpipError, OSError):
            pass  # a token without a note is never used

    def names(self) -> list[str]:
        """The names of all cached tokens."""
        try:
            return os.listdir(self._directory)
        except OSError:
            return []

    def _ask(self) -> KeyringCall:
        from authpip.storage.keyring_client import KeyringCall

        return KeyringCall(self._environ, time.monotonic() + _PATIENCE)

    def _note(self, name: str) -> str:
        return os.path.join(self._directory, name)

    def _is_noted(self, name: str) -> bool:
        try:
            with open(self._note(name), encoding="ascii") as note:
                return float(note.read(32)) > time.time()
        except (OSError, ValueError):
            return False

    def _may_have_keyring(self) -> bool:
        """False on Linux without a session bus: no keyring can answer there, and a question would take 0.2 s."""
        if sys.platform != "linux" or self._environ.get("DBUS_SESSION_BUS_ADDRESS"):
            return True
        return os.path.exists(os.path.join(self._environ.get("XDG_RUNTIME_DIR") or "/nonexistent", "bus"))
