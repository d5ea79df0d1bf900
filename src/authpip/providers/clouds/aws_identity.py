"""Whether a CodeArtifact token is had by aws or by authpip's own exchange: both take the same identity.

By authpip: keys and web identities in variables, a container's and an instance's role, and everything where aws is not
installed. By aws: profiles, whose long tail (SSO renewal, processes, MFA) only it has.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from authpip.files import user_dirs
from authpip.providers.clouds import hints
from authpip.providers.clouds.aws_config import config_files
from authpip.providers.clouds.fingerprint import content
from authpip.providers.clouds.hosts import Domain

if TYPE_CHECKING:
    from authpip.storage.token_cache import Token

_ENDPOINTS = ("AWS_ENDPOINT_URL", "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT", "AWS_DATA_PATH")
_VARIABLES = (
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"),
    *("AWS_PROFILE", "AWS_DEFAULT_PROFILE"),
    *("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME"),
    *("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"),
    *("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "AWS_CONTAINER_AUTHORIZATION_TOKEN"),
    *("AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"),
)


def label(environ: Mapping[str, str], profile: str) -> str:
    """Whose token it is and why, for people. profile: the rule's."""
    if not profile and environ.get("AWS_ACCESS_KEY_ID"):
        return "the access key in AWS_ACCESS_KEY_ID"
    if not profile and environ.get("AWS_WEB_IDENTITY_TOKEN_FILE") and environ.get("AWS_ROLE_ARN"):
        return f"{environ['AWS_ROLE_ARN']} (AWS_WEB_IDENTITY_TOKEN_FILE)"
    current = current_profile(environ, profile)
    if current:
        return f"profile {current}"
    if not _is_configured(environ, "default"):
        if hints.aws_container(environ):
            return "the role of this container"
        if hints.aws_instance(environ):
            return "the role of this instance"
    return "the default credentials"


def current_profile(environ: Mapping[str, str], profile: str) -> str:
    """The profile that is named; empty for the default one."""
    return profile or environ.get("AWS_PROFILE") or environ.get("AWS_DEFAULT_PROFILE") or ""


def by_aws(environ: Mapping[str, str], profile: str) -> bool:
    """True where the program aws is there and is the one to ask."""
    from authpip.programs.search_path import find_program

    if find_program("aws", environ) is None:
        return False
    if any(name.startswith(_ENDPOINTS) and environ[name] for name in environ):
        return True  # endpoints of the user's own, which only aws goes to
    if not profile and (environ.get("AWS_ACCESS_KEY_ID") or environ.get("AWS_WEB_IDENTITY_TOKEN_FILE")):
        return False
    current = current_profile(environ, profile)
    beside = hints.aws_container(environ) or hints.aws_instance(environ)
    return bool(current) or _is_configured(environ, "default") or not beside


def is_described(environ: Mapping[str, str], profile: str) -> bool:
    """True where a variable, a file or the machine says that there is an identity."""
    if current_profile(environ, profile) or environ.get("AWS_ACCESS_KEY_ID"):
        return True
    if environ.get("AWS_WEB_IDENTITY_TOKEN_FILE") or _is_configured(environ, "default"):
        return True
    return hints.aws_container(environ) or hints.aws_instance(environ)


def exchanged(
    environ: Mapping[str, str], deadline: float, domain: Domain, *, profile: str, role: str, duration: str, renew: str
) -> Token:
    """A token without aws. Raises CredentialError."""
    from authpip.providers.clouds.exchange import ask

    config, credentials = config_files(environ)
    question = {
        "do": "aws",
        "wanted": {**domain._asdict(), "role": role, "duration": duration},
        "profile": profile,
        "variables": ask.chosen(environ, _VARIABLES),
        "config": os.path.abspath(config),
        "credentials": os.path.abspath(credentials),
        "sso_cache": os.path.join(user_dirs.home(environ), ".aws", "sso", "cache"),
        "instance": hints.aws_instance(environ),
        "renew": renew,
    }
    answer = ask.ask(question, ask.network(environ, environ.get("AWS_CA_BUNDLE", "")), deadline)
    return ask.to_token(answer, "AWS")


def _is_configured(environ: Mapping[str, str], profile: str) -> bool:
    """True where one of the files has a section for the profile."""
    section = re.compile(rf"(?m)^\s*\[\s*(?:profile\s+)?{re.escape(profile)}\s*\]")
    return any(section.search(content(path)) for path in config_files(environ))
