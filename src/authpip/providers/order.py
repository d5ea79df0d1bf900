"""The order in which the providers are asked."""

from __future__ import annotations

from authpip.providers import (
    aws,
    azure,
    chainguard,
    ci,
    cloudsmith,
    command,
    env,
    foreign,
    google,
    keyring,
    netrc,
    oidc,
    pypirc,
    rattler,
    s3,
    token,
    url,
)
from authpip.providers.base import Provider

PROVIDERS: tuple[Provider, ...] = (
    url,
    command,
    token,
    oidc,
    s3,
    env,
    ci,
    keyring,
    google,
    aws,
    azure,
    cloudsmith,
    chainguard,
    netrc,
    pypirc,
    rattler,
    foreign,
)
"""Asked for every index, in this order."""
