"""Cloudsmith: `cloudsmith credential-helper generic`, which prints {"username", "password"}."""

from __future__ import annotations

from authpip.core.credential import Credential, Secret
from authpip.core.errors import CredentialError
from authpip.programs import secret_output
from authpip.programs.search_path import find_program
from authpip.providers.base import NONE, Request, no_variables

NAME = "cloudsmith"
OPTIONS = NONE
SOURCE_VARIABLES = ("CLOUDSMITH_API_KEY", "CLOUDSMITH_OIDC_TOKEN")
RENEW = "type: cloudsmith login"
source_variables = no_variables
HOSTS = ("https://dl.cloudsmith.io/basic/",)
_ARGV = ("cloudsmith", "credential-helper", "generic")
_VARIABLES = ("CLOUDSMITH_API_KEY", "CLOUDSMITH_API_HOST", "CLOUDSMITH_CONFIG_FILE", "CLOUDSMITH_CREDENTIALS_FILE")
# What cloudsmith's own OpenID Connect reads: its settings, and the identity of the job that runs it.
_OIDC = (
    *("CLOUDSMITH_ORG", "CLOUDSMITH_SERVICE_SLUG", "CLOUDSMITH_OIDC_AUDIENCE", "CLOUDSMITH_OIDC_TOKEN"),
    *("GITHUB_ACTIONS", "ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "GITLAB_CI", "CIRCLECI"),
    *("CIRCLE_OIDC_TOKEN_V2", "CIRCLE_OIDC_TOKEN", "TF_BUILD", "SYSTEM_OIDCREQUESTURI", "SYSTEM_ACCESSTOKEN"),
    *("BITBUCKET_BUILD_NUMBER", "BITBUCKET_STEP_OIDC_TOKEN", "BUILDKITE", "BUILDKITE_AGENT_ACCESS_TOKEN"),
)


def find(request: Request) -> Credential | None:
    """The credential from Cloudsmith's command, if the index is Cloudsmith's or its rule names this provider."""
    asked = request.rule is not None and request.rule.provider == NAME
    if not asked and not (_is_known(request) and find_program(_ARGV[0], request.environ)):
        return None
    import json

    extra = {name: request.environ[name] for name in (*_VARIABLES, *_OIDC) if name in request.environ}
    stdout = secret_output.run_helper(_ARGV, request.environ, "cloudsmith", deadline=request.deadline, extra=extra)
    try:
        answer = json.loads(stdout)
        username, password = answer["username"], answer["password"]
    except (ValueError, KeyError, TypeError, RecursionError):
        username = password = None
    if not isinstance(username, str) or not isinstance(password, str) or not password:
        raise CredentialError(
            "cloudsmith gave no answer", "it printed no username and password", "type: cloudsmith login"
        )
    return Credential(username or "token", Secret(password), NAME, username)


def owns(request: Request) -> bool:
    """False: entitlement tokens and public repositories do not need the command."""
    return False


def _is_known(request: Request) -> bool:
    scope = request.index.scope
    return (scope.scheme, scope.host, scope.port) == ("https", "dl.cloudsmith.io", 443) and scope.path.startswith(
        "/basic/"
    )
