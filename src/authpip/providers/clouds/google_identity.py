"""The identity for Google, and where its token comes from: gcloud, a credentials file, or the metadata server.

The order: `source`, or GOOGLE_APPLICATION_CREDENTIALS; gcloud's account; the application default file; the metadata
server. The plug-in keyrings.google-artifactregistry-auth takes the first, the third and the fourth.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from authpip.core.errors import CredentialError
from authpip.files import user_dirs
from authpip.providers.clouds.fingerprint import content, setting

if TYPE_CHECKING:
    from authpip.storage.token_cache import Token

GCLOUD, FILE, METADATA, GCLOUD_ADC = "gcloud", "file", "metadata", "gcloud's adc"
_VARIABLES = (
    *("GCE_METADATA_HOST", "GCE_METADATA_ROOT", "ACTIONS_ID_TOKEN_REQUEST_URL"),
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION"),
    *("AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"),
)
_SOURCES = (None, "gcloud", "adc", "metadata")
_NAMED = "GOOGLE_APPLICATION_CREDENTIALS"
_OWN_SERVICE = "CLOUDSDK_AUTH_TOKEN_HOST"  # a token service of the user's own, which only gcloud uses
_OWN = ("CLOUDSDK_AUTH_ACCESS_TOKEN_FILE", "CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE")
_KINDS = {  # the kinds of credentials files that authpip exchanges itself, with their names in messages
    "service_account": "the service account {client_email}",
    "authorized_user": "a user's application default credentials",
    "external_account": "workload identity federation",
    "impersonated_service_account": "an impersonated service account",
}


class Identity(NamedTuple):
    """One identity. way: GCLOUD, FILE, METADATA or GCLOUD_ADC. label: for messages. path: of a credentials file."""

    way: str
    label: str
    path: str = ""


def choose(environ: Mapping[str, str], source: str | None, account: str) -> Identity:
    """The identity in force. source, account: the rule's. Raises CredentialError for an unknown source."""
    if source not in _SOURCES:
        remedy = 'use source = "gcloud", "adc" or "metadata"'
        raise CredentialError(f"google: source = {source!r} is not known", "", remedy)
    named, default = environ.get(_NAMED, ""), adc_file(environ)
    active = account or active_account(environ)
    of_gcloud = Identity(GCLOUD, active or "gcloud's account")
    if source == "gcloud" or (account and source is None):
        return of_gcloud
    if named and source != "metadata":
        return _of_file(os.path.abspath(named), _NAMED, environ)
    if source is None and (active or any(environ.get(name) for name in _OWN)) and _is_installed(environ):
        return of_gcloud
    if source != "metadata" and os.path.exists(default):
        return _of_file(default, "application_default_credentials.json", environ)
    from authpip.providers.clouds import hints

    if source == "metadata" or hints.google_metadata(environ):
        return Identity(METADATA, "the machine's service account (metadata server)")
    if source == "adc":
        return Identity(GCLOUD_ADC, "the application default credentials")
    return of_gcloud


def renewal(identity: Identity, account: str, acting: str) -> str:
    """What to do if an index rejects the token. account, acting (a service account): the rule's."""
    grant = f"grant roles/artifactregistry.reader to {acting or identity.label}"
    if identity.way == GCLOUD:
        return f"type: gcloud auth login {account}".rstrip()
    if identity.way == GCLOUD_ADC:
        return "type: gcloud auth application-default login"
    if identity.way == METADATA:
        return f"{grant}, and check that it has the scope cloud-platform"
    return f"{grant}, or create {identity.path} again"


def config_dir(environ: Mapping[str, str]) -> str:
    """Where gcloud keeps its configuration (`gcloud topic configurations`)."""
    if environ.get("CLOUDSDK_CONFIG"):
        return environ["CLOUDSDK_CONFIG"]
    if sys.platform == "win32":
        return os.path.join(environ.get("APPDATA", ""), "gcloud")
    return os.path.join(user_dirs.home(environ), ".config", "gcloud")


def adc_file(environ: Mapping[str, str]) -> str:
    """The path of the application default credentials (AIP-4110)."""
    return os.path.join(config_dir(environ), "application_default_credentials.json")


def config_files(environ: Mapping[str, str]) -> list[str]:
    """The files that say which account gcloud uses."""
    directory = config_dir(environ)
    active = os.path.join(directory, "active_config")
    name = environ.get("CLOUDSDK_ACTIVE_CONFIG_NAME") or content(active).strip() or "default"
    return [active, os.path.join(directory, "configurations", f"config_{name}")]


def active_account(environ: Mapping[str, str]) -> str:
    """The account that gcloud uses; "" if it has none."""
    return environ.get("CLOUDSDK_CORE_ACCOUNT") or setting(content(config_files(environ)[1]), "core", "account")


def _of_file(path: str, place: str, environ: Mapping[str, str]) -> Identity:
    """The identity in a credentials file. gcloud, if installed, serves the kinds that authpip cannot exchange."""
    import json

    try:
        info = json.loads(content(path))
        kind, source = info.get("type"), info.get("credential_source") or {}
    except (ValueError, AttributeError, RecursionError):
        info, kind, source = {}, None, {}
    is_exchanged = kind in _KINDS and "certificate" not in source and not environ.get(_OWN_SERVICE)
    if not is_exchanged and _is_installed(environ):
        return Identity(GCLOUD_ADC, "the application default credentials", path)
    name = _KINDS.get(str(kind), "the application default credentials")
    try:
        name = name.format_map(info)
    except (KeyError, ValueError):
        name = "a service account"
    return Identity(FILE, f"{name} ({place})", path)


def _is_installed(environ: Mapping[str, str]) -> bool:
    from authpip.programs.search_path import find_program

    return find_program("gcloud", environ) is not None


def _of_executable(path: str, environ: Mapping[str, str], deadline: float) -> str:
    if '"executable"' not in content(path):
        return ""
    from authpip.providers.clouds import google_executable

    return google_executable.subject_token(path, environ, deadline)


def exchanged(environ: Mapping[str, str], deadline: float, identity: Identity, acting: str) -> Token:
    """A token for a file or the metadata server, without gcloud. acting: a service account to act as, or "".

    Raises CredentialError.
    """
    from authpip.providers.clouds.exchange import ask

    question = {
        "do": "google",
        "file": identity.path,
        "impersonate": acting,
        "variables": ask.chosen(environ, _VARIABLES),
        "subject": _of_executable(identity.path, environ, deadline),
    }
    certificates = environ.get("CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE", "")
    answer = ask.ask(question, ask.network(environ, certificates), deadline)
    return ask.to_token(answer, "Google")
