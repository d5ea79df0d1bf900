"""Azure Artifacts: a token from the user's own az. Variables of a pipeline come before it (see ci.py).

Settings: `[index.azure] tenant`, `subscription`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from authpip.core.credential import Credential
from authpip.files import user_dirs
from authpip.providers.base import NONE, Request, no_variables
from authpip.providers.clouds.fingerprint import fingerprint
from authpip.providers.clouds.hosts import AZURE_HOSTS, azure_organisation

if TYPE_CHECKING:
    from authpip.storage.token_cache import Token

NAME = "azure"
OPTIONS = ("tenant", "subscription")
SOURCE_VARIABLES = NONE
RENEW = "type: az login"
source_variables = no_variables
USERNAME = "VssSessionToken"
LIFETIME = 3600.0  # seconds
HOSTS = AZURE_HOSTS


def owns(request: Request) -> bool:
    """True for the feeds of Azure Artifacts, and where a rule names this provider."""
    return azure_organisation(request.index.scope) is not None or bool(request.rule and request.rule.provider == NAME)


def find(request: Request) -> Credential | None:
    """A token of the login's tenant, or of the configured one."""
    return _minted(request) if owns(request) else None


def _minted(request: Request) -> Credential:
    from authpip.providers.minting import cached_credential
    from authpip.storage.token_cache import TokenRequest

    tenant, subscription = request.option(NAME, "tenant") or "", request.option(NAME, "subscription") or ""
    directory = request.environ.get("AZURE_CONFIG_DIR") or os.path.join(user_dirs.home(request.environ), ".azure")
    files = [os.path.join(directory, name) for name in ("azureProfile.json", "config", "clouds.config")]
    wanted = TokenRequest(
        provider=NAME,
        identity=fingerprint(request.environ, ("AZURE_", "ARM_", "MSAL_"), files),
        scope="\0".join((tenant, subscription)),
        lock_name="az",
        max_seconds=LIFETIME,
        label=f"tenant {tenant}" if tenant else f"subscription {subscription}" if subscription else "az's login",
    )

    def mint() -> Token:
        from authpip.providers.clouds import az

        return az.mint(request.environ, request.deadline, tenant=tenant, subscription=subscription)

    return cached_credential(wanted, mint, request, USERNAME)
