"""AWS STS: the session of a role, for a token of another issuer (unsigned) or an access key (signed).

docs.aws.amazon.com, STS API reference: AssumeRoleWithWebIdentity, AssumeRole. authpip uses regional endpoints only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import urlencode

from authpip.core.errors import CredentialError
from authpip.core.text_forms import posix_seconds
from authpip.providers.clouds.exchange import sigv4
from authpip.providers.clouds.exchange.http import Answer, Client
from authpip.providers.clouds.exchange.sigv4 import Keys, Place

_PARTS = ("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration")
_HOSTS = r"sts(?:-fips)?\.[a-z0-9-]+\.amazonaws\.com"
SESSION = "authpip"
_FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}  # as botocore signs it


class Role(NamedTuple):
    """A role to assume. region: of the STS endpoint. session: the name of its session. external: its external ID.
    duration: seconds of the session, "" for the default of STS.
    """

    arn: str
    region: str
    session: str = SESSION
    external: str = ""
    duration: str = ""


def by_web_identity(role: Role, assertion: str, client: Client, refusal: Callable[[Answer], CredentialError]) -> Keys:
    """The session of a role that trusts the issuer of `assertion`. Raises the error that `refusal` makes."""
    fields = {**_fields("AssumeRoleWithWebIdentity", role), "RoleArn": role.arn, "WebIdentityToken": assertion}
    return _session(client.form(_url(role), fields, service="AWS", hosts=_HOSTS), refusal)


def by_keys(role: Role, keys: Keys, client: Client, refusal: Callable[[Answer], CredentialError]) -> Keys:
    """The session of a role that trusts the owner of the keys. Raises the error that `refusal` makes."""
    chosen = {"ExternalId": role.external, "DurationSeconds": role.duration}
    chosen = {name: value for name, value in chosen.items() if value}
    fields = {**_fields("AssumeRole", role), **chosen, "RoleArn": role.arn}
    body, url = urlencode(fields).encode(), _url(role)
    signed = sigv4.headers("POST", url, keys, Place(role.region, "sts"), body=body, extra=_FORM)
    return _session(client.send("POST", url, body, signed, service="AWS", hosts=_HOSTS), refusal)


def _url(role: Role) -> str:
    return f"https://sts.{role.region}.amazonaws.com/"


def _fields(action: str, role: Role) -> dict[str, str]:
    return {"Action": action, "Version": "2011-06-15", "RoleSessionName": role.session}


def _session(answer: Answer, refusal: Callable[[Answer], CredentialError]) -> Keys:
    text = answer.body.decode("utf-8", "replace")
    found: Mapping[str, str] = {
        name: match[1] for name in _PARTS if (match := re.search(rf"<{name}>\s*([^<\s]+)\s*</{name}>", text))
    }
    if answer.status != 200 or not all(name in found for name in _PARTS[:3]):
        raise refusal(answer)
    key, secret, session = (found[name] for name in _PARTS[:3])
    return Keys(key, secret, session, posix_seconds(found.get("Expiration")))
