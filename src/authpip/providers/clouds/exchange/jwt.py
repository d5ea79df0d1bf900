"""What a JSON Web Token says of itself (RFC 7519). Nothing is verified: who takes the token does that."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from typing import Any

_LONGEST_CLAIM = 300  # characters


def claims(token: str) -> dict[str, Any]:
    """The claims; {} for a text that is not such a token."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        found = json.loads(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def audiences(token: str) -> list[str]:
    """For whom it is."""
    found = claims(token).get("aud")
    return [str(one) for one in found] if isinstance(found, list) else [str(found)] if found else []


def described(token: str) -> dict[str, str]:
    """{"issuer", "subject", "audience"}: what a trust is set up by; none of it is secret."""
    from authpip.core.redaction import visible

    said = claims(token)
    texts = {"issuer": said.get("iss"), "subject": said.get("sub"), "audience": ", ".join(audiences(token))}
    return {name: visible(str(text or "?"))[:_LONGEST_CLAIM] for name, text in texts.items()}
