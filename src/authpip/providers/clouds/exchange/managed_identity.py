"""Azure's managed identities: Service Fabric, App Service and Container Apps, Machine Learning, Arc, and machines.

learn.microsoft.com, "How managed identities work"; the requests are those of msal.managed_identity.
"""

from __future__ import annotations

import os
import ssl
import time
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from authpip.core.errors import CredentialError
from authpip.core.text_forms import posix_seconds
from authpip.providers.clouds.exchange.entra import DEVOPS
from authpip.providers.clouds.exchange.http import LINK_LOCAL_SECONDS, Answer, Client, allowed
from authpip.providers.clouds.exchange.refusals import Exchange, refused

METADATA = "http://169.254.169.254"
_ARC = "Azure Arc"
_LOCAL = r"localhost|127\.\d+\.\d+\.\d+|169\.254\.\d+\.\d+|::1|fe80:.*"
_ARC_KEYS = "/var/opt/azcmagent/tokens"
_LONGEST_KEY = 4096  # bytes
_ASSIGN = "assign a managed identity to this machine or app, and add it to the organisation of the feed"


class Way(NamedTuple):
    """One kind of managed identity. parameters: of the query, besides the resource. hosts: a pattern for its host."""

    name: str
    endpoint: str
    parameters: Mapping[str, str]
    headers: Mapping[str, str]
    hosts: str = _LOCAL
    thumbprint: str = ""


def token(question: Mapping[str, Any], client: Client) -> dict[str, Any]:
    """{"secret", "expires"}. question: {"variables", "client_id": of a user-assigned identity, or ""}.

    Raises CredentialError.
    """
    variables, client_id = question["variables"], str(question.get("client_id") or "")
    way = _way(variables, client_id)
    url = f"{way.endpoint}?{urlencode({**way.parameters, 'resource': DEVOPS})}"
    answer = _asked(way, url, way.headers, client)
    if way.name == _ARC and answer.status == 401:
        key = _arc_key(answer)
        answer = _asked(way, url, {**way.headers, "Authorization": f"Basic {key}"}, client)
    found = answer.object()
    if answer.status != 200 or not isinstance(found.get("access_token"), str):
        which = f"the managed identity {client_id}" if client_id else "the managed identity"
        raise refused(Exchange(way.name, which, _ASSIGN), answer)
    if way.name == _ARC and client_id and str(found.get("client_id")).lower() != client_id.lower():
        why = f"its agent is too old to choose {client_id}, and gave the token of another"
        raise CredentialError(
            "Azure Arc gave no token for the managed identity", why, "update the agent: azcmagent upgrade"
        )
    return {"secret": found["access_token"], "expires": _end(found)}


def _way(variables: Mapping[str, str], client_id: str) -> Way:
    """The kind of managed identity, by the variables that the platform sets; without them this is a machine (msal)."""
    endpoint, header = variables.get("IDENTITY_ENDPOINT"), variables.get("IDENTITY_HEADER")
    chosen = {"client_id": client_id} if client_id else {}
    if endpoint and header and (thumbprint := variables.get("IDENTITY_SERVER_THUMBPRINT")):
        if not endpoint.lower().startswith("https://"):
            raise CredentialError("Service Fabric is not asked", "IDENTITY_ENDPOINT is plain http", "correct it")
        version = {"api-version": "2019-07-01-preview"}  # the cluster chooses the identity
        return Way("Service Fabric", endpoint, version, {"Secret": header}, r".+", thumbprint)
    if endpoint and header:
        return Way(
            name="App Service",
            endpoint=endpoint,
            parameters={"api-version": "2019-08-01", **chosen},
            headers={"X-IDENTITY-HEADER": header, "Metadata": "True"},
        )
    if (old := variables.get("MSI_ENDPOINT")) and (secret := variables.get("MSI_SECRET")):
        version = {"api-version": "2017-09-01", **({"clientid": client_id} if client_id else {})}
        return Way("Azure Machine Learning", old, version, {"secret": secret})
    if endpoint and variables.get("IMDS_ENDPOINT"):
        return Way(_ARC, endpoint, {"api-version": "2020-06-01", **chosen}, {"Metadata": "true"})
    base = variables.get("AZURE_POD_IDENTITY_AUTHORITY_HOST") or METADATA
    endpoint = f"{base.rstrip('/')}/metadata/identity/oauth2/token"
    return Way("Azure's metadata service", endpoint, {"api-version": "2018-02-01", **chosen}, {"Metadata": "true"})


def _asked(way: Way, url: str, headers: Mapping[str, str], client: Client) -> Answer:
    client.reach(url, service=way.name, hosts=way.hosts)
    context = _pinned(url, way.thumbprint) if way.thumbprint else None
    return client.send("GET", url, headers=headers, service=way.name, hosts=way.hosts, context=context)


def _pinned(url: str, thumbprint: str) -> ssl.SSLContext:
    """A context that trusts only the certificate with this SHA-1 thumbprint, which the node has signed itself."""
    from hashlib import sha1

    scope = allowed(url, r".+", "Service Fabric")
    try:
        certificate = ssl.get_server_certificate((scope.host, scope.port), timeout=LINK_LOCAL_SECONDS)
    except OSError as error:
        raise CredentialError("Service Fabric cannot be reached", error.strerror or "", "check the node") from None
    found = sha1(ssl.PEM_cert_to_DER_cert(certificate), usedforsecurity=False).hexdigest()
    if found.lower() != thumbprint.replace(":", "").lower():
        why = "its certificate is not that of IDENTITY_SERVER_THUMBPRINT"
        raise CredentialError("Service Fabric is not asked for the managed identity", why, "restart the application")
    context = ssl.create_default_context(cadata=certificate)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def _arc_key(answer: Answer) -> str:
    """The key in the file that Azure Arc's agent names; only root and the agent's group may read it."""
    _, _, path = answer.headers.get("www-authenticate", "").partition("realm=")
    path = os.path.realpath(path.strip().strip('"'))
    if os.path.dirname(path) != _ARC_KEYS or not path.endswith(".key"):
        why = f"it names a key that is not in {_ARC_KEYS}"
        raise CredentialError("Azure Arc gave no token for the managed identity", why, "install its agent again")
    try:
        with open(path, encoding="utf-8") as file:
            key = file.read(_LONGEST_KEY + 1)
    except (OSError, ValueError):
        why, remedy = f"{path} cannot be read", "add this user to the group himds"
        raise CredentialError("Azure Arc gave no token for the managed identity", why, remedy) from None
    if len(key) > _LONGEST_KEY:
        raise CredentialError("Azure Arc gave no token for the managed identity", f"{path} is too long", "check it")
    return key.strip()


def _end(found: Mapping[str, Any]) -> float | None:
    if end := posix_seconds(found.get("expires_on")):
        return end
    seconds = posix_seconds(found.get("expires_in"))
    return time.time() + seconds if seconds else None
