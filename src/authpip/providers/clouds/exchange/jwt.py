"""The claims of a JSON Web Token (RFC 7519). They are not verified: the service that gets the token does that."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from typing import Any

_LONGEST_CLAIM = 300  # characters


def claims(token: str) -> dict[str, Any]:
    """The claims; {} for a text that is not a JSON Web Token."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        found = json.loads(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def audiences(token: str) -> list[str]:
    """The audiences of a token."""
    found = claims(token).get("aud")
    return [str(one) for one in found] if isinstance(found, list) else [str(found)] if found else []


def described(token: str) -> dict[str, str]:
    """{"issuer", "subject", "audience"}, which a service is configured to trust; they are not secret."""
    from authpip.core.redaction import visible

    said = claims(token)
    texts = {"issuer": said.get("iss"), "subject": said.get("sub"), "audience": ", ".join(audiences(token))}
    return {name: visible(str(text or "?"))[:_LONGEST_CLAIM] for name, text in texts.items()}
