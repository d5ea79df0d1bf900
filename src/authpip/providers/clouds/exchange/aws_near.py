"""AWS keys from link-local services: of a container (ECS, EKS Pod Identity) and of an instance (EC2, IMDSv2).

Addresses, variables and headers are as in botocore's ContainerProvider and InstanceMetadataProvider. No proxy is used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from authpip.core.errors import CredentialError
from authpip.core.text_forms import posix_seconds
from authpip.providers.clouds.exchange.files import read_token
from authpip.providers.clouds.exchange.http import LINK_LOCAL_SECONDS, Client
from authpip.providers.clouds.exchange.sigv4 import Keys

_CONTAINER = "http://169.254.170.2"
_CONTAINER_HOSTS = r"169\.254\.170\.(?:2|23)|fd00:ec2::23|localhost|::1|127(?:\.[0-9]{1,3}){3}"
_INSTANCE = {"ipv4": "http://169.254.169.254", "ipv6": "http://[fd00:ec2::254]"}
_INSTANCE_HOSTS = r"169\.254\.169\.254|fd00:ec2::254|localhost|::1|127(?:\.[0-9]{1,3}){3}"
_ROLES = "/latest/meta-data/iam/security-credentials/"
_STEP = 5.0  # seconds for keys, once the service has answered: EKS asks STS first
_LIFETIME = "21600"  # seconds of an instance's session token, as in botocore
_CONTAINER_NAME, _INSTANCE_NAME = "the container's credential service", "the instance metadata service"


def of_container(variables: Mapping[str, str], client: Client) -> Keys | None:
    """The keys of the task or pod; None if no variable names its service. Raises CredentialError."""
    relative, full = (variables.get(f"AWS_CONTAINER_CREDENTIALS_{kind}_URI") for kind in ("RELATIVE", "FULL"))
    if not relative and not full:
        return None
    url = f"{_CONTAINER}{relative}" if relative else str(full)
    hosts = r".+" if url.startswith("https://") else _CONTAINER_HOSTS
    file = variables.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
    token = read_token(file) if file else variables.get("AWS_CONTAINER_AUTHORIZATION_TOKEN", "")
    if re.search(r"[\r\n]", token):
        why = "AWS_CONTAINER_AUTHORIZATION_TOKEN has a line break"
        raise CredentialError(f"{_CONTAINER_NAME} is not asked", why, "correct the variable")
    headers = {"Accept": "application/json", **({"Authorization": token} if token else {})}
    if not url.startswith("https://"):
        client.reach(url, service=_CONTAINER_NAME, hosts=hosts)
    answer = client.send("GET", url, None, headers, service=_CONTAINER_NAME, hosts=hosts, seconds=_STEP)
    if answer.status != 200:
        remedy = "check the task role (ECS) or the Pod Identity association (EKS)"
        raise CredentialError(f"{_CONTAINER_NAME} gave no keys", f"it answered {answer.status}", remedy)
    return _keys(answer.object(), _CONTAINER_NAME)


def of_instance(variables: Mapping[str, str], client: Client) -> Keys:
    """The keys of the instance's role. Raises CredentialError."""
    mode = variables.get("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "").lower()
    base = variables.get("AWS_EC2_METADATA_SERVICE_ENDPOINT") or _INSTANCE.get(mode) or _INSTANCE["ipv4"]
    base = base.rstrip("/")
    lifetime = {"x-aws-ec2-metadata-token-ttl-seconds": _LIFETIME}
    near = client.within(LINK_LOCAL_SECONDS)
    near.reach(base, service=_INSTANCE_NAME, hosts=_INSTANCE_HOSTS)
    session = _asked("PUT", f"{base}/latest/api/token", lifetime, near)
    with_session = {"x-aws-ec2-metadata-token": session}
    role = _asked("GET", f"{base}{_ROLES}", with_session, near).split("\n")[0].strip()
    if not re.fullmatch(r"[\w+=,.@-]{1,128}", role):
        raise _no_role("it names no role")
    answer = client.send(
        "GET",
        f"{base}{_ROLES}{role}",
        None,
        with_session,
        service=_INSTANCE_NAME,
        hosts=_INSTANCE_HOSTS,
        seconds=_STEP,
    )
    return _keys(answer.object(), _INSTANCE_NAME)


def _asked(method: str, url: str, headers: Mapping[str, str], client: Client) -> str:
    answer = client.send(method, url, None, headers, service=_INSTANCE_NAME, hosts=_INSTANCE_HOSTS)
    if answer.status != 200:
        raise _no_role(f"it answered {answer.status}")
    return answer.body.decode("ascii", "replace")


def _no_role(why: str) -> CredentialError:
    remedy = "attach an instance profile to the instance, or set AWS_EC2_METADATA_DISABLED=true"
    return CredentialError(f"{_INSTANCE_NAME} of AWS gave no keys", why, remedy)


def _keys(found: Mapping[str, object], service: str) -> Keys:
    parts = [found.get(name) for name in ("AccessKeyId", "SecretAccessKey", "Token")]
    if not all(isinstance(part, str) and part for part in parts[:2]):
        why = f"its answer has no key ({found.get('Code') or found.get('code') or 'no code'})"
        raise CredentialError(f"{service} of AWS gave no keys", why, "check the role that is attached")
    return Keys(str(parts[0]), str(parts[1]), str(parts[2] or ""), posix_seconds(found.get("Expiration")))
