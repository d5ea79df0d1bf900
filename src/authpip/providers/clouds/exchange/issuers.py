"""The token of a CI job, from the service that runs the job (OpenID Connect).

GitHub: docs.github.com, "OpenID Connect reference"; GitLab: docs.gitlab.com/ci/secrets/id_token_authentication; Azure
Pipelines: `Oidctoken - Create` of the REST API 7.1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from authpip.core.errors import CredentialError
from authpip.providers.clouds.exchange.files import read_token
from authpip.providers.clouds.exchange.http import Answer, Client, host_of
from authpip.providers.clouds.exchange.jwt import audiences, claims
from authpip.providers.clouds.job_identity import ISSUERS

_GITHUB = r"(?:[a-z0-9-]+\.)*actions\.githubusercontent\.com|(?:[a-z0-9-]+\.)*actions\.[a-z0-9-]+\.ghe\.com"
_AZURE = r"dev\.azure\.com|[a-z0-9-]+\.dev\.azure\.com|[a-z0-9-]+\.visualstudio\.com"


def job_token(question: Mapping[str, Any], client: Client) -> str:
    """The job's token for an audience. Raises CredentialError.

    question: {"issuer": a key of ISSUERS, "audience", "variables", "file", "token"}; token: the one that the service's
    own program gave, or "".
    """
    issuer, audience = str(question["issuer"]), str(question.get("audience") or "")
    token = str(question.get("token") or "") or _READERS[issuer](question, audience, client)
    token = token.strip()
    name = ISSUERS[issuer].name
    if not claims(token):
        raise CredentialError(f"{name} gave no token for this job", "what it gave is not a JWT", ISSUERS[issuer].remedy)
    if audience and audience not in audiences(token):
        why = f"it is for {', '.join(audiences(token)) or 'no audience'}, and the exchange needs {audience}"
        remedy = "set audience in the rule's [index.oidc] to that of the token, or request the token for this audience"
        raise CredentialError(f"the token of {name} has the wrong audience", why, remedy)
    return token


def _github(question: Mapping[str, Any], audience: str, client: Client) -> str:
    variables, issuer = question["variables"], ISSUERS["github"]
    url, bearer = variables.get("ACTIONS_ID_TOKEN_REQUEST_URL"), variables.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN")
    if not url or not bearer:
        raise _missing("github", "ACTIONS_ID_TOKEN_REQUEST_URL")
    if audience:
        url += f"{'&' if '?' in url else '?'}audience={quote(audience, safe='')}"
    hosts = _with_own_host(_GITHUB, variables.get("GITHUB_SERVER_URL"), below="github.com")
    headers = {"Authorization": f"bearer {bearer}", "Accept": "application/json"}
    answer = client.send("GET", url, headers=headers, service=issuer.name, hosts=hosts)
    return _in_answer(answer, "value", "github")


def _azure(question: Mapping[str, Any], audience: str, client: Client) -> str:
    variables = question["variables"]
    url, bearer = variables.get("SYSTEM_OIDCREQUESTURI"), variables.get("SYSTEM_ACCESSTOKEN")
    if not url or not bearer:
        raise _missing("azure", "SYSTEM_OIDCREQUESTURI" if bearer else "SYSTEM_ACCESSTOKEN")
    connection = variables.get("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID")
    url += f"{'&' if '?' in url else '?'}api-version=7.1"
    url += f"&serviceConnectionId={quote(connection, safe='')}" if connection else ""
    headers = {"Authorization": f"Bearer {bearer}", "X-TFS-FedAuthRedirect": "Suppress", "Accept": "application/json"}
    hosts = _with_own_host(_AZURE, variables.get("SYSTEM_COLLECTIONURI"))
    answer = client.send("POST", url, b"", headers, service="Azure Pipelines", hosts=hosts)
    return _in_answer(answer, "oidcToken", "azure")


def _gitlab(question: Mapping[str, Any], audience: str, client: Client) -> str:
    """The job's ID token that is for this audience; the author of the job chooses the names of the variables."""
    tokens = {name: value for name, value in question["variables"].items() if claims(value)}
    fitting = {value for value in tokens.values() if not audience or audience in audiences(value)}
    if not tokens:
        raise _missing("gitlab", "AUTHPIP_ID_TOKEN")
    if "AUTHPIP_ID_TOKEN" in tokens:
        return str(tokens["AUTHPIP_ID_TOKEN"])
    if len(fitting) > 1:
        raise CredentialError(
            f"GitLab gave this job {len(fitting)} ID tokens",
            "more than one of them fits",
            "name the right one AUTHPIP_ID_TOKEN",
        )
    return str(next(iter(fitting or tokens.values())))


def _circleci(question: Mapping[str, Any], audience: str, client: Client) -> str:
    return _of_variable("circleci", question, "CIRCLE_OIDC_TOKEN_V2", "CIRCLE_OIDC_TOKEN")


def _bitbucket(question: Mapping[str, Any], audience: str, client: Client) -> str:
    return _of_variable("bitbucket", question, "BITBUCKET_STEP_OIDC_TOKEN")


def _buildkite(question: Mapping[str, Any], audience: str, client: Client) -> str:
    raise _missing("buildkite", "buildkite-agent")


def _file(question: Mapping[str, Any], audience: str, client: Client) -> str:
    path = str(question.get("file") or "")
    if not path:
        raise _missing("file", "file")
    return read_token(path)


def _of_variable(issuer: str, question: Mapping[str, Any], *names: str) -> str:
    for name in names:
        if value := question["variables"].get(name):
            return str(value)
    raise _missing(issuer, names[0])


def _in_answer(answer: Answer, key: str, issuer: str) -> str:
    token = answer.object().get(key)
    if answer.status == 200 and isinstance(token, str):
        return token
    clock = answer.clock()
    why = f"it answered {answer.status}" + (f", and {clock}" if clock else "")
    raise CredentialError(f"{ISSUERS[issuer].name} gave no token for this job", why, ISSUERS[issuer].remedy)


def _missing(issuer: str, what: str) -> CredentialError:
    known = ISSUERS[issuer]
    return CredentialError(f"{known.name} gave no token for this job", f"{what} is missing", known.remedy)


def _with_own_host(hosts: str, url: str | None, *, below: str = "") -> str:
    """The pattern, extended by the host of a company's own server and the hosts below it."""
    host = host_of(url or "")
    if not host or host == below:
        return hosts
    return rf"{hosts}|(?:[a-z0-9-]+\.)*{re.escape(host)}"


_READERS: dict[str, Callable[[Mapping[str, Any], str, Client], str]] = {
    "github": _github,
    "gitlab": _gitlab,
    "azure": _azure,
    "circleci": _circleci,
    "bitbucket": _bitbucket,
    "buildkite": _buildkite,
    "file": _file,
}
