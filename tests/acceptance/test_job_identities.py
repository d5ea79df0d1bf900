"""The identity of a CI job, exchanged for a token of the index: the real pip, real host names, no cloud's program.

A CONNECT proxy leads the host names to loopback (P1, P3, P4, A04).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from support.leaks.canary import Canary, new_canary
from support.programs.fake_cli import fake_cli
from support.programs.pip_venvs import PipVenv
from support.samples import packages
from support.servers import exchange_services as there
from support.servers.cloud_services import as_json
from support.servers.exchange_services import SUBJECT, Services, jwt
from support.servers.index_server import Authority, IndexServer, basic

pytestmark = pytest.mark.real

Venv = Callable[..., PipVenv]
JFROG, OWN_INDEX = "corp.jfrog.io", "pypi.corp.example"
INDEXES = {
    JFROG: "/artifactory/api/pypi/team/simple/",
    "dl.cloudsmith.io": "/basic/corp/team/python/simple/",
    "corp-123456789012.d.codeartifact.eu-west-1.amazonaws.com": "/pypi/repo/simple/",
    "europe-west1-python.pkg.dev": "/project/repo/simple/",
    "pkgs.dev.azure.com": "/org/project/_packaging/feed/pypi/simple/",
    OWN_INDEX: "/team/simple/",
}
CODEARTIFACT, PKG_DEV, AZURE = (list(INDEXES)[place] for place in (2, 3, 4))


class Case(NamedTuple):
    """One exchange: its index, the rule's keys as variables, and the user name that the index takes."""

    host: str
    keys: dict[str, str]
    username: str


EXCHANGES = {
    "jfrog": Case(JFROG, {"PROVIDER_NAME": "github"}, "ci"),
    "cloudsmith": Case("dl.cloudsmith.io", {"ORGANIZATION": "corp", "SERVICE": "ci"}, "token"),
    "aws": Case(CODEARTIFACT, {"ROLE": there.ROLE}, "aws"),
    "google": Case(PKG_DEV, {"WORKLOAD_IDENTITY_PROVIDER": there.POOL}, "oauth2accesstoken"),
    "google as a service account": Case(
        PKG_DEV,
        {"WORKLOAD_IDENTITY_PROVIDER": there.POOL, "SERVICE_ACCOUNT": "ci@p.iam.gserviceaccount.com"},
        "oauth2accesstoken",
    ),
    "azure": Case(AZURE, {"TENANT": there.TENANT, "CLIENT_ID": there.CLIENT}, "VssSessionToken"),
    "rfc8693": Case(OWN_INDEX, {"TOKEN_URL": f"https://{there.OWN}/token"}, "__token__"),
}
GITHUB_JOB = {
    "GITHUB_ACTIONS": "true",
    "ACTIONS_ID_TOKEN_REQUEST_URL": f"https://{there.GITHUB}/idtoken?api-version=2",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "request-token",
}
JOBS = {
    "github": GITHUB_JOB,
    "gitlab": {"GITLAB_CI": "true", "CORP_ID_TOKEN": jwt(), "OTHER_ID_TOKEN": jwt(aud="other")},
    "azure": {
        "TF_BUILD": "True",
        "SYSTEM_OIDCREQUESTURI": f"https://{there.PIPELINES}/corp/_apis/oidctoken",
        "SYSTEM_ACCESSTOKEN": "system-token",
    },
    "circleci": {"CIRCLECI": "true", "CIRCLE_OIDC_TOKEN_V2": jwt()},
    "bitbucket": {"BITBUCKET_BUILD_NUMBER": "1", "BITBUCKET_STEP_OIDC_TOKEN": jwt()},
    "buildkite": {"BUILDKITE": "true", "BUILDKITE_AGENT_ACCESS_TOKEN": "agent"},
    "file": {},
}


class Sky(NamedTuple):
    """The indexes, the services, and an environment from which they can be reached."""

    server: IndexServer
    services: Services
    environ: dict[str, str]
    base: Path
    canary: Canary

    def job(self, variables: dict[str, str]) -> None:
        """Be this job, of a run of its own: a token that another test's job was given is in the kernel for hours."""
        self.environ.update(variables)
        if url := variables.get("ACTIONS_ID_TOKEN_REQUEST_URL"):
            self.environ["ACTIONS_ID_TOKEN_REQUEST_URL"] = f"{url}&run={self.base.name}"
        if "TF_BUILD" in variables:
            self.environ["SYSTEM_COLLECTIONURI"] = f"https://{there.PIPELINES}/{self.base.name}/"
        if "BUILDKITE" in variables:
            self.environ["BUILDKITE_JOB_ID"] = self.base.name

    def rule(self, exchange: str, **keys: str) -> str:
        """An index that takes the token of this exchange, and its rule in variables; the index's URL."""
        case = EXCHANGES[exchange]
        path, username = INDEXES[case.host], case.username
        wheel = packages.wheel(self.base / "files", "corp-thing")
        self.server.add(path, [wheel], username=username, password=self.canary.secret)
        url = f"https://{case.host}{path}"
        oidc = {"EXCHANGE": exchange.partition(" ")[0], **case.keys, **keys}
        rule = {"URL": url, "PROVIDER": "oidc", **{f"OIDC_{key}": value for key, value in oidc.items()}}
        self.environ.update({f"AUTHPIP_INDEX_CORP_{key}": value for key, value in rule.items()})
        self.environ["PIP_INDEX_URL"] = url
        return url


@pytest.fixture
def sky(
    environment: dict[str, str], serve: Callable[..., IndexServer], authority: Authority, home: Path
) -> Iterator[Sky]:
    """No program of a cloud on PATH."""
    server, canary = serve(names=tuple(INDEXES)), new_canary()
    server.posts["/access/api/v1/oidc/token"] = json.dumps({"access_token": canary.secret, "username": "ci"})
    with Services(authority, canary.secret, server.port, tuple(INDEXES)) as services:
        path = f"{home}/bin:/usr/bin:/bin"
        environ = {**environment, **server.environ, **services.environ, "PATH": path}
        yield Sky(server, services, environ, home.parent, canary)


def install(sky: Sky, venv: Venv) -> None:
    """A private package, by a token that was there at once; the build, the output and the disk do not see it."""
    done = venv().run("install", "-vv", "--no-cache-dir", "corp-thing", env=sky.environ, module="authpip")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Successfully installed corp-thing" in done.stdout
    assert 401 not in sky.server.statuses()
    assert sky.canary.find_in(done.stdout + done.stderr) == []
    assert sky.canary.find_below(sky.base) == []


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_exchanges(exchange: str, sky: Sky, venv: Venv) -> None:
    """The token of a GitHub job, exchanged in each way, with variables alone."""
    sky.job(GITHUB_JOB)
    sky.rule(exchange)
    install(sky, venv)
    username = EXCHANGES[exchange].username
    got = {seen.authorization for seen in sky.server.requests if seen.method == "GET"}
    assert got == {basic(username, sky.canary.secret)}


@pytest.mark.parametrize("issuer", JOBS)
def test_issuers(issuer: str, sky: Sky, venv: Venv) -> None:
    """The token of each service's job, found by itself, exchanged by RFC 8693."""
    sky.job(JOBS[issuer])
    keys = {"AUDIENCE": "corp"}
    if issuer == "azure":
        keys["AUDIENCE"] = "api://AzureADTokenExchange"  # Azure Pipelines makes tokens for nobody else
    if issuer == "file":
        (sky.base / "token").write_text(jwt())
        keys["FILE"] = str(sky.base / "token")
    if issuer == "buildkite":
        fake_cli(Path(sky.environ["HOME"], "bin"), "buildkite-agent", stdout=jwt() + "\n")
    sky.rule("rfc8693", **keys)
    install(sky, venv)
    [asked] = sky.services.asked(there.OWN)
    assert there.form(asked)["grant_type"] == "urn:ietf:params:oauth:grant-type:token-exchange"
    assert there.audiences(there.form(asked)["subject_token"]) == keys["AUDIENCE"]


def test_circleci_for_another_audience(sky: Sky, venv: Venv) -> None:
    """CircleCI's own program makes a token for an audience that the variable's token is not for."""
    sky.environ.update(JOBS["circleci"])
    fake_cli(Path(sky.environ["HOME"], "bin"), "circleci", stdout=jwt(aud="other") + "\n")
    sky.rule("rfc8693", AUDIENCE="other")
    install(sky, venv)


def test_check_tells_the_subject(sky: Sky, venv: Venv) -> None:
    """Issuer, subject and audience of the job's token, for whoever sets up the trust; never the token."""
    sky.job(GITHUB_JOB)
    url = sky.rule("rfc8693", AUDIENCE="corp")
    place = venv()
    done = place.run("auth", "check", url, env=sky.environ, module="authpip")
    assert done.returncode == 0, done.stdout + done.stderr
    for text in ("https://ci.example", SUBJECT, "corp"):
        assert text in done.stdout
    assert "eyJ" not in done.stdout + done.stderr
    as_object = json.loads(place.run("auth", "check", "--json", url, env=sky.environ, module="authpip").stdout)
    told = {"issuer": "https://ci.example", "subject": SUBJECT, "audience": "corp"}
    assert as_object["indexes"][0]["job_token"] == told


FAILURES = {
    "no identity": ({}, {}, "this is not a job that has an identity", "run it in a job of GitHub"),
    "no permission": (
        {"GITHUB_ACTIONS": "true"}, {}, "GitHub Actions gave no token for this job", "`permissions: id-token: write`"
    ),
    "denied": (GITHUB_JOB, {there.OWN: as_json({"error": "access_denied"}, 403)}, "did not accept", "have the"),
    "untrusted subject": (
        GITHUB_JOB,
        {there.OWN: as_json({"error": "invalid_grant", "error_description": "the subject is not trusted"}, 400)},
        f"(400: invalid_grant: the subject is not trusted) [issuer https://ci.example, subject {SUBJECT}",
        "have the token service trust this issuer and subject",
    ),
    "wrong audience": (
        GITHUB_JOB,
        {there.OWN: as_json({"error_description": "audience is not allowed"}, 401)},
        "the audience of the token is not what it expects",
        "correct audience",
    ),
    "wrong audience of a fixed token": (
        JOBS["bitbucket"] | {"BITBUCKET_STEP_OIDC_TOKEN": jwt(aud="ari:cloud:bitbucket::workspace/1")},
        {},
        "the token of Bitbucket Pipelines has the wrong audience: it is for ari:cloud:bitbucket::workspace/1",
        "set audience",
    ),
    "expired": (GITHUB_JOB, {there.OWN: as_json({"error_description": "it expired"}, 401)}, "expired", "run the job"),
    "down": (GITHUB_JOB, {there.OWN: as_json({}, 503)}, "it answered 503", "try again in a few minutes"),
    "no job token": (GITHUB_JOB, {there.GITHUB: as_json({}, 403)}, "GitHub Actions gave no token", "`permissions:"),
    "no token in the answer": (GITHUB_JOB, {there.OWN: as_json({"x": 1})}, "did not accept", "have the"),
}  # fmt: skip


@pytest.mark.parametrize("failure", FAILURES)
def test_failures(failure: str, sky: Sky, venv: Venv) -> None:
    """Each message names the service, the kind of identity and what to do, on one line without the token."""
    job, answers, why, remedy = FAILURES[failure]
    sky.job(job)
    sky.rule("rfc8693", AUDIENCE="corp")
    for host, answer in answers.items():
        sky.services.other[host] = lambda asked, answer=answer: answer
    _refused(sky, venv, why, remedy)


def _refused(sky: Sky, venv: Venv, why: str, remedy: str) -> None:
    done = venv().run("install", "corp-thing", env=sky.environ, module="authpip")
    assert (done.returncode, done.stdout) == (3, ""), done.stdout + done.stderr
    assert done.stderr.startswith("authpip: "), done.stderr
    assert done.stderr.count("\n") == 1
    assert why in done.stderr
    assert remedy in done.stderr
    assert "eyJ" not in done.stderr
    assert sky.server.requests == []


def test_unreachable(sky: Sky, venv: Venv) -> None:
    """The proxy leads nowhere: the service is named."""
    sky.job(GITHUB_JOB)
    sky.rule("rfc8693", TOKEN_URL="https://gone.corp.example/token", AUDIENCE="corp")
    _refused(sky, venv, "the token service cannot be reached at gone.corp.example", "check the network, or HTTPS_PROXY")


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("https://evil.example/idtoken?x=1", "ACTIONS_ID_TOKEN_REQUEST_URL"),
        ("http://run-1.actions.githubusercontent.com/?x=1", ""),
    ],
)
def test_a_token_host_of_somebody_else_gets_nothing(host: str, name: str, sky: Sky, venv: Venv) -> None:
    """A04: the bearer of a job's identity goes to GitHub alone, and never over plain http. Without the allow-list the
    proxy would have been asked for evil.example."""
    sky.job({**GITHUB_JOB, "ACTIONS_ID_TOKEN_REQUEST_URL": host})
    sky.rule("rfc8693", AUDIENCE="corp")
    why = "is not a host of GitHub Actions, and nothing is sent there" if name else "is plain http, readable on the way"
    _refused(sky, venv, why, "")
    assert sky.services.proxy.requests == []


def test_plain_http_token_url_is_refused(sky: Sky, venv: Venv) -> None:
    """rfc8693's token-url is the user's own rule, but https off loopback."""
    sky.job(GITHUB_JOB)
    sky.rule("rfc8693", TOKEN_URL="http://sts.corp.example/token", AUDIENCE="corp")
    _refused(sky, venv, "is plain http, readable on the way", "write https://")
    assert sky.services.asked(there.OWN) == []


def test_no_variable_of_the_identity_reaches_a_build(sky: Sky, venv: Venv) -> None:
    """P4: what makes the job's token is not in the environment of what pip builds, nor anywhere else that it looks."""
    request = new_canary()
    sky.job({**GITHUB_JOB, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": request.secret})
    token = as_json({"value": jwt(aud="corp")})
    sky.services.other[there.GITHUB] = lambda asked: token if asked.headers["Authorization"] else as_json({}, 401)
    sky.rule("rfc8693", AUDIENCE="corp")
    report = sky.base / "report.jsonl"
    sdist = packages.spy_sdist(sky.base / "files", "spied", report, requires=["early-dep"])
    files = [sdist, packages.wheel(sky.base / "files", "early-dep")]
    sky.server.add("/team/", files, username="__token__", password=sky.canary.secret)
    sky.environ["PIP_INDEX_URL"] = f"https://{OWN_INDEX}/team/"
    sky.environ["AUTHPIP_INDEX_CORP_URL"] = sky.environ["PIP_INDEX_URL"]
    done = venv().run("install", "spied", env=sky.environ, module="authpip")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [one.headers["Authorization"] for one in sky.services.asked(there.GITHUB)] == [f"bearer {request.secret}"]
    looks = [json.loads(line) for line in report.read_text().splitlines()]
    assert looks
    assert [hit for look in looks for canary in (request, sky.canary) for hit in canary.find_in_tree(look)] == []


def test_a_clock_that_is_off(sky: Sky, venv: Venv) -> None:
    """By 10 minutes: the message says so, and by how much, whatever the service says."""
    sky.job(GITHUB_JOB)
    sky.rule("rfc8693", AUDIENCE="corp")
    sky.services.clock = -600.0
    sky.services.other[there.OWN] = lambda asked: as_json({"error": "invalid_grant"}, 400)
    _refused(sky, venv, "this machine's clock is 10 min ahead", "set this machine's clock")
