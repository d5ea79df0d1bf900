"""msal as the oracle: for the same input, authpip sends the same request to Entra ID and to managed identities."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import msal
import pytest

from authpip.providers.clouds.exchange import entra, managed_identity
from authpip.providers.clouds.exchange.http import Answer, Client

DEVOPS = entra.DEVOPS
CLIENTS = ["22222222-2222-2222-2222-222222222222", "a1b2c3d4-0000-4000-8000-00000000000f"]
GIVEN = {"access_token": "t", "expires_in": 3600, "expires_on": 4070908800, "token_type": "Bearer", "resource": DEVOPS}


class Sent(NamedTuple):
    """One request, as far as it matters."""

    method: str
    url: str
    query: dict[str, list[str]]
    body: dict[str, list[str]]
    headers: dict[str, str]


def sent(method: str, url: str, body: object, headers: Mapping[str, str]) -> Sent:
    """Read apart; of the headers those that a service looks at."""
    parts = urlsplit(url)
    known = {"metadata", "x-identity-header", "secret"}
    kept = {name.lower(): value.lower() for name, value in headers.items() if name.lower() in known}
    fields = parse_qs(body.decode() if isinstance(body, bytes) else str(body or ""))
    fields.pop("client_info", None)  # asks for an ID token's data, of which an application has none
    return Sent(method, f"{parts.scheme}://{parts.netloc}{parts.path}", parse_qs(parts.query), fields, kept)


class Recorder(Client):
    """The worker's client, without a network."""

    def __init__(self) -> None:
        super().__init__({}, time.monotonic() + 10)
        self.sent: list[Sent] = []

    def reach(self, url: str, **_: Any) -> None:
        """Every service is there."""

    def send(
        self, method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] = {}, **_: Any
    ) -> Answer:
        self.sent.append(sent(method, url, body, headers))
        query = parse_qs(urlsplit(url).query)
        given = {**GIVEN, "client_id": query.get("client_id", [""])[0]}
        return Answer(200, {}, json.dumps(given).encode())


class OracleClient:
    """msal's HTTP client."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []

    def get(self, url: str, params: Any = None, headers: Any = None, **_: Any) -> Any:
        from urllib.parse import urlencode

        self.sent.append(sent("GET", f"{url}?{urlencode(params or {})}", b"", headers or {}))
        return _Response({**GIVEN, "client_id": (params or {}).get("client_id", "")})

    def post(self, url: str, params: Any = None, data: Any = None, headers: Any = None, **_: Any) -> Any:
        from urllib.parse import urlencode

        self.sent.append(sent("POST", url, urlencode(data).encode(), headers or {}))
        return _Response(GIVEN)

    def close(self) -> None:
        """Nothing is open."""


class _Response:
    def __init__(self, given: object) -> None:
        self.status_code, self.text, self.headers = 200, json.dumps(given), {}

    def raise_for_status(self) -> None:
        """All is well."""


TENANTS = ["11111111-1111-1111-1111-111111111111", "contoso.onmicrosoft.com"]
AUTHORITIES = ["https://login.microsoftonline.com", "https://login.microsoftonline.us"]
PROOFS = [{"secret": "s3cret+&="}, {"assertion": "eyJ.a.b"}]


@pytest.mark.parametrize("client_id", CLIENTS)
@pytest.mark.parametrize("tenant", TENANTS)
@pytest.mark.parametrize("authority", AUTHORITIES)
@pytest.mark.parametrize("proof", PROOFS, ids=["secret", "assertion"])
def test_an_application(proof: dict[str, str], authority: str, tenant: str, client_id: str, tmp_path: Any) -> None:
    """16 cases: the request for a token by a secret, or by a federated token."""
    ours = Recorder()
    question = {"tenant": tenant, "client_id": client_id, "authority": authority, **proof}
    if "assertion" in proof:
        (tmp_path / "token").write_text(proof["assertion"])
        question["file"] = str(tmp_path / "token")
    entra.token(question, ours)
    oracle = OracleClient()
    application = _application(client_id, f"{authority}/{tenant}", proof, oracle)
    application.acquire_token_for_client([f"{DEVOPS}/.default"])
    assert ours.sent == [one for one in oracle.sent if one.method == "POST"]


def _application(client_id: str, authority: str, proof: dict[str, str], oracle: OracleClient) -> Any:
    """msal asks for the authority's configuration first: it is answered as Entra ID does."""

    def discovery(url: str, **_: Any) -> _Response:
        token = f"{authority}/oauth2/v2.0/token"
        return _Response({"token_endpoint": token, "authorization_endpoint": token, "issuer": f"{authority}/v2.0"})

    oracle.get = discovery  # type: ignore[method-assign]
    credential: Any = proof.get("secret") or {"client_assertion": lambda: proof["assertion"]}
    return msal.ConfidentialClientApplication(
        client_id, authority=authority, client_credential=credential, http_client=oracle, instance_discovery=False
    )


PLATFORMS = {
    "App Service": {"IDENTITY_ENDPOINT": "http://127.0.0.1:41/msi/token", "IDENTITY_HEADER": "header-secret"},
    "Container Apps": {"IDENTITY_ENDPOINT": "http://localhost:42356/msi/token", "IDENTITY_HEADER": "another"},
    "Machine Learning": {"MSI_ENDPOINT": "http://127.0.0.1:44/msi/token", "MSI_SECRET": "msi-secret"},
    "Arc": {"IDENTITY_ENDPOINT": "http://localhost:40342/metadata/identity/oauth2/token", "IMDS_ENDPOINT": "http://x"},
    "a machine": {},
    "a pod": {"AZURE_POD_IDENTITY_AUTHORITY_HOST": "http://127.0.0.1:2579"},
}


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("client_id", ["", *CLIENTS])
def test_managed_identities(platform: str, client_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """18 cases: where each platform is asked, for which version, for which identity, with which header."""
    variables = PLATFORMS[platform]
    for name in ("IDENTITY_ENDPOINT", "IDENTITY_HEADER", "MSI_ENDPOINT", "MSI_SECRET", "IMDS_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    ours = Recorder()
    managed_identity.token({"variables": variables, "client_id": client_id}, ours)
    oracle = OracleClient()
    identity = (
        msal.UserAssignedManagedIdentity(client_id=client_id) if client_id else msal.SystemAssignedManagedIdentity()
    )
    module = sys.modules["msal.managed_identity"]
    module._obtain_token(oracle, identity, DEVOPS)
    assert ours.sent == oracle.sent[:1]
