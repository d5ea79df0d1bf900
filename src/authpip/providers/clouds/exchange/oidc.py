"""Exchange a CI job's token for one that an index accepts: JFrog, Cloudsmith, RFC 8693, Google, AWS, Azure.

JFrog: jfrog.com/help, "OIDC Token Exchange". Cloudsmith: docs.cloudsmith.com/api/openid. Google: AIP-4117.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from authpip.core.text_forms import posix_seconds
from authpip.providers.clouds.exchange import codeartifact, entra, google_acting, issuers
from authpip.providers.clouds.exchange.http import Client
from authpip.providers.clouds.exchange.jwt import claims, described
from authpip.providers.clouds.exchange.oauth import access_token
from authpip.providers.clouds.exchange.refusals import Exchange, refused, required
from authpip.providers.clouds.job_identity import ISSUERS

_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
_ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"  # noqa: S105 (the name of a kind)
_ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105
_JWT = "urn:ietf:params:oauth:token-type:jwt"


def job_token(question: Mapping[str, Any], client: Client) -> dict[str, Any]:
    """{"issuer", "subject", "audience"} of the job's token, to configure the trust of an index; never the token."""
    return described(issuers.job_token(question, client))


def exchange(question: Mapping[str, Any], client: Client) -> dict[str, Any]:
    """{"secret", "expires": POSIX seconds or null, "username"}. Raises CredentialError.

    question: as for issuers.job_token, and {"exchange", "options": the rule's table, "origin", "host": a pattern and
    "url" of the index, "domain": of CodeArtifact, for aws}.
    """
    token = issuers.job_token(question, client)
    identity = f"the token of {ISSUERS[question['issuer']].name}"
    return _EXCHANGES[question["exchange"]](token, identity, question, client)


def _jfrog(token: str, identity: str, question: Mapping[str, Any], client: Client) -> dict[str, Any]:
    (provider,) = required(question["options"], "provider-name", exchange="jfrog")
    trust = f"add an identity mapping for this subject to JFrog's OIDC provider {provider!r}"
    fields = {
        "grant_type": _EXCHANGE,
        "subject_token_type": _ID_TOKEN,
        "subject_token": token,
        "provider_name": provider,
    }
    url = f"{question['origin']}/access/api/v1/oidc/token"
    answer = client.json(url, fields, service="JFrog", hosts=question["host"])
    about = Exchange("JFrog", identity, trust)
    found = access_token(answer, about, token)
    subject = str(claims(found["secret"]).get("sub") or "")
    user = answer.object().get("username") or subject.rpartition("/")[2]
    return {**found, "username": str(user)}


def _cloudsmith(token: str, identity: str, question: Mapping[str, Any], client: Client) -> dict[str, Any]:
    organization, service = required(question["options"], "organization", "service", exchange="cloudsmith")
    from urllib.parse import quote

    url = f"https://api.cloudsmith.io/openid/{quote(organization, safe='')}/"
    fields = {"oidc_token": token, "service_slug": service}
    answer = client.json(url, fields, service="Cloudsmith", hosts=r"api\.cloudsmith\.io")
    found = answer.object().get("token")
    if answer.status not in {200, 201} or not isinstance(found, str):
        trust = f"allow this subject in the OIDC settings of {organization}, for the service {service!r}"
        raise refused(Exchange("Cloudsmith", identity, trust), answer, token)
    return {"secret": found, "expires": posix_seconds(claims(found).get("exp")), "username": "token"}


def _rfc8693(token: str, identity: str, question: Mapping[str, Any], client: Client) -> dict[str, Any]:
    options = question["options"]
    (url,) = required(options, "token-url", exchange="rfc8693")
    fields = {
        "grant_type": _EXCHANGE,
        "subject_token": token,
        "subject_token_type": _ID_TOKEN,
        "requested_token_type": _ACCESS_TOKEN,
    }
    fields |= {"client_id": options["client-id"]} if options.get("client-id") else {}
    # The user's rule may name any host, but Client requires https.
    answer = client.form(url, fields, service="the token service", hosts=r".+")
    about = Exchange("the token service", identity, "have the token service trust this issuer and subject")
    return access_token(answer, about, token)


def _google(token: str, identity: str, question: Mapping[str, Any], client: Client) -> dict[str, Any]:
    options = question["options"]
    (pool,) = required(options, "workload-identity-provider", exchange="google")
    account = options.get("service-account")
    fields = {
        "grant_type": _EXCHANGE,
        "audience": f"//iam.googleapis.com/{pool.strip('/').removeprefix('iam.googleapis.com/')}",
        "scope": google_acting.PLATFORM,
        "requested_token_type": _ACCESS_TOKEN,
        "subject_token": token,
        "subject_token_type": _JWT,
    }
    answer = client.form("https://sts.googleapis.com/v1/token", fields, service="Google", hosts=r"sts\.googleapis\.com")
    trust = "check the attribute condition and mapping of the workload identity provider"
    found = access_token(answer, Exchange("Google", identity, trust), token)
    if not account:
        return found
    acting = google_acting.Acting(google_acting.url_of(str(account)), [], identity=identity, assertion=token)
    return google_acting.token(acting, found["secret"], client)


def _azure(token: str, identity: str, question: Mapping[str, Any], client: Client) -> dict[str, Any]:
    options = question["options"]
    (application,) = required(options, "client-id", exchange="azure")
    tenant = str(options.get("tenant") or "") or entra.discover(question, client)["tenant"]
    trust = f"add a federated credential for this issuer and subject to the application {application}"
    about = Exchange("Entra ID", identity, trust)
    return entra.by_assertion(entra.Application(tenant, application), token, about, client)


def _aws(token: str, identity: str, question: Mapping[str, Any], client: Client) -> dict[str, Any]:
    (role,) = required(question["options"], "role", exchange="aws")
    about = Exchange("AWS", identity, f"let the trust policy of {role} name this issuer, audience and subject")
    domain, owner, region = question["domain"]
    return codeartifact.token(codeartifact.Wanted(domain, owner, region, role), token, about, client)


_EXCHANGES: dict[str, Callable[[str, str, Mapping[str, Any], Client], dict[str, Any]]] = {
    "jfrog": _jfrog,
    "cloudsmith": _cloudsmith,
    "rfc8693": _rfc8693,
    "google": _google,
    "azure": _azure,
    "aws": _aws,
}
