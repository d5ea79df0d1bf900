"""AWS CodeArtifact: a token from the user's own aws, version 1 or 2.

Settings: `[index.aws] profile`, `role` (an ARN to assume first), `duration` (seconds), and for a host that does
not name them `domain`, `domain-owner`, `region`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from authpip.core.credential import Credential
from authpip.core.errors import CredentialError
from authpip.providers.base import NONE, Request, no_variables
from authpip.providers.clouds.aws_config import config_files, login_remedies
from authpip.providers.clouds.fingerprint import fingerprint
from authpip.providers.clouds.hosts import AWS_HOSTS, Domain, codeartifact_domain

if TYPE_CHECKING:
    from authpip.storage.token_cache import Token

NAME = "aws"
OPTIONS = ("profile", "role", "duration", "domain", "domain-owner", "region")
SOURCE_VARIABLES = NONE
RENEW = "type: aws sso login"
source_variables = no_variables
USERNAME = "aws"
LIFETIME = 43200.0  # seconds, the longest that AWS grants
HOSTS = AWS_HOSTS


def owns(request: Request) -> bool:
    """True for CodeArtifact's hosts, and where a rule names this provider."""
    return codeartifact_domain(request.index.scope) is not None or bool(request.rule and request.rule.provider == NAME)


def find(request: Request) -> Credential | None:
    """A token for the domain, which serves all its repositories."""
    return _minted(request) if owns(request) else None


def _minted(request: Request) -> Credential:
    from authpip.providers.minting import cached_credential
    from authpip.storage.token_cache import TokenRequest

    domain = _domain(request)
    profile = request.option(NAME, "profile") or ""
    role, duration = request.option(NAME, "role") or "", request.option(NAME, "duration") or ""
    identity = fingerprint(request.environ, ("AWS_",), config_files(request.environ))
    current = profile or request.environ.get("AWS_PROFILE") or request.environ.get("AWS_DEFAULT_PROFILE") or ""
    wanted = TokenRequest(
        provider=NAME,
        identity="\0".join((profile, role, identity)),
        scope="\0".join((*domain, duration)),
        lock_name=f"aws-{domain.domain}-{domain.owner}",
        max_seconds=LIFETIME,
        label=role or (f"profile {current}" if current else "the default credentials"),
    )

    def mint() -> Token:
        from authpip.providers.clouds import aws

        login, renew = login_remedies(request.environ, current)
        identity = aws.Identity(profile, role, current, wanted.label, login, renew)
        return aws.mint(request.environ, request.deadline, domain, identity, duration=duration)

    return cached_credential(wanted, mint, request, USERNAME)


def _domain(request: Request) -> Domain:
    known = codeartifact_domain(request.index.scope) or Domain("", "", "")
    chosen = Domain(
        request.option(NAME, "domain") or known.domain,
        request.option(NAME, "domain-owner") or known.owner,
        request.option(NAME, "region") or known.region,
    )
    if not all(chosen):
        what = f"{NAME}: no token for {request.index.scope.netloc}"
        why = "the host does not name a domain, its owner and a region"
        raise CredentialError(what, why, "set domain, domain-owner and region in the rule's [index.aws]")
    return chosen
