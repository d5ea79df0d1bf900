"""The identity that a CI service gives to a job, exchanged for a token of the index: no secret is stored anywhere.

Settings: `[index.oidc] exchange`, and the keys that the exchange needs (docs/configuration.md). Without `issuer` the
issuer is the service that runs the job.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from authpip.config.settings import Rule
from authpip.core.credential import Credential, Secret
from authpip.core.errors import CredentialError
from authpip.providers.base import NONE, Request
from authpip.providers.clouds import job_identity

if TYPE_CHECKING:
    from authpip.storage.token_cache import Token

NAME = "oidc"
HOSTS = NONE
OPTIONS = (
    *("exchange", "issuer", "audience", "provider-name", "role", "workload-identity-provider", "service-account"),
    *("client-id", "tenant", "organization", "service", "token-url", "file"),
)
SOURCE_VARIABLES = job_identity.SECRETS
RENEW = "run the job again; `authpip auth check` shows the subject that the index must trust"
LIFETIME = 43200.0  # seconds, the longest that any of the services grants (AWS)
_USERS = {"google": "oauth2accesstoken", "aws": "aws", "azure": "VssSessionToken", "cloudsmith": "token"}
_AUDIENCES = {"aws": "sts.amazonaws.com", "azure": "api://AzureADTokenExchange", "cloudsmith": "cloudsmith"}
_VARIABLES = {
    ("cloudsmith", "organization"): "CLOUDSMITH_ORG",
    ("cloudsmith", "service"): "CLOUDSMITH_SERVICE_SLUG",
    ("cloudsmith", "audience"): "CLOUDSMITH_OIDC_AUDIENCE",
    ("azure", "tenant"): "AZURE_TENANT_ID",
    ("azure", "client-id"): "AZURE_CLIENT_ID",
    ("aws", "role"): "AWS_ROLE_ARN",
}


def owns(request: Request) -> bool:
    """True if the rule names an exchange."""
    return request.option(NAME, "exchange") is not None


def find(request: Request) -> Credential | None:
    """A token of the exchange. Raises CredentialError if the job has no identity, or the exchange fails."""
    return _credential(request) if owns(request) else None


def source_variables(rule: Rule) -> tuple[str, ...]:
    """The variable in which GitLab jobs usually have the ID token for the rule's audience."""
    from authpip.config.rule_variables import letters

    audience = rule.options.get(NAME, {}).get("audience")
    return (f"{letters(audience)}_ID_TOKEN",) if audience else ()


def job_token(request: Request) -> dict[str, Any]:
    """{"issuer", "subject", "audience"} of the token that this job has for the index. Raises CredentialError."""
    found = _ask("job token", request)
    return {name: str(found.get(name, "?")) for name in ("issuer", "subject", "audience")}


def _credential(request: Request) -> Credential:
    from authpip.providers.minting import cached_credential
    from authpip.storage.token_cache import TokenRequest

    options = _options(request)
    issuer = options.get("issuer") or job_identity.detect(request.environ)
    scope, service = request.index.scope, job_identity.ISSUERS[issuer].name
    wanted = TokenRequest(
        provider=NAME,
        identity="\0".join((repr(sorted(options.items())), _job(issuer, options, request.environ))),
        scope=f"{scope.scheme}://{scope.netloc}" if options["exchange"] != "aws" else str(_domain(request)),
        lock_name=f"oidc-{scope.host}",
        max_seconds=LIFETIME,
        label=f"{service}, exchanged at {options['exchange']}",
    )
    credential = cached_credential(wanted, lambda: _mint(request), request, "")
    named, secret = _unpack(credential.secret)
    rule = request.rule
    return credential._replace(
        username=request.index.username or (rule and rule.username) or named or _user(request, options["exchange"]),
        secret=secret,
        scheme=rule.scheme if rule else "basic",
    )


def _mint(request: Request) -> Token:
    from authpip.providers.clouds.exchange.ask import to_token

    answer = _ask("oidc", request)
    token = to_token(answer, "the exchange")
    return token._replace(secret=_pack(str(answer.get("username") or ""), token.secret))


def _pack(username: str, secret: Secret) -> Secret:
    """Both as one secret: the cache stores no user name, and some exchanges name one."""
    import json

    return Secret(json.dumps([username, secret.expose()]))


def _unpack(packed: Secret) -> tuple[str, Secret]:
    import json

    username, secret = json.loads(packed.expose())
    return username, Secret(secret)


def _ask(work: str, request: Request) -> dict[str, Any]:
    """The answer of the exchange worker. work: a key of worker._WORK. Raises CredentialError."""
    from authpip.providers.clouds.exchange.ask import ask, network

    return ask({**_question(request), "do": work}, network(request.environ), request.deadline)


def _question(request: Request) -> dict[str, Any]:
    """The question to the exchange worker; it may hold secrets and goes to the worker's stdin."""
    options, scope = _options(request), request.index.scope
    issuer = options.get("issuer") or job_identity.detect(request.environ)
    return {
        "exchange": options["exchange"],
        "options": options,
        "origin": f"{scope.scheme}://{scope.netloc}",
        "host": scope.host.replace(".", r"\."),  # a pattern, as Client.send takes it
        "url": request.index.url,
        "domain": _domain(request) if options["exchange"] == "aws" else None,
        "issuer": issuer,
        "audience": options.get("audience"),
        "file": options.get("file"),
        "variables": job_identity.variables(issuer, request.environ),
        "token": job_identity.by_program(issuer, options.get("audience"), request.environ, request.deadline),
    }


def _options(request: Request) -> dict[str, str]:
    """The rule's table, completed by the variables that the service's own tools read, and by the usual audience."""
    options = dict(request.rule.options.get(NAME, {})) if request.rule else {}
    exchange = options["exchange"]
    for (name, key), variable in _VARIABLES.items():
        if name == exchange and key not in options and request.environ.get(variable):
            options[key] = request.environ[variable]
    if "file" in options:
        options["file"] = _absolute(options["file"], request)
        options.setdefault("issuer", "file")
    audience = _AUDIENCES.get(exchange)
    if exchange == "google" and "workload-identity-provider" in options:
        audience = f"https://iam.googleapis.com/{options['workload-identity-provider'].strip('/')}"
    if audience and options.get("issuer") != "file":
        options.setdefault("audience", audience)
    return options


def _absolute(path: str, request: Request) -> str:
    from authpip.files import user_dirs

    full = os.path.join(user_dirs.home(request.environ), path[2:]) if path.startswith("~/") else path
    if not os.path.isabs(full):
        raise CredentialError(
            f"{NAME}: file is refused", "it is relative to wherever pip is run", "write its absolute path"
        )
    return full


def _domain(request: Request) -> tuple[str, ...]:
    from authpip.providers.clouds.hosts import codeartifact_domain

    found = codeartifact_domain(request.index.scope)
    if found is None:
        what, why = f"{NAME}: no token for {request.index.scope.netloc}", "it is not a host of CodeArtifact"
        raise CredentialError(what, why, "correct url or exchange in the rule")
    return tuple(found)


def _job(issuer: str, options: Mapping[str, str], environ: Mapping[str, str]) -> str:
    """All values that distinguish this job, so that no other job gets its cached token. They may be secret."""
    from authpip.providers.clouds.fingerprint import content

    found = job_identity.variables(issuer, environ)
    return "\0".join((issuer, repr(sorted(found.items())), content(options["file"]) if "file" in options else ""))


def _user(request: Request, exchange: str) -> str:
    from authpip.providers.services import token_user

    return _USERS.get(exchange) or token_user(request.index.scope) or ("" if exchange == "jfrog" else "__token__")
