"""`[builds]`: which variables of pip's environment are hidden from the code that pip builds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

VARIABLE = "AUTHPIP_BUILDS_HIDE"
WORDS = ("nothing", "identity")
# Variables that hold or create an identity of this job or user. SSH_AUTH_SOCK is not among them: git needs it.
_IDENTITY = """
    ACTIONS_ID_TOKEN_REQUEST_* ACTIONS_RUNTIME_TOKEN GITHUB_TOKEN GH_TOKEN CI_JOB_TOKEN CI_JOB_JWT* SYSTEM_ACCESSTOKEN
    AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_WEB_IDENTITY_TOKEN_FILE AWS_CONTAINER_*
    GOOGLE_APPLICATION_CREDENTIALS CLOUDSDK_AUTH_* AZURE_*SECRET* AZURE_FEDERATED_TOKEN_FILE IDENTITY_*
    CIRCLE_OIDC_* BITBUCKET_STEP_OIDC_TOKEN BUILDKITE_AGENT_ACCESS_TOKEN
    TWINE_* UV_*PASSWORD POETRY_* PYPI_TOKEN NPM_TOKEN *_PASSWORD *_TOKEN *_SECRET
"""
IDENTITY = tuple(_IDENTITY.split())


class Builds(NamedTuple):
    """hide: "nothing" or "identity". keep: exceptions, by name or pattern."""

    hide: str = "nothing"
    keep: tuple[str, ...] = ()

    def hidden(self, environ: Mapping[str, str]) -> list[str]:
        """The names of the variables that builds do not see."""
        if self.hide == "nothing":
            return []
        return sorted(name for name in environ if _matches(name, IDENTITY) and not _matches(name, self.keep))


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name.upper(), pattern.upper()) for pattern in patterns)
