"""The package hosts of Google, Amazon and Microsoft: a pattern matches the whole host, over https only (A04).

The patterns are from the vendors' documentation; a rule with `provider = "google"` (aws, azure) adds any other host.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from authpip.core.index import Scope

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_GOOGLE = r"[a-z](?:[a-z0-9-]{0,52}[a-z0-9])?-(?:python|pypi)\.pkg\.dev"
_DOMAIN = r"(?P<domain>[a-z](?:[a-z0-9-]{0,48}[a-z0-9]))-(?P<owner>[0-9]{12})"
_REGION = r"(?P<region>[a-z]{2,4}(?:-[a-z]{2,12}){1,3}-[0-9]{1,2})"
_AWS = rf"{_DOMAIN}\.d\.codeartifact\.{_REGION}\.amazonaws\.com"
_AWS_DUAL_STACK = rf"{_DOMAIN}\.codeartifact\.{_REGION}\.on\.aws"
_AWS_ENDPOINT = rf"vpce-{_LABEL}\.d\.codeartifact\.{_REGION}\.vpce\.amazonaws\.com"
_AWS_ENDPOINT_PATH = rf"/pypi/d/{_DOMAIN}/.*"
_AZURE_HOST = "pkgs.dev.azure.com"
_AZURE_OLD = rf"(?P<organisation>{_LABEL})\.pkgs\.visualstudio\.com"
_AZURE_FEED = r"/(?:[^/]+/){0,3}_packaging/[^/]+/pypi/(?:simple|upload)/.*"

# The hosts that a running pip asks authpip about, as patterns of inside_pip/scope.py (host_matches).
GOOGLE_HOSTS = (f"re:{_GOOGLE}",)
AWS_HOSTS = tuple(f"re:{pattern}" for pattern in (_AWS, _AWS_DUAL_STACK, _AWS_ENDPOINT))
AZURE_HOSTS = (_AZURE_HOST, f"re:{_AZURE_OLD}")


class Domain(NamedTuple):
    """A CodeArtifact domain; one token serves all its repositories."""

    domain: str
    owner: str
    region: str


def is_artifact_registry(scope: Scope) -> bool:
    """True for LOCATION-python.pkg.dev and the older LOCATION-pypi.pkg.dev."""
    return _may_be(scope, ".pkg.dev") and re.fullmatch(_GOOGLE, scope.host) is not None


def codeartifact_domain(scope: Scope) -> Domain | None:
    """The domain that a CodeArtifact URL names (IPv4, dual stack or VPC endpoint); None for any other URL."""
    if not _may_be(scope, ".amazonaws.com", ".on.aws"):
        return None
    if found := re.fullmatch(_AWS, scope.host) or re.fullmatch(_AWS_DUAL_STACK, scope.host):
        return Domain(found["domain"], found["owner"], found["region"])
    host, path = re.fullmatch(_AWS_ENDPOINT, scope.host), re.fullmatch(_AWS_ENDPOINT_PATH, scope.path)
    return Domain(path["domain"], path["owner"], host["region"]) if host and path else None


def azure_organisation(scope: Scope) -> str | None:
    """The organisation (lower case) of an Azure Artifacts feed, from either form of its URL; None for other URLs."""
    if not _may_be(scope, _AZURE_HOST, ".visualstudio.com") or not re.fullmatch(_AZURE_FEED, scope.path):
        return None
    if scope.host == _AZURE_HOST:
        first = scope.path.split("/")[1]
        return first.lower() if first != "_packaging" else None
    old = re.fullmatch(_AZURE_OLD, scope.host)
    return old["organisation"] if old else None


def _may_be(scope: Scope, *ends: str) -> bool:
    """Compare the end of the host first: compiling a pattern takes 1 ms, which other indexes need not pay."""
    return scope.scheme == "https" and scope.port == 443 and scope.host.endswith(ends)
