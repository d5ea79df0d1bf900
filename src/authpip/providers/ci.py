"""A CI job's own token in its variables: Azure Pipelines, GitLab. This provider comes before those with programs.

A variable serves the server that gave it to the job, and no other: the organisation of SYSTEM_COLLECTIONURI, the
host of CI_SERVER_HOST, the feeds that an endpoint list names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from authpip.core.credential import Credential, Secret
from authpip.core.index import Scope
from authpip.providers.base import NONE, Request, no_variables
from authpip.providers.clouds import azure_variables
from authpip.providers.clouds.azure_variables import ENDPOINT_LISTS
from authpip.providers.clouds.hosts import azure_organisation

NAME = "ci"
HOSTS = OPTIONS = NONE
RENEW = "check that the job's own token may read this index"
source_variables = no_variables
SOURCE_VARIABLES = (
    "SYSTEM_ACCESSTOKEN",
    "AZURE_DEVOPS_EXT_PAT",
    "CI_JOB_TOKEN",
    *ENDPOINT_LISTS,
    *azure_variables.TOKENS,
)
_GITLAB = r"(?:/[^/]+)*?/api/v4/(?:projects|groups)/[^/]+/(?:-/)?packages/pypi/simple/.*"
_ORGANISATION = r"https://(?:dev\.azure\.com/([^/]+)|([^/.]+)\.visualstudio\.com)(?:/.*)?"


def owns(request: Request) -> bool:
    """True if one of the variables holds a credential for this index."""
    return find(request) is not None


def find(request: Request) -> Credential | None:
    """The credential that a variable holds for this index. Raises CredentialError if it is not valid."""
    scope, environ = request.index.scope, request.environ
    if found := azure_variables.password(scope, environ):
        return Credential(found.username, found.secret, NAME, found.variable)
    if azure_organisation(scope) is None:
        return _from_gitlab(scope, environ)
    return None if azure_variables.client_id(scope, environ) is not None else _from_azure(scope, environ)


def _from_azure(scope: Scope, environ: Mapping[str, str]) -> Credential | None:
    """The job's token. Microsoft's own credential provider also takes it only if no variable names an identity."""
    organisation, job = azure_organisation(scope), _organisation_of_job(environ)
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


def _organisation_of_job(environ: Mapping[str, str]) -> str | None:
    address = environ.get("SYSTEM_COLLECTIONURI") or environ.get("SYSTEM_TEAMFOUNDATIONCOLLECTIONURI") or ""
    found = re.fullmatch(_ORGANISATION, address, re.IGNORECASE)
    return (found[1] or found[2]).lower() if found else None


def _is_set(value: str | None) -> bool:
    """Azure Pipelines leaves `$(System.AccessToken)` as it is where the token was not mapped."""
    return bool(value and value.strip()) and not str(value).startswith("$(")
