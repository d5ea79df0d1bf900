"""Turn a token into the credential of one index, and a failure into an error that names the index."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Protocol

from authpip.core.credential import Credential
from authpip.core.errors import CredentialError
from authpip.core.index import Index
from authpip.storage.token_cache import Token, TokenRequest, obtain


class Question(Protocol):
    """The part of a provider's Request that this module needs."""

    @property
    def index(self) -> Index: ...
    @property
    def environ(self) -> Mapping[str, str]: ...
    @property
    def deadline(self) -> float: ...
    @property
    def fresh(self) -> bool: ...


def cached_credential(wanted: TokenRequest, mint: Callable[[], Token], request: Question, username: str) -> Credential:
    """The credential of an index, with a cached token or a new one. Raises CredentialError: mine, but broken."""
    began = time.time()
    try:
        token = obtain(wanted, mint, environ=request.environ, deadline=request.deadline, fresh=request.fresh)
    except CredentialError as error:
        why = f"{error.what}: {error.why}" if error.why else error.what
        what = f"{wanted.provider}: no token for {request.index.scope.netloc}"
        raise CredentialError(what, why, error.remedy) from None
    return Credential(
        username,
        token.secret,
        wanted.provider,
        identity=wanted.label,
        expires=token.expires,
        cached=token.minted < began,
    )
