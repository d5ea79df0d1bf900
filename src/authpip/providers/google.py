"""Google Artifact Registry: a token of gcloud's account, of a credentials file, or of the machine's service account.

Settings: `[index.google] account`, `impersonate-service-account`, `source = "gcloud"`, `"adc"` (application default
credentials) or `"metadata"`. Without `source` the order is that of clouds/google_identity.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from authpip.core.credential import Credential
from authpip.providers.base import NONE, Request, no_variables
from authpip.providers.clouds.hosts import GOOGLE_HOSTS, is_artifact_registry

if TYPE_CHECKING:
    from authpip.providers.clouds.google_identity import Identity
    from authpip.storage.token_cache import Token

NAME = "google"
OPTIONS = ("account", "impersonate-service-account", "source")
SOURCE_VARIABLES = NONE
RENEW = "check the identity of Google that `authpip auth explain` names"
source_variables = no_variables
USERNAME = "oauth2accesstoken"
LIFETIME = 3600.0  # seconds
HOSTS = GOOGLE_HOSTS
_PREFIXES = ("CLOUDSDK_", "GOOGLE_", "GCE_METADATA_")


def owns(request: Request) -> bool:
    """True for Artifact Registry's hosts, and if a rule names this provider."""
    return is_artifact_registry(request.index.scope) or bool(request.rule and request.rule.provider == NAME)


def find(request: Request) -> Credential | None:
    """A token of the chosen identity; one token serves every Artifact Registry index."""
    return _minted(request) if owns(request) else None


def _minted(request: Request) -> Credential:
    from authpip.providers.clouds import google_identity
    from authpip.providers.clouds.fingerprint import fingerprint
    from authpip.providers.minting import cached_credential
    from authpip.storage.token_cache import TokenRequest

    environ, account = request.environ, request.option(NAME, "account") or ""
    acting = request.option(NAME, "impersonate-service-account") or ""
    identity = google_identity.choose(environ, request.option(NAME, "source"), account)
    by_gcloud = identity.way == google_identity.GCLOUD
    files = google_identity.config_files(environ) if by_gcloud else [identity.path or google_identity.adc_file(environ)]
    wanted = TokenRequest(
        provider=NAME,
        identity="\0".join((identity.way, account, acting, fingerprint(environ, _PREFIXES, files))),
        scope="cloud-platform",
        lock_name="gcloud",  # Google does not support two at once: they end in "database is locked"
        max_seconds=LIFETIME,
        label=acting or identity.label,
    )
    found = cached_credential(wanted, lambda: _mint(request, identity, account, acting), request, USERNAME)
    return found._replace(renew=google_identity.renewal(identity, account, acting))


def _mint(request: Request, identity: Identity, account: str, acting: str) -> Token:
    from authpip.providers.clouds import google_identity

    if identity.way in {google_identity.FILE, google_identity.METADATA}:
        return google_identity.exchanged(request.environ, request.deadline, identity, acting)
    from authpip.providers.clouds import gcloud

    return gcloud.mint(
        request.environ,
        request.deadline,
        account=account,
        service_account=acting,
        adc=identity.way == google_identity.GCLOUD_ADC,
        renew=request.fresh,
        whose=identity.label,
    )
