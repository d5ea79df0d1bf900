"""AWS STS: the session of a role, by a token of another issuer (unsigned) or by an access key (signed).

docs.aws.amazon.com, STS API reference: AssumeRoleWithWebIdentity, AssumeRole. Only regional endpoints are asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlencode

from authpip.core.text_forms import posix_seconds
from authpip.providers.clouds.exchange import sigv4
from authpip.providers.clouds.exchange.aws_refusals import Asker, refused
from authpip.providers.clouds.exchange.http import Answer, Client
from authpip.providers.clouds.exchange.sigv4 import Keys, Place

_PARTS = ("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration")
_HOSTS = r"sts(?:-fips)?\.[a-z0-9-]+\.amazonaws\.com"
SESSION = "authpip"
_FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}  # as botocore signs it


def by_web_identity(role: str, session: str, assertion: str, region: str, asker: Asker, client: Client) -> Keys:
    """The session of a role that trusts the issuer of `assertion`. Raises CredentialError."""
    fields = {**_fields("AssumeRoleWithWebIdentity", session), "RoleArn": role, "WebIdentityToken": assertion}
    answer = client.form(_url(region), fields, service="AWS", hosts=_HOSTS)
    return _session(answer, asker)


def by_keys(role: str, session: str, keys: Keys, region: str, asker: Asker, client: Client, external: str = "") -> Keys:
    """The session of a role that trusts the owner of the keys. external: the role's external ID."""
    named = {"ExternalId": external} if external else {}
    fields = {**_fields("AssumeRole", session), **named, "RoleArn": role}
    body, url = urlencode(fields).encode(), _url(region)
    signed = sigv4.headers("POST", url, keys, Place(region, "sts"), body=body, extra=_FORM)
    answer = client.send("POST", url, body, signed, service="AWS", hosts=_HOSTS)
    return _session(answer, asker)


def _url(region: str) -> str:
    return f"https://sts.{region}.amazonaws.com/"


def _fields(action: str, session: str) -> dict[str, str]:
    return {"Action": action, "Version": "2011-06-15", "RoleSessionName": session}


def _session(answer: Answer, asker: Asker) -> Keys:
    text = answer.body.decode("utf-8", "replace")
    found: Mapping[str, str] = {
        name: match[1] for name in _PARTS if (match := re.search(rf"<{name}>\s*([^<\s]+)\s*</{name}>", text))
    }
    if answer.status != 200 or not all(name in found for name in _PARTS[:3]):
        raise refused(answer, asker)
    key, secret, session = (found[name] for name in _PARTS[:3])
    return Keys(key, secret, session, posix_seconds(found.get("Expiration")))
