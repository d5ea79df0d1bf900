"""A token service's answer (RFC 6749, 5.1), the same for Google, Entra ID, JFrog and RFC 8693."""

from __future__ import annotations

import time
from typing import Any

from authpip.core.errors import CredentialError
from authpip.providers.clouds.exchange.http import Answer
from authpip.providers.clouds.exchange.refusals import Exchange, refused


def access_token(answer: Answer, about: Exchange, assertion: str = "") -> dict[str, Any]:
    """{"secret", "expires": POSIX seconds, None if the service does not say}. Raises CredentialError.

    assertion: the token that was exchanged; the message of a refusal shows its claims.
    """
    found = answer.object()
    secret, lifetime = found.get("access_token"), found.get("expires_in")
    if answer.status not in {200, 201} or not isinstance(secret, str) or not secret:
        raise refused(about, answer, assertion)
    try:
        expires = None if lifetime is None else time.time() + float(lifetime)
    except (TypeError, ValueError):
        raise CredentialError(
            f"{about.service} gave a token with a malformed expires_in", "", "report it to its operator"
        ) from None
    return {"secret": secret, "expires": expires}
