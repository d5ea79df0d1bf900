"""AWS CodeArtifact: a token for the identity that botocore's chain would choose, with the program aws or without it.

Settings: `[index.aws] profile`, `role` (an ARN to assume first), `duration` (seconds, 0 for the rest of the session),
and for a host that does not name them `domain`, `domain-owner`, `region`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from authpip.core.credential import Credential
from authpip.core.errors import CredentialError
from authpip.providers.base import NONE, Request, no_variables
from authpip.providers.clouds.hosts import AWS_HOSTS, Domain, codeartifact_domain

if TYPE_CHECKING:
    from authpip.providers.clouds.aws_identity import Whose
    from authpip.storage.token_cache import Token

NAME = "aws"
OPTIONS = ("profile", "role", "duration", "domain", "domain-owner", "region")
SOURCE_VARIABLES = NONE
RENEW = "check the identity of AWS that `authpip auth explain` names"
source_variables = no_variables
USERNAME = "aws"
LIFETIME = 43200.0  # seconds, the longest that AWS grants
HOSTS = AWS_HOSTS


def owns(request: Request) -> bool:
    """True for CodeArtifact's hosts, and where a rule names this provider."""
    return codeartifact_domain(request.index.scope) is not None or bool(request.rule and request.rule.provider == NAME)


def find(request: Request) -> Credential | None:
    """A token for the domain, which serves all its repositories."""
    return _credential(request) if owns(request) else None


def _credential(request: Request) -> Credential:
    from authpip.providers.clouds import aws_identity
    from authpip.providers.clouds.aws_config import config_files
    from authpip.providers.clouds.fingerprint import fingerprint
    from authpip.providers.minting import cached_credential
    from authpip.storage.token_cache import TokenRequest

    domain = _domain(request)
    profile = request.option(NAME, "profile") or ""
    role, duration = request.option(NAME, "role") or "", request.option(NAME, "duration") or ""
    whose = aws_identity.whose(request.environ, profile)
    wanted = TokenRequest(
        provider=NAME,
        identity="\0".join((profile, role, fingerprint(request.environ, ("AWS_",), config_files(request.environ)))),
        scope="\0".join((*domain, duration)),
        lock_name=f"aws-{domain.domain}-{domain.owner}",
        max_seconds=LIFETIME,
        label=role or whose.label,
    )
    found = cached_credential(wanted, lambda: _mint(request, domain, whose), request, USERNAME)
    return found._replace(renew=whose.renew)


def _mint(request: Request, domain: Domain, whose: Whose) -> Token:
    from authpip.providers.clouds import aws_identity

    environ, deadline = request.environ, request.deadline
    profile, role = request.option(NAME, "profile") or "", request.option(NAME, "role") or ""
    duration = request.option(NAME, "duration") or ""
    by_aws = aws_identity.by_aws(environ, profile)
    if not by_aws and aws_identity.is_described(environ, profile):
        return aws_identity.exchanged(
            environ, deadline, domain, profile=profile, role=role, duration=duration, renew=whose.renew
        )
    from authpip.providers.clouds import aws
    from authpip.providers.clouds.aws_config import login_command

    current = aws_identity.current_profile(environ, profile)
    identity = aws.Identity(
        profile,
        role,
        named=current,
        whose=role or whose.label,
        login=login_command(environ, current),
        renew=whose.renew,
    )
    return aws.mint(environ, deadline, domain, identity, duration=duration)


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
