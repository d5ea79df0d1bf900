"""AWS: the keys that botocore's chain would choose, and a CodeArtifact token for them.

The order is that of botocore.credentials.create_credential_resolver: variables (unless the rule names a profile), the
profile's role, a web identity, SSO, keys in files, then the service of the container and that of the instance.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from authpip.core.errors import CredentialError
from authpip.providers.clouds.exchange import aws_near, aws_profile, aws_sts, codeartifact
from authpip.providers.clouds.exchange.aws_refusals import Asker, refused
from authpip.providers.clouds.exchange.files import read_token
from authpip.providers.clouds.exchange.http import Client
from authpip.providers.clouds.exchange.sigv4 import Keys

_BY_AWS = ("login_session", "credential_process")  # keys of a profile that only aws can use
_DEEPEST = 5  # roles that are assumed, each with the keys of the one before


class Whose(NamedTuple):
    """Keys, and the identity that they belong to, in words for messages."""

    keys: Keys
    identity: str


class Chain(NamedTuple):
    """What the chain of identities reads. profile: the one in force. explicit: a rule names the profile, so variables
    do not count. instance: the instance's metadata service may be asked.
    """

    variables: Mapping[str, str]
    profiles: aws_profile.Profiles
    profile: str
    explicit: bool
    region: str
    instance: bool
    client: Client


def token(question: Mapping[str, Any], client: Client) -> dict[str, Any]:
    """{"secret", "expires"} of a CodeArtifact domain. Raises CredentialError.

    question: {"wanted": fields of codeartifact.Wanted, "profile", "variables", "config", "credentials", "sso_cache":
    paths, "instance": bool, "renew": what to type if the identity has expired}.
    """
    wanted = codeartifact.Wanted(**question["wanted"])
    profiles = aws_profile.read(question["config"], question["credentials"], question["sso_cache"])
    variables, explicit = question["variables"], question["profile"]
    current = explicit or variables.get("AWS_PROFILE") or variables.get("AWS_DEFAULT_PROFILE") or "default"
    chain = Chain(variables, profiles, current, bool(explicit), wanted.region, question["instance"], client)
    whose = _found(chain)
    asker = Asker(whose.identity, question["renew"], profile=current)
    if wanted.role:
        role = aws_sts.Role(wanted.role, wanted.region)
        keys = aws_sts.by_keys(role, whose.keys, client, partial(refused, asker=asker))
        whose = Whose(keys, f"the role {wanted.role}")
        asker = asker._replace(identity=whose.identity, renew="check the role's permissions")
    return codeartifact.authorization(wanted, whose.keys, asker, client)


def _found(chain: Chain) -> Whose:
    for step in (*_STEPS, _of_container, _of_instance):
        whose = step(chain)
        if whose is None:
            continue
        if whose.keys.expires is not None and whose.keys.expires <= time.time():
            raise CredentialError(f"{whose.identity} has expired", "", "renew it, and check this machine's clock")
        return whose
    known = {*chain.profiles.config, *chain.profiles.credentials}
    if chain.profile != "default" and chain.profile not in known:
        raise CredentialError(f"there is no profile {chain.profile}", "", "correct it, or AWS_PROFILE")
    raise CredentialError(
        "no identity of AWS was found",
        "there is no AWS_ACCESS_KEY_ID, no AWS_WEB_IDENTITY_TOKEN_FILE, no profile, no role of a container or instance",
        "give the job one of them, or install aws and run `aws configure`",
    )


def _of_variables(chain: Chain) -> Whose | None:
    found = chain.variables
    key, secret = found.get("AWS_ACCESS_KEY_ID"), found.get("AWS_SECRET_ACCESS_KEY")
    if chain.explicit or not key:
        return None
    if not secret:
        raise CredentialError("AWS_ACCESS_KEY_ID is set alone", "AWS_SECRET_ACCESS_KEY is not set", "set both")
    session = found.get("AWS_SESSION_TOKEN") or found.get("AWS_SECURITY_TOKEN") or ""
    return Whose(Keys(key, secret, session), "the access key in AWS_ACCESS_KEY_ID")


def _of_role(chain: Chain) -> Whose | None:
    """The profile's role, assumed with the keys of another profile or of the machine."""
    section = chain.profiles.of(chain.profile)
    if "role_arn" not in section or not {"source_profile", "credential_source"} & set(section):
        return None
    return _assumed(chain, chain.profile, _DEEPEST)


def _assumed(chain: Chain, name: str, left: int) -> Whose:
    section = chain.profiles.of(name)
    if section.get("mfa_serial"):
        raise _left_to_aws(name, "mfa_serial")
    source = section.get("source_profile")
    if source:
        base = _of_source(chain, source, name, left)
    else:
        step = _SOURCES.get(section.get("credential_source", ""))
        found = step(chain._replace(explicit=False, instance=True)) if step else None
        if found is None:
            why = f"credential_source = {section.get('credential_source')!r} has no keys"
            raise CredentialError(f"no keys for the role of profile {name}", why, "correct ~/.aws/config")
        base = found
    identity = f"the role {section['role_arn']} of profile {name}"
    asker = Asker(base.identity, "check the role's trust policy", profile=name)
    role = aws_sts.Role(
        section["role_arn"],
        chain.region,
        session=section.get("role_session_name") or aws_sts.SESSION,
        external=section.get("external_id", ""),
        duration=_seconds(section.get("duration_seconds", "")),
    )
    keys = aws_sts.by_keys(role, base.keys, chain.client, partial(refused, asker=asker))
    return Whose(keys, identity)


def _seconds(text: str) -> str:
    """The number as text; "" for anything else, which botocore leaves out as well."""
    try:
        return str(int(text))
    except ValueError:
        return ""


def _of_source(chain: Chain, source: str, name: str, left: int) -> Whose:
    section = chain.profiles.of(source)
    keys = aws_profile.static_keys(section)
    if keys and (source == name or "role_arn" not in section):
        return Whose(keys, f"the keys of profile {source}")
    if "role_arn" in section and source != name and left:
        return _assumed(chain, source, left - 1)
    found = _of_profile(chain._replace(profile=source, explicit=True))
    if found is None:
        why = f"source_profile = {source!r} has no keys"
        raise CredentialError(f"no keys for the role of profile {name}", why, "correct ~/.aws/config")
    return found


def _of_web_identity(chain: Chain) -> Whose | None:
    section = chain.profiles.of(chain.profile)
    variables = {} if chain.explicit else chain.variables
    file = variables.get("AWS_WEB_IDENTITY_TOKEN_FILE") or section.get("web_identity_token_file")
    role = variables.get("AWS_ROLE_ARN") or section.get("role_arn")
    if not file:
        return None
    if not role:
        raise CredentialError("AWS_WEB_IDENTITY_TOKEN_FILE is set alone", "AWS_ROLE_ARN is not set", "set both")
    session = variables.get("AWS_ROLE_SESSION_NAME") or section.get("role_session_name") or aws_sts.SESSION
    assumed = aws_sts.Role(role, chain.region, session)
    asker = Asker(f"the web identity of {file} for {role}", "have a new token written to that file")
    keys = aws_sts.by_web_identity(assumed, read_token(file), chain.client, partial(refused, asker=asker))
    return Whose(keys, f"the role {role} of a web identity")


def _of_profile(chain: Chain) -> Whose | None:
    """The keys of an SSO session, or those in a file. Raises CredentialError for a profile that only aws can use."""
    found = aws_profile.sso_keys(chain.profiles, chain.profile, chain.client)
    if found:
        return Whose(found, f"the SSO session of profile {chain.profile}")
    for sections in (chain.profiles.credentials, chain.profiles.config):
        keys = aws_profile.static_keys(sections.get(chain.profile, {}))
        if keys:
            return Whose(keys, f"the keys of profile {chain.profile}")
        needed = next((key for key in _BY_AWS if key in chain.profiles.of(chain.profile)), None)
        if needed:
            raise _left_to_aws(chain.profile, needed)
    return None


def _of_container(chain: Chain) -> Whose | None:
    keys = aws_near.of_container(chain.variables, chain.client)
    return Whose(keys, "the role of this container") if keys else None


def _of_instance(chain: Chain) -> Whose | None:
    if not chain.instance:
        return None
    return Whose(aws_near.of_instance(chain.variables, chain.client), "the role of this instance")


def _left_to_aws(profile: str, key: str) -> CredentialError:
    why = f"its {key} needs the program aws, which is not installed"
    remedy = "install it (https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html)"
    return CredentialError(f"no keys for profile {profile}", why, f"{remedy}, or set AWS_ACCESS_KEY_ID for the job")


_STEPS: tuple[Callable[[Chain], Whose | None], ...] = (_of_variables, _of_role, _of_web_identity, _of_profile)
_SOURCES: Mapping[str, Callable[[Chain], Whose | None]] = {
    "Environment": _of_variables,
    "EcsContainer": _of_container,
    "Ec2InstanceMetadata": _of_instance,
}
