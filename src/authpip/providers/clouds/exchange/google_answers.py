"""What Google's token services answer (RFC 6749, 5.1)."""

from __future__ import annotations

import time
from typing import Any

from authpip.providers.clouds.exchange.http import Answer
from authpip.providers.clouds.exchange.refusals import Exchange, refused

PLATFORM = "https://www.googleapis.com/auth/cloud-platform"
IAM = "https://www.googleapis.com/auth/iam"  # what acting as another service account takes


def access_token(answer: Answer, about: Exchange, assertion: str = "") -> dict[str, Any]:
    """{"secret", "expires"}. assertion: a token whose claims a refusal tells. Raises CredentialError."""
    found = answer.object()
    secret, lifetime = found.get("access_token"), found.get("expires_in")
    if answer.status != 200 or not isinstance(secret, str) or not secret:
        raise refused(about, answer, assertion)
    lasting = lifetime if isinstance(lifetime, (int, float)) and not isinstance(lifetime, bool) else None
    return {"secret": secret, "expires": time.time() + lasting if lasting else None}
