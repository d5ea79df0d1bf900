"""The variables of Microsoft's credential provider: a password or an identity for a feed that they name.

github.com/microsoft/artifacts-credprovider, README, "Environment Variables": where the new and the old name of a
variable are both set, the new one wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from authpip.core.credential import Secret
from authpip.core.errors import CredentialError
from authpip.core.index import RefusedURL, Scope, parse_scope

ENDPOINT_LISTS = ("ARTIFACTS_CREDENTIALPROVIDER_EXTERNAL_FEED_ENDPOINTS", "VSS_NUGET_EXTERNAL_FEED_ENDPOINTS")
IDENTITIES = "ARTIFACTS_CREDENTIALPROVIDER_FEED_ENDPOINTS"
TOKENS = {
    "ARTIFACTS_CREDENTIALPROVIDER_ACCESSTOKEN": "ARTIFACTS_CREDENTIALPROVIDER_URI_PREFIXES",
    "VSS_NUGET_ACCESSTOKEN": "VSS_NUGET_URI_PREFIXES",
}
USERNAME = "VssSessionToken"
_FEED = r"(.*/_packaging/[^/]+/).*"


class Found(NamedTuple):
    """The credential in a variable for a feed. variable: its name."""

    variable: str
    username: str
    secret: Secret


def password(scope: Scope, environ: Mapping[str, str]) -> Found | None:
    """The password for this feed, or None. Raises CredentialError if an endpoint list cannot be read."""
    for variable in ENDPOINT_LISTS:
        for endpoint, entry in _entries(variable, environ):
            secret = entry.get("password")
            if isinstance(secret, str) and secret and _serves(endpoint, scope):
                return Found(variable, str(entry.get("username") or USERNAME), Secret(secret))
    for variable, prefixes in TOKENS.items():
        token = environ.get(variable, "").strip()
        if token and any(_serves(prefix, scope) for prefix in _scopes(environ.get(prefixes, "").split(";"))):
            return Found(variable, USERNAME, Secret(token))
    return None


def client_id(scope: Scope, environ: Mapping[str, str]) -> str | None:
    """The client ID of the managed identity for this feed, "" for the machine's own; None if no variable names one.

    Raises CredentialError if the variable cannot be read or names a certificate.
    """
    for endpoint, entry in _entries(IDENTITIES, environ):
        if _serves(endpoint, scope) and entry.get("clientId"):
            if entry.get("clientCertificateFilePath") or entry.get("clientCertificateSubjectName"):
                why = "it names a certificate, and authpip cannot log in with one"
                remedy = "name a managed identity, or log in with `az login --service-principal`"
                raise CredentialError(f"{IDENTITIES} is not used", why, remedy)
            named = str(entry["clientId"])
            return "" if named.lower() == "system" else named
    return None


def _entries(variable: str, environ: Mapping[str, str]) -> Iterator[tuple[Scope, Mapping[str, Any]]]:
    """(endpoint, entry) for each entry of an endpoint list."""
    text = environ.get(variable)
    if not text:
        return
    import json

    try:
        entries = [(str(entry["endpoint"]), dict(entry)) for entry in json.loads(text)["endpointCredentials"]]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        why, remedy = "it is not the JSON of an endpoint list", "correct it, or unset it"
        raise CredentialError(f"ci: {variable} cannot be read", why, remedy) from None
    for endpoint, entry in entries:
        for scope in _scopes([endpoint]):
            yield scope, entry


def _scopes(urls: list[str]) -> Iterator[Scope]:
    """The scopes of the URLs that may get a credential: refused URLs and http:// are left out."""
    for url in urls:
        try:
            scope = parse_scope(url.strip())
        except RefusedURL:
            continue
        if not scope.is_plain_http:
            yield scope


def _serves(endpoint: Scope, scope: Scope) -> bool:
    """True if the endpoint covers the index, or both belong to one feed (the endpoint may be its NuGet URL)."""
    if endpoint.covers(scope):
        return True
    one, other = re.fullmatch(_FEED, endpoint.path), re.fullmatch(_FEED, scope.path)
    return endpoint.same_origin(scope) and bool(one and other and one[1].lower() == other[1].lower())
