"""Where a service refuses an identity, the message names the cloud, the kind of identity, and what to do.

The answers are those of the services, as their users report them; the exchange of a CI job's token, an application and
a managed identity of Azure, each in the worker's own code without a network (F13, P9).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from email.utils import formatdate
from typing import Any, NamedTuple

import pytest

from authpip.core.errors import CredentialError
from authpip.providers.clouds.exchange import entra, managed_identity, oidc
from authpip.providers.clouds.exchange.http import Answer, Client, unreachable
from support.servers import exchange_services as there
from support.servers.exchange_services import CLIENT, POOL, ROLE, SUBJECT, TENANT, jwt

pytestmark = pytest.mark.real

TEN_MINUTES = 600.0
TOKEN = jwt(sub=SUBJECT)


class Canned(Client):
    """Each request is answered with the same, or fails."""

    def __init__(self, answer: Answer | Exception) -> None:
        super().__init__({}, time.monotonic() + 30)
        self.answer = answer

    def within(self, seconds: float) -> Client:
        return self

    def reach(self, url: str, **_: Any) -> None:
        if isinstance(self.answer, Exception):
            raise unreachable("the service", "its host", self.answer)

    def send(
        self, method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] = {}, **options: Any
    ) -> Answer:
        if isinstance(self.answer, Exception):
            raise unreachable(options["service"], "its host", self.answer)
        return self.answer


class Way(NamedTuple):
    """One way to a token. cloud, identity: as every message names them. trust: what makes the service trust it."""

    ask: Callable[[Client], object]
    cloud: str
    identity: str
    trust: str


def exchange(name: str, **options: str) -> Callable[[Client], object]:
    """The exchange of the token of a GitHub job."""
    question = {
        "exchange": name,
        "options": options,
        "origin": "https://corp.jfrog.io",
        "host": r"corp\.jfrog\.io",
        "url": "",
        "domain": ("corp", "123456789012", "eu-west-1"),
        "issuer": "github",
        "token": TOKEN,
    }
    return lambda client: oidc.exchange(question, client)


def application(client: Client) -> object:
    return entra.token({"tenant": TENANT, "client_id": CLIENT, "secret": "client-secret"}, client)


def federated(client: Client) -> object:
    about = entra.Exchange("Entra ID", "the federated token of /token", f"add a federated credential to {CLIENT}")
    return entra.by_assertion(entra.Application(TENANT, CLIENT), TOKEN, about, client)


def managed(client: Client) -> object:
    return managed_identity.token({"variables": {}, "client_id": CLIENT}, client)


GITHUB = "the token of GitHub Actions"
WAYS = {
    "jfrog": Way(exchange("jfrog", **{"provider-name": "gh"}), "JFrog", GITHUB, "add an identity mapping"),
    "cloudsmith": Way(
        exchange("cloudsmith", organization="corp", service="ci"),
        "Cloudsmith",
        GITHUB,
        "allow this subject in the OIDC",
    ),
    "google": Way(exchange("google", **{"workload-identity-provider": POOL}), "Google", GITHUB, "attribute condition"),
    "aws": Way(exchange("aws", role=ROLE), "AWS", GITHUB, f"let the trust policy of {ROLE} name this issuer"),
    "azure": Way(
        exchange("azure", tenant=TENANT, **{"client-id": CLIENT}), "Entra ID", GITHUB, "add a federated credential"
    ),
    "rfc8693": Way(
        exchange("rfc8693", **{"token-url": f"https://{there.OWN}/token"}),
        "the token service",
        GITHUB,
        "trust this issuer",
    ),
    "secret": Way(application, "Entra ID", f"the secret of the application {CLIENT}", "AZURE_CLIENT_ID"),
    "federated": Way(federated, "Entra ID", "the federated token of /token", "add a federated credential"),
    "managed": Way(managed, "Azure's metadata service", f"the managed identity {CLIENT}", "assign a managed identity"),
}


def oauth(code: str, words: str = "", status: int = 400) -> Answer:
    """RFC 6749, 5.2."""
    return Answer(status, {}, json.dumps({"error": code, "error_description": words}).encode())


def errors(code: str, words: str, status: int = 400) -> Answer:
    """JFrog's form."""
    return Answer(status, {}, json.dumps({"errors": [{"code": code, "message": words}]}).encode())


def detail(words: str, status: int = 400) -> Answer:
    """Cloudsmith's form."""
    return Answer(status, {}, json.dumps({"detail": words}).encode())


def sts(code: str, words: str, status: int = 400) -> Answer:
    """AWS STS's form."""
    text = f"<ErrorResponse><Error><Code>{code}</Code><Message>{words}</Message></Error></ErrorResponse>"
    return Answer(status, {}, text.encode())


AADSTS_SUBJECT = (
    "AADSTS700213: No matching federated identity record found for presented assertion subject "
    f"'{SUBJECT}'. Check your federated identity credential Subject, Audience and Issuer against the presented "
    "assertion."
)
AADSTS_AUDIENCE = AADSTS_SUBJECT.replace("700213", "700212").replace("assertion subject", "assertion audience")
AADSTS_OLD = (
    "AADSTS70021: No matching federated identity record found for presented assertion. Assertion Issuer: 'i'. "
    "Assertion Subject: 's'. Assertion Audience: 'api://AzureADTokenExchange'."
)
AADSTS_TIME = "AADSTS700024: Client assertion is not within its valid time range. Current time: 1, expiry time 2."
POLICY = "the tenant's policy (conditional access) refuses it"
AUDIENCE, EXPIRED, UNTRUSTED = "the audience of the token", "has expired", "does not trust this subject"
# (way, what the service answers, why); what to do follows from why, in REMEDIES
TABLE = {
    "jfrog: audience": ("jfrog", errors("BAD_REQUEST", "Invalid audience"), AUDIENCE),
    "jfrog: expired": ("jfrog", errors("UNAUTHORIZED", "Token has expired", 401), EXPIRED),
    "jfrog: no mapping": ("jfrog", errors("FORBIDDEN", "No identity mapping matches the claims", 403), UNTRUSTED),
    "jfrog: denied": ("jfrog", errors("FORBIDDEN", "Forbidden", 403), "it is denied (403"),
    "cloudsmith: audience": ("cloudsmith", detail("Invalid aud claim", 422), AUDIENCE),
    "cloudsmith: expired": ("cloudsmith", detail("Signature has expired", 401), EXPIRED),
    "cloudsmith: claims": ("cloudsmith", detail("The token's claims match no provider settings.", 422), UNTRUSTED),
    "cloudsmith: denied": ("cloudsmith", detail("Not found.", 404), "it is denied (404"),
    "google: audience": (
        *("google", oauth("invalid_grant", "The audience in ID Token [x] does not match the expected audience y.")),
        AUDIENCE,
    ),
    "google: stale": (
        *("google", oauth("invalid_grant", "ID Token issued at 1 is stale to sign-in.")), EXPIRED,
    ),
    "google: condition": (
        *("google", oauth("unauthorized_client", "The given credential is rejected by the attribute condition.")),
        UNTRUSTED,
    ),
    "google: no such provider": (
        *("google", oauth("invalid_target", 'The target service indicated by the "audience" parameters is invalid.')),
        "it does not know the provider or audience",
    ),
    "google: pool is no resource name": (
        *("google", oauth("invalid_request", 'Invalid value for "audience". It should be the full resource name')),
        "it does not know the provider or audience",
    ),
    "google: denied": ("google", oauth("access_denied", "", 403), "it is denied (403"),
    "aws: audience": ("aws", sts("InvalidIdentityToken", "Incorrect token audience"), AUDIENCE),
    "aws: expired": ("aws", sts("ExpiredTokenException", "Token expired: current date/time must be before"), EXPIRED),
    "aws: trust": (
        *("aws", sts("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", 403)), UNTRUSTED,
    ),
    "aws: issuer": ("aws", sts("InvalidIdentityToken", "No OpenIDConnect provider found in your account"), UNTRUSTED),
    "aws: denied": ("aws", sts("AccessDenied", "Access denied", 403), "it is denied (403"),
    "rfc8693: audience": ("rfc8693", oauth("invalid_target", "unknown"), "it does not know"),
    "rfc8693: untrusted": ("rfc8693", oauth("invalid_grant", "the subject is not trusted"), UNTRUSTED),
    "rfc8693: expired": ("rfc8693", oauth("invalid_grant", "subject_token expired"), EXPIRED),
    "rfc8693: denied": ("rfc8693", oauth("access_denied", "", 403), "it is denied (403"),
    **{
        f"{way}: {name}": (way, oauth("invalid_client", said, 401), why)
        for way in ("azure", "federated")
        for name, said, why in (
            ("audience", AADSTS_AUDIENCE, AUDIENCE),
            ("subject", AADSTS_SUBJECT, UNTRUSTED),
            ("subject, by case", AADSTS_SUBJECT.replace("700213", "7002138"), UNTRUSTED),
            ("issuer", AADSTS_SUBJECT.replace("700213", "700211"), UNTRUSTED),
            ("subject, old code", AADSTS_OLD, UNTRUSTED),
            ("no application", "AADSTS700016: Application 'x' was not found in the directory", UNTRUSTED),
            ("time", AADSTS_TIME, "not valid at this time"),
            ("denied", "AADSTS53003: Access has been blocked by Conditional Access policies.", POLICY),
        )
    },
    "secret: wrong": ("secret", oauth("invalid_client", "AADSTS7000215: Invalid client secret."), "is wrong"),
    "secret: expired": ("secret", oauth("invalid_client", "AADSTS7000222: The keys of app are expired."), EXPIRED),
    "secret: no application": ("secret", oauth("unauthorized_client", "AADSTS700016: App not found"), UNTRUSTED),
    "managed: not there": ("managed", oauth("invalid_request", "Identity not found"), "there is no such identity here"),
    "managed: App Service": (
        *("managed", Answer(400, {}, b'{"statusCode":400,"message":"No managed identity was found"}')),
        "there is no such identity here",
    ),
    "managed: denied": ("managed", oauth("AADSTS500011", "The resource was not found"), "it is denied (400"),
}  # fmt: skip
REMEDIES = {
    AUDIENCE: "correct audience",
    EXPIRED: "run the job again",
    "not valid at this time": "set this machine's clock",
    "is wrong": "renew the secret",
    POLICY: "ask your Azure administrator",
}


def complaint(way: Way, answer: Answer | Exception) -> str:
    """The one line that a refusal becomes, without a token or a secret."""
    with pytest.raises(CredentialError) as caught:
        way.ask(Canned(answer))
    line = str(caught.value)
    assert line.isprintable()
    assert caught.value.remedy
    assert not [secret for secret in ("client-secret", TOKEN, "eyJ") if secret in line], line
    return line


@pytest.mark.parametrize("case", TABLE)
def test_refusals(case: str) -> None:
    """Cause and remedy of each answer; a refusal of a job's token says its issuer, subject and audience."""
    name, answer, why = TABLE[case]
    way = WAYS[name]
    line = complaint(way, answer)
    remedy = REMEDIES.get(why, way.trust)
    assert [word for word in (f"{way.cloud} did not accept {way.identity}", why, remedy) if word not in line] == [], (
        line
    )
    if name not in {"secret", "managed"}:
        assert f"[issuer https://ci.example, subject {SUBJECT}, audience corp]" in line


@pytest.mark.parametrize("name", WAYS)
@pytest.mark.parametrize("clock", [TEN_MINUTES, -TEN_MINUTES])
def test_a_clock_that_is_off(name: str, clock: float) -> None:
    """By ten minutes: the Date header shows it, whatever the refusal says."""
    headers = {"date": formatdate(time.time() + clock, usegmt=True)}
    line = complaint(WAYS[name], oauth("invalid_grant", "the audience is wrong")._replace(headers=headers))
    assert f"this machine's clock is 10 min {'behind' if clock > 0 else 'ahead'}" in line
    assert "set this machine's clock (NTP)" in line


@pytest.mark.parametrize("name", WAYS)
def test_services_that_are_down_or_not_reached(name: str) -> None:
    """Its own failure, too many requests, no route, no answer: the service is named, and what to do."""
    way = WAYS[name]
    for status in (429, 500, 503):
        assert f"it answered {status}; try again in a few minutes" in complaint(way, Answer(status, {}, b""))
    for error in (
        TimeoutError("timed out"),
        ConnectionRefusedError(111, "Connection refused"),
        OSError(101, "no route"),
    ):
        line = complaint(way, error)
        assert "cannot be reached" in line
        assert "check the network" in line
