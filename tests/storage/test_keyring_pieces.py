"""Long secrets in a store of short entries: Windows' Credential Manager. The real one is in tests/windows."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from authpip.storage import keyring_pieces, keyring_worker


class Entries:
    """A keyring whose entries hold 2,560 bytes of UTF-16, as keyring's own for Windows."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def set_password(self, service: str, username: str, secret: str) -> None:
        assert len(secret.encode("utf-16-le")) <= keyring_pieces.LONGEST
        self.kept[service, username] = secret

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


WinVault = type("WinVaultKeyring", (Entries,), {"__module__": "keyring.backends.Windows"})


def store(ring: Entries, secret: str) -> None:
    request = {"services": ["s/", "s"], "username": "alice", "secret": secret}
    assert keyring_worker._store(ring, request) == {}
    assert keyring_worker._find(ring, request) == {"username": "alice", "secret": secret}


@given(st.lists(st.text(st.characters(exclude_categories=("Cs",)), max_size=4000), min_size=1, max_size=3))
@settings(max_examples=60, deadline=None)
def test_every_secret_comes_back_and_goes(secrets: list[str]) -> None:
    """F20, F22: exact whatever was stored there before, and deleting leaves nothing."""
    ring = WinVault()
    for secret in secrets:
        store(ring, secret)
    keyring_worker._delete(ring, {"services": ["s/", "s"], "username": "alice"})
    assert ring.kept == {}


@pytest.mark.parametrize(("length", "entries"), [(1280, 1), (1281, 4), (5000, 9)])
def test_only_long_secrets_are_in_pieces(length: int, entries: int) -> None:
    """What fits is one entry as before, which other programs can read."""
    ring = WinVault()
    keyring_pieces.put(ring, "s", "alice", "x" * length)
    assert len(ring.kept) == entries


def test_a_piece_that_is_missing_is_no_secret() -> None:
    """Half a secret is never answered."""
    ring = WinVault()
    keyring_pieces.put(ring, "s", "alice", "x" * 3000)
    ring.delete_password("s#2", "alice")
    assert keyring_worker._look(ring, "s", "alice") == ("alice", None)


def test_other_keyrings_take_it_whole() -> None:
    """Only Windows' store has the limit; a value that looks like our mark is a secret elsewhere."""
    ring = type("Other", (Entries,), {"set_password": lambda self, *key: self.kept.update({key[:2]: key[2]})})()
    keyring_pieces.put(ring, "s", "alice", "x" * 5000)
    assert list(ring.kept) == [("s", "alice")]
    keyring_pieces.put(ring, "s", "alice", f"{keyring_pieces._MARK}2")
    assert keyring_worker._look(ring, "s", "alice") == ("alice", f"{keyring_pieces._MARK}2")
