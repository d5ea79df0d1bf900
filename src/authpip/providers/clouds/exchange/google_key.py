"""The assertion of a service account: a JSON Web Token, signed RS256 with its key (RFC 7515, RFC 7523)."""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from authpip.core.errors import CredentialError

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_AUDIENCE = "https://oauth2.googleapis.com/token"  # whatever token_uri says, as in google-auth
_LIFETIME = 3600  # seconds


def assertion(info: Mapping[str, Any], place: str, scope: str, now: float | None = None) -> str:
    """The assertion for a key file's content. place: the file. now: POSIX seconds. Raises CredentialError."""
    issued = int(time.time() if now is None else now)
    header = {"typ": "JWT", "alg": "RS256", "kid": info.get("private_key_id")}
    claims = {
        "iat": issued,
        "exp": issued + _LIFETIME,
        "iss": info["client_email"],
        "aud": _AUDIENCE,
        "scope": scope,
    }
    text = b".".join(_encoded(json.dumps(part).encode()) for part in (header, claims))
    return b".".join((text, _encoded(_signature(text, str(info["private_key"]), place)))).decode("ascii")


def _encoded(data: bytes) -> bytes:
    return urlsafe_b64encode(data).rstrip(b"=")


def _signature(text: bytes, key: str, place: str) -> bytes:
    _find_cryptography()
    try:
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError:
        remedy = "install cryptography beside authpip, for example: pipx inject authpip cryptography"
        raise CredentialError(f"{place} is a key that cannot be used", "it signs with cryptography", remedy) from None
    try:
        # Proving the user's own key anew costs 44 ms.
        loaded = load_pem_private_key(key.encode(), None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError):
        loaded = None
    if not isinstance(loaded, RSAPrivateKey):
        raise CredentialError(f"{place} has no RSA key that can be read", "", "make a new key for the service account")
    return loaded.sign(text, PKCS1v15(), hashes.SHA256())


def _find_cryptography() -> None:
    """Have it importable where it is not installed beside authpip: the worker has begun without site.

    The directories of installed packages alone: what their .pth files name never runs beside the key.
    """
    try:
        import cryptography  # noqa: F401 (the question is whether it is there)
    except ImportError:
        import os
        import site
        import sys

        environment = os.path.dirname(os.path.dirname(sys.executable))
        sys.path += site.getsitepackages([environment, sys.prefix])
