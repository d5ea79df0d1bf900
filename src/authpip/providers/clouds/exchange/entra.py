"""Entra ID, for Azure DevOps: a token for a secret or an assertion; the tenant of a feed; a token for packages only.

learn.microsoft.com, "OAuth 2.0 client credentials flow"; the answers of Azure DevOps: github.com/microsoft/artifacts-
credprovider.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from authpip.core.errors import CredentialError
from authpip.providers.clouds.exchange.files import read_token
from authpip.providers.clouds.exchange.http import Client
from authpip.providers.clouds.exchange.jwt import claims
from authpip.providers.clouds.exchange.oauth import access_token
from authpip.providers.clouds.exchange.refusals import Exchange

DEVOPS = "499b84ac-1321-427f-aa17-267ca6975798"  # Azure DevOps, as an application of Entra ID
LOGIN = "https://login.microsoftonline.com"
LOGIN_HOSTS = (
    r"login\.microsoftonline\.(?:com|us)|login\.partner\.microsoftonline\.cn|login\.chinacloudapi\.cn"
    r"|login\.(?:windows\.net|microsoft\.com)"
)
FEED_HOSTS = r"pkgs\.dev\.azure\.com|[a-z0-9-]+\.pkgs\.visualstudio\.com"
_SESSION_HOSTS = r"(?:app\.)?vssps\.(?:visualstudio\.com|dev\.azure\.com)|[a-z0-9-]+\.vssps\.visualstudio\.com"
_TENANT = r"(?i)\bauthorization_uri=\"?https://(" + LOGIN_HOSTS + r")/([0-9a-f-]{36})\b"
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Application(NamedTuple):
    """An application of Entra ID. authority: the URL of the login server."""

    tenant: str
    client_id: str
    authority: str = LOGIN


def token(question: Mapping[str, Any], client: Client) -> dict[str, Any]:
    """{"secret", "expires"} for an application's secret, or for the token in a file. Raises CredentialError.

    question: {"tenant", "client_id", "authority", "secret" or "file"}.
    """
    application = Application(question["tenant"], question["client_id"], question.get("authority") or LOGIN)
    if question.get("secret"):
        about = Exchange(
            "Entra ID",
            f"the secret of the application {application.client_id}",
            "check AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, and renew the secret",
        )
        return _granted(application, {"client_secret": str(question["secret"])}, about, client)
    trust = f"add a federated credential for this issuer and subject to the application {application.client_id}"
    identity = f"the federated token of {question['file']}"
    return by_assertion(application, read_token(question["file"]), Exchange("Entra ID", identity, trust), client)


def by_assertion(application: Application, assertion: str, about: Exchange, client: Client) -> dict[str, Any]:
    """{"secret", "expires"} for a token of another issuer, which the application trusts. Raises CredentialError."""
    fields = {"client_assertion_type": _ASSERTION, "client_assertion": assertion}
    return _granted(application, fields, about, client, assertion)


def discover(question: Mapping[str, Any], client: Client) -> dict[str, Any]:
    """{"tenant", "authorization": URL}, from the feed's answer to a request without a credential; each may be "".

    question: {"url": of the feed}. Raises CredentialError.
    """
    answer = client.send("GET", question["url"], service="Azure Artifacts", hosts=FEED_HOSTS)
    found = re.search(_TENANT, answer.headers.get("www-authenticate", ""))
    return {"tenant": found[2] if found else "", "authorization": answer.headers.get("x-vss-authorizationendpoint", "")}


def narrow(question: Mapping[str, Any], client: Client) -> dict[str, Any]:
    """{"secret", "expires"} of a token for packages only, in place of a user's token for all of Azure DevOps.

    The secret is "" if the token stays as it is: that of an application, or if Azure DevOps gives no other one.
    question: {"secret", "authorization": as in `discover`}. Raises CredentialError.
    """
    said = claims(question["secret"])
    if not said.get("scp") or not question["authorization"]:
        return {"secret": ""}  # an application's token has roles in place of scopes, and gets no session token
    url = f"{question['authorization'].rstrip('/')}/_apis/Token/SessionTokens?api-version=5.0-preview.1"
    answer = client.json(
        url,
        {"scope": "vso.packaging", "displayName": "authpip", "validTo": _utc(said.get("exp"))},
        {"Authorization": f"Bearer {question['secret']}", "X-TFS-FedAuthRedirect": "Suppress"},
        service="Azure DevOps",
        hosts=_SESSION_HOSTS,
    )
    secret = answer.object().get("token")
    narrowed = answer.status == 200 and isinstance(secret, str)
    return {"secret": secret if narrowed else "", "expires": said.get("exp") if narrowed else None}


def _utc(seconds: object) -> str:
    end = float(seconds) if isinstance(seconds, (int, float)) else time.time() + 3600
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(end))


def _granted(
    application: Application, proof: Mapping[str, str], about: Exchange, client: Client, assertion: str = ""
) -> dict[str, Any]:
    if not re.fullmatch(r"[A-Za-z0-9.-]{1,255}", application.tenant):
        remedy = "set AZURE_TENANT_ID, or tenant in the rule"
        raise CredentialError("Entra ID is not asked", "the tenant is not known", remedy)
    url = f"{application.authority.rstrip('/')}/{application.tenant}/oauth2/v2.0/token"
    fields = {"grant_type": "client_credentials", "client_id": application.client_id, "scope": f"{DEVOPS}/.default"}
    answer = client.form(url, {**fields, **proof}, service="Entra ID", hosts=LOGIN_HOSTS)
    return access_token(answer, about, assertion)
