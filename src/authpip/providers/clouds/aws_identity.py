"""Whether the program aws or authpip's own exchange gets a CodeArtifact token; both use the same identity.

authpip exchanges keys and web identities in variables and the role of a container or an instance, and all identities
if aws is not installed. aws handles profiles: only aws can renew SSO, run a credential process and ask for MFA.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from authpip.files import user_dirs
from authpip.providers.clouds import hints
from authpip.providers.clouds.aws_config import config_files, login_command
from authpip.providers.clouds.fingerprint import content
from authpip.providers.clouds.hosts import Domain

if TYPE_CHECKING:
    from authpip.storage.token_cache import Token

_ENDPOINTS = ("AWS_ENDPOINT_URL", "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT", "AWS_DATA_PATH")
_OF_A_ROLE = "(?:source_profile|credential_source)"
_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_VARIABLES = (
    *(*_KEYS, "AWS_SECURITY_TOKEN"),
    *("AWS_PROFILE", "AWS_DEFAULT_PROFILE"),
    *("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME"),
    *("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"),
    *("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "AWS_CONTAINER_AUTHORIZATION_TOKEN"),
    *("AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"),
)


class Whose(NamedTuple):
    """The identity in force. label: its name, and why it is in force. renew: what to do if it is rejected."""

    label: str
    renew: str


def whose(environ: Mapping[str, str], profile: str) -> Whose:
    """The identity in force, in words for messages. profile: the rule's."""
    if not profile and environ.get("AWS_ACCESS_KEY_ID"):
        return Whose("the access key in AWS_ACCESS_KEY_ID", f"renew {', '.join(filter(environ.get, _KEYS))}")
    if _by_web_identity(environ, profile) and environ.get("AWS_ROLE_ARN"):
        renew = "have a new token written to AWS_WEB_IDENTITY_TOKEN_FILE, and check AWS_ROLE_ARN"
        return Whose(f"{environ['AWS_ROLE_ARN']} (AWS_WEB_IDENTITY_TOKEN_FILE)", renew)
    current = current_profile(environ, profile)
    if not current and not _is_configured(environ, "default"):
        if hints.aws_container(environ):
            return Whose("the role of this container", "check its task role (ECS) or Pod Identity association (EKS)")
        if hints.aws_instance(environ):
            return Whose("the role of this instance", "check the instance profile that is attached to it")
    named = f"profile {current}" if current else "the default credentials"
    return Whose(named, f"run `{login_command(environ, current)}`")


def current_profile(environ: Mapping[str, str], profile: str) -> str:
    """The name of the profile in force; "" for the default one."""
    return profile or environ.get("AWS_PROFILE") or environ.get("AWS_DEFAULT_PROFILE") or ""


def by_aws(environ: Mapping[str, str], profile: str) -> bool:
    """True if aws is installed and has to get the token."""
    from authpip.programs.search_path import find_program

    if find_program("aws", environ) is None:
        return False
    if any(name.startswith(_ENDPOINTS) and environ[name] for name in environ):
        return True  # only aws uses the user's own endpoints
    if (environ.get("AWS_ACCESS_KEY_ID") and not profile) or _by_web_identity(environ, profile):
        return False
    current = current_profile(environ, profile)
    has_role = hints.aws_container(environ) or hints.aws_instance(environ)
    return bool(current) or _is_configured(environ, "default") or not has_role


def is_described(environ: Mapping[str, str], profile: str) -> bool:
    """True if a variable, a file or the machine shows that there is an identity."""
    if current_profile(environ, profile) or environ.get("AWS_ACCESS_KEY_ID"):
        return True
    if environ.get("AWS_WEB_IDENTITY_TOKEN_FILE") or _is_configured(environ, "default"):
        return True
    return hints.aws_container(environ) or hints.aws_instance(environ)


def exchanged(
    environ: Mapping[str, str], deadline: float, domain: Domain, *, profile: str, role: str, duration: str, renew: str
) -> Token:
    """A token without aws. role: an ARN or "". duration: seconds or "". renew: for messages. Raises CredentialError."""
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


def _by_web_identity(environ: Mapping[str, str], profile: str) -> bool:
    """True if the variables of a web identity decide; a role in the profile comes before them."""
    if profile or not environ.get("AWS_WEB_IDENTITY_TOKEN_FILE"):
        return False
    settings = "".join(_settings(environ, current_profile(environ, profile) or "default"))
    return not all(re.search(rf"(?m)^\s*{key}\s*[=:]", settings) for key in ("role_arn", _OF_A_ROLE))


def _is_configured(environ: Mapping[str, str], profile: str) -> bool:
    """True if one of the files has a section for the profile."""
    return bool(_settings(environ, profile))


def _settings(environ: Mapping[str, str], profile: str) -> list[str]:
    """The text below the profile's title, in each file that has one."""
    found = []
    for path in config_files(environ):
        _, *parts = re.split(r"(?m)^\s*\[(.+?)\].*$", content(path))
        sections = zip(parts[::2], parts[1::2], strict=True)
        found += [text for title, text in sections if _profile_of(title) == profile]
    return found


def _profile_of(title: str) -> str:
    """The name of the profile in the title `default`, `name` or `profile "name"`."""
    return re.sub(r"^profile\s", "", title.strip()).strip().strip("\"'")
