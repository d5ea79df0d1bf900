"""AWS Signature Version 4, in headers.

Source: docs.aws.amazon.com, "Create a signed AWS API request". inside_pip/sigv4.py does the same for S3 in pip's
interpreter; one table of tests covers both.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Mapping
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, urlsplit


class Keys(NamedTuple):
    """An access key. token: the session token, "" for a long-term key. expires: POSIX seconds, None if unknown."""

    access_key: str
    secret_key: str
    token: str = ""
    expires: float | None = None


class Place(NamedTuple):
    """The service and region that a signature is valid for."""

    region: str
    service: str


def headers(
    method: str,
    url: str,
    keys: Keys,
    place: Place,
    *,
    body: bytes = b"",
    extra: Mapping[str, str] = {},
    now: float | None = None,
) -> dict[str, str]:
    """The headers that authenticate one request, with `extra`. now: POSIX seconds, None for the current time."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    parts = urlsplit(url)
    sent = {"X-Amz-Date": stamp, **extra, **({"X-Amz-Security-Token": keys.token} if keys.token else {})}
    signed = {"host": parts.netloc, **{name.lower(): " ".join(value.split()) for name, value in sent.items()}}
    names = ";".join(sorted(signed))
    path = quote(parts.path or "/", safe="/-_.~")  # encoded a second time, as for all services but S3
    lines = [f"{name}:{signed[name]}" for name in sorted(signed)]
    request = "\n".join([method, path, _query(parts.query), *lines, "", names, sha256(body).hexdigest()])
    scope = "/".join((stamp[:8], *place, "aws4_request"))
    text = "\n".join(("AWS4-HMAC-SHA256", stamp, scope, sha256(request.encode()).hexdigest()))
    key = ("AWS4" + keys.secret_key).encode()
    for step in scope.split("/"):
        key = hmac.digest(key, step.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    credential = f"Credential={keys.access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
    return {**sent, "Authorization": f"AWS4-HMAC-SHA256 {credential}"}


def _query(query: str) -> str:
    pairs = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in parse_qsl(query, True))
    return "&".join(f"{name}={value}" for name, value in pairs)
