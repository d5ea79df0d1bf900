"""An index of files in an S3 bucket: what its URL names, and the keys that sign requests to it.

Hosts: "Virtual hosting of buckets" in the S3 user guide. The secret of an "s3" credential is read by
inside_pip/sigv4.py.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from authpip.core.credential import Secret
from authpip.core.index import Scope

DEFAULT_REGION = "us-east-1"
_HOST = (
    r"(?:(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\.)?"
    r"s3(?:[.-](?:dualstack\.)?(?P<region>[a-z]{2,4}(?:-[a-z]{2,12}){1,3}-[0-9]{1,2}))?\.amazonaws\.com"
)


class Keys(NamedTuple):
    """An access key. token: the session token; None for a user's long-term key."""

    key: str
    secret: Secret
    token: Secret | None = None


def _matched(scope: Scope) -> re.Match[str] | None:
    """Compare the end of the host first, so that no pattern is compiled for other indexes."""
    return re.fullmatch(_HOST, scope.host) if scope.host.endswith(".amazonaws.com") else None


def region_of(scope: Scope) -> str | None:
    """The region that the host names; None for a host that is not Amazon's (MinIO, a gateway)."""
    found = _matched(scope)
    return (found["region"] or DEFAULT_REGION) if found else None


def bucket_of(scope: Scope) -> str | None:
    """The bucket, from the host or the first segment of the path; None if neither names one."""
    found = _matched(scope)
    if found and found["bucket"]:
        return found["bucket"]
    return scope.path.split("/")[1] or None


def pack(keys: Keys, region: str) -> Secret:
    """One secret for inside_pip/sigv4.py: JSON of key, secret, token and region."""
    import json

    token = keys.token.expose() if keys.token else None
    return Secret(json.dumps({"key": keys.key, "secret": keys.secret.expose(), "token": token, "region": region}))
