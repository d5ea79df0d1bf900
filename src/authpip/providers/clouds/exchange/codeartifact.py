"""AWS by the token of another issuer: AssumeRoleWithWebIdentity, then CodeArtifact's GetAuthorizationToken.

docs.aws.amazon.com: STS and CodeArtifact API references, "Create a signed AWS API request" (Signature Version 4).
"""

from __future__ import annotations

import hmac
import re
import time
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import quote

from authpip.core.text_forms import posix_seconds
from authpip.providers.clouds.exchange.http import Client
from authpip.providers.clouds.exchange.refusals import Exchange, refused

_SESSION = "authpip"
_EMPTY = sha256(b"").hexdigest()


class Wanted(NamedTuple):
    """A CodeArtifact domain, and the role that may read it."""

    domain: str
    owner: str
    region: str
    role: str


class Keys(NamedTuple):
    """The session of a role."""

    access_key: str
    secret_key: str
    session_token: str


def token(wanted: Wanted, assertion: str, about: Exchange, client: Client) -> dict[str, Any]:
    """{"secret", "expires"} for the domain. Raises CredentialError."""
    keys = _assumed(wanted, assertion, about, client)
    host, path = f"codeartifact.{wanted.region}.amazonaws.com", "/v1/authorization-token"
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in
                     (("domain", wanted.domain), ("domain-owner", wanted.owner)))  # fmt: skip
    headers = signed(keys, wanted.region, host, f"{path}?{query}", time.time())
    answer = client.send("POST", f"https://{host}{path}?{query}", b"", headers, service="AWS", hosts=re.escape(host))
    secret = answer.object().get("authorizationToken")
    if answer.status != 200 or not isinstance(secret, str):
        grant = "grant codeartifact:GetAuthorizationToken and sts:GetServiceBearerToken to it"
        raise refused(Exchange("CodeArtifact", f"the role {wanted.role}", grant), answer)
    return {"secret": secret, "expires": posix_seconds(answer.object().get("expiration"))}


def _assumed(wanted: Wanted, assertion: str, about: Exchange, client: Client) -> Keys:
    fields = {
        "Action": "AssumeRoleWithWebIdentity",
        "Version": "2011-06-15",
        "RoleArn": wanted.role,
        "RoleSessionName": _SESSION,
        "WebIdentityToken": assertion,
    }
    host = f"sts.{wanted.region}.amazonaws.com"
    answer = client.form(f"https://{host}/", fields, service="AWS", hosts=re.escape(host))
    text = answer.body.decode("utf-8", "replace")
    values = [
        re.search(rf"<{name}>([^<]+)</{name}>", text) for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")
    ]
    if answer.status != 200 or not all(values):
        raise refused(about, answer, assertion)
    return Keys(*(value[1] for value in values if value))


def signed(keys: Keys, region: str, host: str, target: str, now: float) -> Mapping[str, str]:
    """The headers of a POST without a body to CodeArtifact. target: path and query, its names in order."""
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    path, _, query = target.partition("?")
    headers = {"host": host, "x-amz-date": moment, "x-amz-security-token": keys.session_token}
    names = ";".join(headers)
    lines = [f"{name}:{value}" for name, value in headers.items()]
    request = "\n".join(["POST", path, query, *lines, "", names, _EMPTY])
    scope = f"{moment[:8]}/{region}/codeartifact/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", moment, scope, sha256(request.encode()).hexdigest()])
    key = ("AWS4" + keys.secret_key).encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    credential = f"Credential={keys.access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
    return {
        "X-Amz-Date": moment,
        "X-Amz-Security-Token": keys.session_token,
        "Authorization": f"AWS4-HMAC-SHA256 {credential}",
    }
