"""The identity that a CI service gives to a job: which service it is, and which variables or program give the token.

[id 1.6.1; GitHub, GitLab, CircleCI, Bitbucket, Buildkite and Azure Pipelines, each in its page on OpenID Connect]
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from authpip.core.errors import CredentialError


class Issuer(NamedTuple):
    """One CI service. marks: one of these variables is set in each of its jobs. variables: those that hold the token or
    are needed to request it; a name may begin with `*`. remedy: what a job without a token needs.
    """

    name: str
    marks: tuple[str, ...]
    variables: tuple[str, ...]
    remedy: str


ISSUERS = {
    "github": Issuer(
        "GitHub Actions",
        ("GITHUB_ACTIONS", "ACTIONS_ID_TOKEN_REQUEST_URL"),
        ("ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "GITHUB_SERVER_URL"),
        "write `permissions: id-token: write` into the workflow's job",
    ),
    "gitlab": Issuer(
        "GitLab",
        ("GITLAB_CI",),
        ("*ID_TOKEN",),
        "write `id_tokens: AUTHPIP_ID_TOKEN: aud: …` into the job",
    ),
    "azure": Issuer(
        "Azure Pipelines",
        ("SYSTEM_OIDCREQUESTURI", "TF_BUILD"),
        (
            *("SYSTEM_OIDCREQUESTURI", "SYSTEM_ACCESSTOKEN", "SYSTEM_COLLECTIONURI"),
            "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
        ),
        "write `SYSTEM_ACCESSTOKEN: $(System.AccessToken)` into the step's env",
    ),
    "circleci": Issuer(
        "CircleCI",
        ("CIRCLECI", "CIRCLE_OIDC_TOKEN_V2", "CIRCLE_OIDC_TOKEN"),
        ("CIRCLE_OIDC_TOKEN_V2", "CIRCLE_OIDC_TOKEN"),
        "give the job a context, without which CircleCI makes no token",
    ),
    "bitbucket": Issuer(
        "Bitbucket Pipelines",
        ("BITBUCKET_BUILD_NUMBER", "BITBUCKET_STEP_OIDC_TOKEN"),
        ("BITBUCKET_STEP_OIDC_TOKEN",),
        "write `oidc: true` into the step",
    ),
    "buildkite": Issuer(
        "Buildkite",
        ("BUILDKITE", "BUILDKITE_AGENT_ACCESS_TOKEN"),
        ("BUILDKITE_AGENT_ACCESS_TOKEN", "BUILDKITE_JOB_ID", "BUILDKITE_AGENT_ENDPOINT"),
        "run it in a job of Buildkite, with buildkite-agent on PATH",
    ),
    "file": Issuer("the token file", (), (), "set `file` in the rule's [index.oidc] to the path of the token"),
}
SECRETS = (
    *("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "CIRCLE_OIDC_TOKEN_V2", "CIRCLE_OIDC_TOKEN", "BITBUCKET_STEP_OIDC_TOKEN"),
    *("BUILDKITE_AGENT_ACCESS_TOKEN", "SYSTEM_ACCESSTOKEN", "AUTHPIP_ID_TOKEN"),
)
"""Variables that hold a job's token, or a secret that requests one."""
REMEDY = "run it in a job of GitHub, GitLab, Azure Pipelines, CircleCI, Bitbucket or Buildkite, or set issuer and file"


def detect(environ: Mapping[str, str]) -> str:
    """The key in ISSUERS of the service that runs this job. Raises CredentialError if no service is found."""
    for key, issuer in ISSUERS.items():
        if any(environ.get(mark) for mark in issuer.marks):
            return key
    raise CredentialError("this is not a job that has an identity", "no variable of a CI service is set", REMEDY)


def variables(issuer: str, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables of this issuer that are set. Azure Pipelines leaves `$(NAME)` in one that it does not know."""
    names = ISSUERS[issuer].variables
    ends = tuple(name[1:] for name in names if name.startswith("*"))
    return {
        name: value
        for name, value in environ.items()
        if value and (name in names or (ends and name.endswith(ends))) and not value.startswith("$(")
    }


def by_program(issuer: str, audience: str | None, environ: Mapping[str, str], deadline: float) -> str:
    """The token of an issuer whose own program gives it; "" if a variable or a request gives it.

    deadline: time.monotonic(). Raises CredentialError if the program is missing or fails.
    """
    import json

    if issuer == "buildkite":
        argv = ["buildkite-agent", "oidc", "request-token", *(["--audience", audience] if audience else [])]
    elif issuer == "circleci" and audience and not _is_for(audience, environ):
        argv = ["circleci", "run", "oidc", "get", "--claims", json.dumps({"aud": audience})]
    else:
        return ""
    from authpip.programs import secret_output

    passed = {name: environ[name] for name in environ if name.startswith(("BUILDKITE_", "CIRCLE"))}
    try:
        return secret_output.secret(argv, environ, argv[0], deadline=deadline, extra=passed).expose()
    except CredentialError as error:
        what = f"{ISSUERS[issuer].name} gave no token for this job"
        raise CredentialError(what, f"{error.what}: {error.why}", ISSUERS[issuer].remedy) from None


def _is_for(audience: str, environ: Mapping[str, str]) -> bool:
    from authpip.providers.clouds.exchange.jwt import audiences

    tokens = (environ.get("CIRCLE_OIDC_TOKEN_V2"), environ.get("CIRCLE_OIDC_TOKEN"))
    return audience in audiences(next(filter(None, tokens), ""))
