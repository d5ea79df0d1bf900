"""Google Artifact Registry: a token from the user's own gcloud.

Settings: `[index.google] account`, `impersonate-service-account`, `source = "gcloud"` or `"adc"` (application
default credentials). Without `source` it is gcloud, unless GOOGLE_APPLICATION_CREDENTIALS is set and gcloud has
no account of its own.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from authpip.core.credential import Credential
from authpip.core.errors import CredentialError
from authpip.files import user_dirs
from authpip.providers.base import NONE, Request, no_variables
from authpip.providers.clouds.fingerprint import content, fingerprint, setting
from authpip.providers.clouds.hosts import GOOGLE_HOSTS, is_artifact_registry

if TYPE_CHECKING:
    from authpip.storage.token_cache import Token

NAME = "google"
OPTIONS = ("account", "impersonate-service-account", "source")
SOURCE_VARIABLES = NONE
RENEW = "type: gcloud auth login"
source_variables = no_variables
USERNAME = "oauth2accesstoken"
LIFETIME = 3600.0  # seconds
HOSTS = GOOGLE_HOSTS
_CREDENTIALS = ("CLOUDSDK_AUTH_ACCESS_TOKEN_FILE", "CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE")
_PREFIXES = ("CLOUDSDK_", "GOOGLE_")


def owns(request: Request) -> bool:
    """True for Artifact Registry's hosts, and where a rule names this provider."""
    return is_artifact_registry(request.index.scope) or bool(request.rule and request.rule.provider == NAME)


def find(request: Request) -> Credential | None:
    """A token of the active or configured account; one serves every Artifact Registry index."""
    return _minted(request) if owns(request) else None


def _minted(request: Request) -> Credential:
    from authpip.providers.minting import cached_credential
    from authpip.storage.token_cache import TokenRequest

    account = request.option(NAME, "account") or ""
    service_account = request.option(NAME, "impersonate-service-account") or ""
    directory = _config_dir(request)
    active = _active_account(request, directory)
    adc = _is_adc(request, active)
    credentials = os.path.join(directory, "application_default_credentials.json")
    files = [credentials] if adc else _config_files(request, directory)
    whose = "the application default credentials" if adc else account or active or "gcloud's account"
    wanted = TokenRequest(
        provider=NAME,
        identity="\0".join((str(adc), account, service_account, fingerprint(request.environ, _PREFIXES, files))),
        scope="cloud-platform",
        lock_name="gcloud",  # Google does not support two at once: they end in "database is locked"
        max_seconds=LIFETIME,
        label=service_account or whose,
    )

    def mint() -> Token:
        from authpip.providers.clouds import gcloud

        return gcloud.mint(
            request.environ,
            request.deadline,
            account=account,
            service_account=service_account,
            adc=adc,
            renew=request.fresh,
            whose=whose,
        )

    return cached_credential(wanted, mint, request, USERNAME)


def _is_adc(request: Request, active: str) -> bool:
    source = request.option(NAME, "source")
    if source not in {None, "gcloud", "adc"}:
        raise CredentialError(f"{NAME}: source = {source!r} is not known", "", 'use source = "gcloud" or "adc"')
    if source is None and not request.option(NAME, "account"):
        own = any(request.environ.get(name) for name in _CREDENTIALS)
        return bool(request.environ.get("GOOGLE_APPLICATION_CREDENTIALS")) and not active and not own
    return source == "adc"


def _config_dir(request: Request) -> str:
    """Where gcloud keeps its configuration (`gcloud topic configurations`)."""
    if request.environ.get("CLOUDSDK_CONFIG"):
        return request.environ["CLOUDSDK_CONFIG"]
    if sys.platform == "win32":
        return os.path.join(request.environ.get("APPDATA", ""), "gcloud")
    return os.path.join(user_dirs.home(request.environ), ".config", "gcloud")


def _config_files(request: Request, directory: str) -> list[str]:
    active = os.path.join(directory, "active_config")
    name = request.environ.get("CLOUDSDK_ACTIVE_CONFIG_NAME") or content(active).strip() or "default"
    return [active, os.path.join(directory, "configurations", f"config_{name}")]


def _active_account(request: Request, directory: str) -> str:
    configured = setting(content(_config_files(request, directory)[1]), "core", "account")
    return request.environ.get("CLOUDSDK_CORE_ACCOUNT") or configured
