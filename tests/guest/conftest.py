"""What the tests with real programs share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from authpip import kernel_keyring, token_cache


@pytest.fixture
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing was minted in this process before, and what it keeps in the kernel is forgotten at the end."""
    written: set[str] = set()
    write = kernel_keyring.write

    def noted(name: str, content: bytes, seconds: float) -> bool:
        written.add(name)
        return write(name, content, seconds)

    monkeypatch.setattr(kernel_keyring, "write", noted)
    monkeypatch.setattr(token_cache, "_minted", {})
    monkeypatch.setattr(token_cache, "_failed", {})
    yield
    for name in written:
        kernel_keyring.forget(name)
