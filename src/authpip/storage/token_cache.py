"""Cached tokens: shared by the threads of one run, cached for the next run, requested by one caller at a time.

The cache is the kernel keyring or else the OS keyring, never a file. A token's name in it is a hash of the provider, of
all settings that select the identity, and of the scope; so a changed account, profile or tenant never gets the token
of another.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, Protocol

from authpip.core.console import debug, timed
from authpip.core.credential import Secret
from authpip.core.errors import CredentialError
from authpip.core.text_forms import digest
from authpip.storage.single_flight import once

MARGIN = 300.0  # seconds before its end at which a token counts as expired: clocks differ, builds take time (F09)
_SHARE = 0.2  # of a short token's life that the margin takes at most: direct federation at Google gives five minutes
UNKNOWN = 600.0  # seconds for a token that does not say when it ends
RESERVE = 8.0  # seconds of a caller's time that waiting for another caller leaves for the call itself
_FORMAT = "1"


class Token(NamedTuple):
    """One token. expires, minted: POSIX seconds; expires is None if the issuer does not tell it."""

    secret: Secret
    expires: float | None
    minted: float = 0.0

    def good_until(self, longest: float) -> float:
        """The POSIX seconds at which authpip stops using the token, `longest` seconds after `minted` at most."""
        if self.expires is None:
            end = self.minted + UNKNOWN
        else:
            end = self.expires - min(MARGIN, _SHARE * (self.expires - self.minted))
        return min(end, self.minted + longest)


class TokenRequest(NamedTuple):
    """Which token a provider needs.

    identity: all settings that distinguish accounts; only its hash is stored. scope: what the token gives access to.
    lock_name: calls with the same name never overlap. max_seconds: how long it is cached at most. label: the identity,
    for messages.
    """

    provider: str
    identity: str
    scope: str
    lock_name: str
    max_seconds: float
    label: str

    @property
    def name(self) -> str:
        """The token's name in the cache."""
        text = "\0".join((_FORMAT, self.provider, self.identity, self.scope))
        return f"{self.provider}-{digest(text, 20)}"


class CachedToken(NamedTuple):
    """A cached token without its secret. store: "kernel keyring" or "OS keyring". until: POSIX seconds."""

    name: str
    store: str
    label: str
    until: float


class Store(Protocol):
    """A store of short-lived secrets. Its methods raise nothing: after an error nothing is cached."""

    def read(self, name: str) -> bytes | None: ...
    def write(self, name: str, content: bytes, seconds: float) -> bool: ...
    def forget(self, name: str) -> None: ...
    def names(self) -> list[str]: ...


_minted: dict[str, Token] = {}
_failed: dict[str, tuple[float, CredentialError]] = {}


def obtain(
    wanted: TokenRequest,
    mint: Callable[[], Token],
    *,
    environ: Mapping[str, str],
    deadline: float,
    fresh: bool = False,
) -> Token:
    """The cached token, or one that another process has just minted, or else a new one. deadline: time.monotonic().

    fresh: only a token that was minted after this call began. Raises the exceptions of `mint`.
    """
    name, began = wanted.name, time.time()

    def look() -> Token | None:
        failed_at, error = _failed.get(name, (0.0, None))
        if error is not None and failed_at >= began:
            raise error
        for token in filter(None, (_minted.get(name), _read(name, environ))):
            if _is_good(token, wanted) and (not fresh or token.minted >= began):
                return token
        return None

    def work() -> Token:
        try:
            with timed(f"{wanted.provider}: a new token"):
                token = mint()._replace(minted=time.time())
        except CredentialError as error:
            _failed[name] = (time.time(), error)
            raise
        _minted[name] = token
        _keep(wanted, token, environ)
        return token

    found = look()
    debug(f"{wanted.provider}: {'a' if found else 'no'} cached token{' that is new enough' * fresh}")
    if found is not None:
        return found
    if fresh:
        forget(name, environ)
    left = deadline - time.monotonic()
    return once(wanted.lock_name, look, work, environ=environ, until=deadline - min(RESERVE, left / 2))


def forget(name: str, environ: Mapping[str, str]) -> None:
    """Delete one cached token."""
    _minted.pop(name, None)
    for _, store in _stores(environ):
        store.forget(name)


def clear(environ: Mapping[str, str]) -> int:
    """Delete every cached token, and return their number."""
    _minted.clear()
    names = {name for _, store in _stores(environ) for name in store.names()}
    for name in names:
        forget(name, environ)
    return len(names)


def kept(environ: Mapping[str, str]) -> list[CachedToken]:
    """The cached tokens, without their secrets."""
    found = []
    for where, store in _stores(environ):
        for name in store.names():
            entry = _parse(store.read(name))
            if entry:
                found.append(CachedToken(name, where, entry[2], entry[1]))
    return found


def _is_good(token: Token, wanted: TokenRequest) -> bool:
    """False for an expired token, and for one from the future: the clock was set back."""
    now = time.time()
    if now - 60 < token.minted <= now and (token.expires is None or token.expires > now):
        return True  # it is less than a minute old: this run may use even a token with a short life
    return token.minted <= now + MARGIN and now < token.good_until(wanted.max_seconds)


def _keep(wanted: TokenRequest, token: Token, environ: Mapping[str, str]) -> None:
    until = token.good_until(wanted.max_seconds)
    seconds = until - time.time()
    if seconds < 1:
        return
    expires = "" if token.expires is None else repr(token.expires)
    label = " ".join(wanted.label.split())
    content = "\n".join((_FORMAT, repr(token.minted), expires, repr(until), label, token.secret.expose()))
    for where, store in _stores(environ):
        if store.write(wanted.name, content.encode(), seconds):
            debug(f"the {wanted.provider} token is kept in the {where} for {seconds:.0f} s")
            return


def _read(name: str, environ: Mapping[str, str]) -> Token | None:
    for _, store in _stores(environ):
        entry = _parse(store.read(name))
        if entry:
            return entry[0]
    return None


def _parse(content: bytes | None) -> tuple[Token, float, str] | None:
    """(token, until, label); None for content that authpip did not write."""
    try:
        version, minted, expires, until, label, secret = (content or b"").decode().split("\n")
        token = Token(Secret(secret), float(expires) if expires else None, float(minted))
        return (token, float(until), label) if version == _FORMAT else None
    except ValueError:
        return None


def _stores(environ: Mapping[str, str]) -> Iterator[tuple[str, Store]]:
    """The store of this machine, with its name."""
    from authpip.storage import kernel_keyring

    if kernel_keyring.is_available():
        yield "kernel keyring", kernel_keyring
    else:
        from authpip.storage.os_token_store import OSTokenStore

        yield "OS keyring", OSTokenStore(environ)
