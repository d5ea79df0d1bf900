"""What a CI job already holds in its variables: Azure Pipelines, GitLab. Asked before any program is started.

A variable serves the server that gave it to the job, and no other: the organisation of SYSTEM_COLLECTIONURI, the
host of CI_SERVER_HOST, the feeds that an endpoint list names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from authpip.core.credential import Credential, Secret
from authpip.core.errors import CredentialError
from authpip.core.index import RefusedURL, Scope, parse_scope
from authpip.providers.base import NONE, Request, no_variables
from authpip.providers.clouds.hosts import azure_organisation

NAME = "ci"
HOSTS = OPTIONS = NONE
RENEW = "check that the job's own token may read this index"
source_variables = no_variables
ENDPOINT_LISTS = ("VSS_NUGET_EXTERNAL_FEED_ENDPOINTS", "ARTIFACTS_CREDENTIALPROVIDER_EXTERNAL_FEED_ENDPOINTS")
SOURCE_VARIABLES = ("SYSTEM_ACCESSTOKEN", "AZURE_DEVOPS_EXT_PAT", "CI_JOB_TOKEN", *ENDPOINT_LISTS)
_GITLAB = r"(?:/[^/]+)*?/api/v4/(?:projects|groups)/[^/]+/(?:-/)?packages/pypi/simple/.*"
_FEED = r"(.*/_packaging/[^/]+/).*"
_ORGANISATION = r"https://(?:dev\.azure\.com/([^/]+)|([^/.]+)\.visualstudio\.com)(?:/.*)?"


def owns(request: Request) -> bool:
    """True where one of the variables speaks of this index."""
    return find(request) is not None


def find(request: Request) -> Credential | None:
    """The credential that a variable holds for this index. Raises CredentialError if it is not valid."""
    scope, environ = request.index.scope, request.environ
    if azure_organisation(scope) is not None or any(environ.get(name) for name in ENDPOINT_LISTS):
        return _from_endpoints(scope, environ) or _from_azure(scope, environ)
    return _from_gitlab(scope, environ)


def _from_azure(scope: Scope, environ: Mapping[str, str]) -> Credential | None:
    organisation = azure_organisation(scope)
    if organisation is None:
        return _from_gitlab(scope, environ)
    job = _organisation_of_job(environ)
    for variable, username in (("SYSTEM_ACCESSTOKEN", "build"), ("AZURE_DEVOPS_EXT_PAT", "VssSessionToken")):
        ours = variable != "SYSTEM_ACCESSTOKEN" or job in {None, organisation}
        if ours and _is_set(environ.get(variable)):
            return Credential(username, Secret(environ[variable].strip()), NAME, variable)
    return None


def _from_gitlab(scope: Scope, environ: Mapping[str, str]) -> Credential | None:
    token, host = environ.get("CI_JOB_TOKEN"), environ.get("CI_SERVER_HOST", "").lower()
    port = environ.get("CI_SERVER_PORT") or {"https": "443", "http": "80"}[scope.scheme]
    same = scope.host == host and str(scope.port) == port and scope.scheme == environ.get("CI_SERVER_PROTOCOL", "https")
    if token and host and same and re.fullmatch(_GITLAB, scope.path):
        return Credential("gitlab-ci-token", Secret(token), NAME, "CI_JOB_TOKEN")
    return None


def _from_endpoints(scope: Scope, environ: Mapping[str, str]) -> Credential | None:
    for variable in ENDPOINT_LISTS:
        for endpoint, username, password in _endpoints(variable, environ):
            if _serves(endpoint, scope):
                return Credential(username or "VssSessionToken", Secret(password), NAME, variable)
    return None


def _endpoints(variable: str, environ: Mapping[str, str]) -> Iterator[tuple[Scope, str, str]]:
    """(endpoint, user name, password) of each entry; other kinds of entries are passed over."""
    text = environ.get(variable)
    if not text:
        return
    import json

    try:
        entries = json.loads(text)["endpointCredentials"]
        found = [(str(entry["endpoint"]), str(entry.get("username") or ""), entry.get("password")) for entry in entries]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        why, remedy = "it is not the JSON of an endpoint list", "correct it, or unset it"
        raise CredentialError(f"{NAME}: {variable} cannot be read", why, remedy) from None
    for endpoint, username, password in found:
        try:
            scope = parse_scope(endpoint)
        except RefusedURL:
            continue
        if isinstance(password, str) and password and not scope.is_plain_http:
            yield scope, username, password


def _serves(endpoint: Scope, scope: Scope) -> bool:
    """The endpoint covers the index, or both are of one feed (an endpoint may be its NuGet address)."""
    if endpoint.covers(scope):
        return True
    one, other = re.fullmatch(_FEED, endpoint.path), re.fullmatch(_FEED, scope.path)
    return endpoint.same_origin(scope) and bool(one and other and one[1].lower() == other[1].lower())


def _organisation_of_job(environ: Mapping[str, str]) -> str | None:
    address = environ.get("SYSTEM_COLLECTIONURI") or environ.get("SYSTEM_TEAMFOUNDATIONCOLLECTIONURI") or ""
    found = re.fullmatch(_ORGANISATION, address, re.IGNORECASE)
    return (found[1] or found[2]).lower() if found else None


def _is_set(value: str | None) -> bool:
    """Azure Pipelines leaves `$(System.AccessToken)` as it is where the token was not mapped."""
    return bool(value and value.strip()) and not str(value).startswith("$(")
