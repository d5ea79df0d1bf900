"""Azure Artifacts: a token of an application, of a managed identity, or of the user's login in az (azure_identity.py).

The variables of a pipeline come first (ci.py). Settings: `[index.azure] tenant`, `subscription`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from authpip.core.credential import Credential
from authpip.files import user_dirs
from authpip.providers.base import Request, no_variables
from authpip.providers.clouds.fingerprint import fingerprint
from authpip.providers.clouds.hosts import AZURE_HOSTS, azure_organisation

if TYPE_CHECKING:
    from authpip.storage.token_cache import Token

NAME = "azure"
OPTIONS = ("tenant", "subscription")
SOURCE_VARIABLES = ("AZURE_CLIENT_SECRET", "IDENTITY_HEADER", "MSI_SECRET")
RENEW = "check the identity of Azure that `authpip auth explain` names"
source_variables = no_variables
USERNAME = "VssSessionToken"
LIFETIME = 86400.0  # seconds, of a managed identity's token; others end sooner, and say so
_PREFIXES = ("AZURE_", "ARM_", "MSAL_", "IDENTITY_", "IMDS_", "MSI_")
HOSTS = AZURE_HOSTS


def owns(request: Request) -> bool:
    """True for the feeds of Azure Artifacts, and where a rule names this provider."""
    return azure_organisation(request.index.scope) is not None or bool(request.rule and request.rule.provider == NAME)


def find(request: Request) -> Credential | None:
    """A token for the feed's tenant, or for the configured one. Raises CredentialError."""
    return _credential(request) if owns(request) else None


def _credential(request: Request) -> Credential:
    from authpip.providers.clouds import azure_identity, azure_variables
    from authpip.providers.minting import cached_credential
    from authpip.storage.token_cache import TokenRequest

    environ, scope = request.environ, request.index.scope
    wanted = azure_identity.Wanted(
        url=request.index.url,
        tenant=request.option(NAME, "tenant") or "",
        subscription=request.option(NAME, "subscription") or "",
        client_id=azure_variables.client_id(scope, environ),
    )
    directory = environ.get("AZURE_CONFIG_DIR") or os.path.join(user_dirs.home(environ), ".azure")
    files = [os.path.join(directory, name) for name in ("azureProfile.json", "config", "clouds.config")]
    cached = TokenRequest(
        provider=NAME,
        identity="\0".join((str(wanted.client_id), fingerprint(environ, _PREFIXES, files))),
        scope="\0".join((wanted.tenant, wanted.subscription, azure_organisation(scope) or scope.netloc)),
        lock_name="az",
        max_seconds=LIFETIME,
        label=azure_identity.label(wanted, environ),
    )

    def mint() -> Token:
        return azure_identity.mint(wanted, environ, request.deadline)

    return cached_credential(cached, mint, request, USERNAME)._replace(renew=azure_identity.renewal(wanted, environ))
