"""AWS CodeArtifact: GetAuthorizationToken, signed with an access key or with the session of a web identity.

docs.aws.amazon.com, CodeArtifact API reference: the role needs codeartifact:GetAuthorizationToken and
sts:GetServiceBearerToken.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from authpip.core.text_forms import posix_seconds
from authpip.providers.clouds.exchange import aws_sts, sigv4
from authpip.providers.clouds.exchange.aws_refusals import Asker, refused
from authpip.providers.clouds.exchange.http import Client
from authpip.providers.clouds.exchange.refusals import Exchange
from authpip.providers.clouds.exchange.refusals import refused as refused_token
from authpip.providers.clouds.exchange.sigv4 import Keys, Place

HOSTS = r"codeartifact(?:-fips)?\.[a-z0-9-]+\.amazonaws\.com"


class Wanted(NamedTuple):
    """The token of a domain. role: the role to assume. duration: seconds; "0": the rest of the session, "": 12 h."""

    domain: str
    owner: str
    region: str
    role: str = ""
    duration: str = ""


def authorization(wanted: Wanted, keys: Keys, asker: Asker, client: Client) -> dict[str, Any]:
    """{"secret", "expires"}. Raises CredentialError."""
    fields: Mapping[str, str] = {"domain": wanted.domain, "domain-owner": wanted.owner}
    lifetime = {"duration": wanted.duration} if wanted.duration else {}
    query = urlencode({**fields, **lifetime})
    url = f"https://codeartifact.{wanted.region}.amazonaws.com/v1/authorization-token?{query}"
    signed = sigv4.headers("POST", url, keys, Place(wanted.region, "codeartifact"))
    answer = client.send("POST", url, b"", signed, service="AWS", hosts=HOSTS)
    secret = answer.object().get("authorizationToken")
    if answer.status != 200 or not isinstance(secret, str) or not secret:
        raise refused(answer, asker._replace(domain=f"{wanted.domain} of {wanted.owner}"))
    return {"secret": secret, "expires": posix_seconds(answer.object().get("expiration"))}


def token(wanted: Wanted, assertion: str, about: Exchange, client: Client) -> dict[str, Any]:
    """{"secret", "expires"} with a role's session. assertion: a token of another issuer. Raises CredentialError."""
    keys = aws_sts.by_web_identity(
        aws_sts.Role(wanted.role, wanted.region),
        assertion,
        client,
        lambda answer: refused_token(about, answer, assertion),
    )
    grant = "grant codeartifact:GetAuthorizationToken and sts:GetServiceBearerToken to it"
    return authorization(wanted, keys, Asker(f"the role {wanted.role}", grant), client)
