"""The service account of a Google machine, container or function, from its metadata server.

google.auth.compute_engine._metadata; cloud.google.com/compute/docs/metadata. No proxy is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from authpip.core.errors import CredentialError
from authpip.providers.clouds.exchange.google_acting import PLATFORM
from authpip.providers.clouds.exchange.http import Client, host_of
from authpip.providers.clouds.exchange.oauth import access_token
from authpip.providers.clouds.exchange.refusals import Exchange

_ADDRESS = "169.254.169.254"
_NAMES = frozenset({"metadata.google.internal", "metadata"})
_HOSTS = r"169\.254\.169\.254|fd20:ce::254|localhost|::1|127(?:\.[0-9]{1,3}){3}"
_FLAVOR = {"Metadata-Flavor": "Google"}
_STEP = 5.0  # seconds for an answer, once the server takes a connection: GKE's may fetch a token first
_SERVICE = "Google's metadata server"
_ELSEWHERE = "set GOOGLE_APPLICATION_CREDENTIALS to a credentials file, or install gcloud and log in with it"


def token(variables: Mapping[str, str], client: Client) -> dict[str, Any]:
    """{"secret", "expires"} of the default service account. Raises CredentialError."""
    named = variables.get("GCE_METADATA_HOST") or variables.get("GCE_METADATA_ROOT") or _ADDRESS
    if host_of(f"http://{named}".rstrip(".")) in _NAMES:
        named = _ADDRESS
    path = f"/computeMetadata/v1/instance/service-accounts/default/token?scopes={quote(PLATFORM, safe='')}"
    try:
        client.reach(f"http://{named}{path}", service=_SERVICE, hosts=_HOSTS)
    except CredentialError as error:
        raise CredentialError(error.what, error.why, _ELSEWHERE) from None
    answer = client.send("GET", f"http://{named}{path}", None, _FLAVOR, service=_SERVICE, hosts=_HOSTS, seconds=_STEP)
    if answer.headers.get("metadata-flavor") != "Google":
        raise CredentialError(f"{named} is not {_SERVICE}", "its answer has no Metadata-Flavor", _ELSEWHERE)
    if answer.status == 404:
        remedy = "attach a service account to the machine, or set GOOGLE_APPLICATION_CREDENTIALS"
        raise CredentialError(f"{_SERVICE} gave no token", "the machine has no service account", remedy)
    trust = "attach a service account with the scope cloud-platform to the machine"
    return access_token(answer, Exchange(_SERVICE, "the machine's service account", trust))
