"""Trusted publishing in `auth exec`: the job's identity for an upload token, where a tool has no way of its own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.leaks.canary import Canary, new_canary
from support.machine.network_namespace import in_namespace
from support.programs import authpip_cli
from support.programs.tool_venvs import tool
from support.samples import packages
from support.servers import exchange_services as there
from support.servers.cloud_services import as_json
from support.servers.exchange_services import Services, jwt
from support.servers.index_server import Authority, basic

pytestmark = pytest.mark.real

GITHUB_JOB = {
    "GITHUB_ACTIONS": "true",
    "ACTIONS_ID_TOKEN_REQUEST_URL": f"https://{there.GITHUB}/idtoken?api-version=2",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "request-token",
}
GITLAB_JOB = {"GITLAB_CI": "true", "PYPI_ID_TOKEN": jwt(aud="pypi")}
PUBLISH = {
    "hatch": ("HATCH_INDEX_REPO", "HATCH_INDEX_USER", "HATCH_INDEX_AUTH"),
    "poetry": ("", "POETRY_HTTP_BASIC_PYPI_USERNAME", "POETRY_HTTP_BASIC_PYPI_PASSWORD"),
    "flit": ("FLIT_INDEX_URL", "FLIT_USERNAME", "FLIT_PASSWORD"),
}
Job = tuple[dict[str, str], Services, Canary]


@pytest.fixture
def job(environment: dict[str, str], authority: Authority, home: Path) -> Iterator[Job]:
    """An environment with tools that print theirs, PyPI's services, and the token that they give."""
    canary = new_canary()
    for name in ("hatch", "poetry", "flit", "twine", "uv"):
        tool = home / "bin" / name
        tool.parent.mkdir(exist_ok=True)
        tool.write_text("#!/bin/sh\nenv\n")
        tool.chmod(0o755)
    with Services(authority, canary.secret, 1, ()) as services:
        yield {**environment, **services.environ, "PATH": f"{home}/bin:/usr/bin:/bin"}, services, canary


def run(job: Job, *command: str, **variables: str):
    """(exit status, the tool's environment, stderr)."""
    done = authpip_cli.auth("exec", "--", *command, env={**job[0], **variables})
    return done.returncode, dict(line.partition("=")[::2] for line in done.stdout.splitlines()), done.stderr


@pytest.mark.parametrize("tool", PUBLISH)
@pytest.mark.parametrize("variables", [GITHUB_JOB, GITLAB_JOB], ids=["GitHub", "GitLab"])
def test_publish(tool: str, variables: dict[str, str], job: Job) -> None:
    """The token of 15 minutes in the tool's own variables; the audience is the one that PyPI names."""
    status, seen, said = run(job, tool, "publish", **variables)
    assert status == 0, said
    place, user, password = PUBLISH[tool]
    assert (seen[user], seen[password]) == ("__token__", job[2].secret)
    assert not place or seen[place] == "https://upload.pypi.org/legacy/"
    [asked] = [one for one in job[1].asked(there.PYPI) if one.path == "/_/oidc/mint-token"]
    assert there.audiences(json.loads(asked.body)["token"]) == "pypi"


@pytest.mark.parametrize("tool", ["twine", "uv"])
def test_others_have_their_own(tool: str, job: Job) -> None:
    """twine and uv do it by themselves: nothing is asked, nothing is set."""
    status, seen, said = run(job, tool, "upload" if tool == "twine" else "publish", **GITHUB_JOB)
    assert status == 0, said
    assert job[1].requests == []
    assert not {name for name in seen if name.startswith(("TWINE_", "UV_PUBLISH_"))}


@pytest.mark.parametrize("tool", PUBLISH)
def test_nothing_is_asked_without_need(tool: str, job: Job) -> None:
    """No job, no permission in the job, another command, or a credential of the user's own."""
    own = {"HATCH_INDEX_AUTH": "x", "POETRY_PYPI_TOKEN_PYPI": "x", "FLIT_PASSWORD": "x"}
    for command, variables in (
        ("publish", {}),
        ("publish", {"GITHUB_ACTIONS": "true"}),
        ("build", GITHUB_JOB),
        ("publish", {**GITHUB_JOB, **own}),
    ):
        assert run(job, tool, command, **variables)[0] == 0
    assert job[1].requests == []


def test_a_job_that_pypi_does_not_trust(job: Job) -> None:
    """The message names PyPI and the subject, and what to do; hatch is not started."""
    job[1].other[there.TEST_PYPI] = lambda asked: (
        as_json({"audience": "testpypi"})
        if "audience" in asked.path
        else as_json({"message": "x", "errors": [{"code": "invalid-publisher", "description": "no publisher"}]}, 422)
    )
    status, seen, said = run(job, "hatch", "publish", "-r", "test", **GITHUB_JOB)
    assert (status, seen) == (3, {})
    assert "PyPI did not accept the token of GitHub Actions" in said
    assert there.SUBJECT in said
    assert "trusted publisher" in said


FILES = {
    "hatch": {"pyproject.toml": '[project]\nname = "corp-thing"\nversion = "1.0"\n'},
    "poetry": {"pyproject.toml": '[project]\nname = "corp-thing"\nversion = "1.0"\n'},
    "flit": {
        "pyproject.toml": '[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n'
        '[project]\nname = "corp-thing"\nversion = "1.0"\ndescription = "d"\n[tool.flit.module]\nname = "corp_thing"\n',
        "corp_thing.py": '"""A thing."""\n',
    },
}


def published(name: str, job: Job, base: Path, authority: Authority) -> None:
    """The real tool uploads a package to upload.pypi.org in a GitHub job where no login is stored: one exchange, and
    each upload with its token. Without the job's identity the same command is not let in."""
    project = base / "project"
    project.mkdir()
    for file, text in FILES[name].items():
        (project / file).write_text(text)
    if name != "flit":  # which builds what it publishes
        packages.wheel(project / "dist", "corp-thing")
    environ, services, canary = job
    trusted = dict.fromkeys(("REQUESTS_CA_BUNDLE", "HATCH_INDEX_CA_CERT"), str(authority.file))
    own = {"PATH": f"{tool(name)}:/usr/bin:/bin", "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    options = ["--no-interaction"] if name == "poetry" else []

    def publish(**variables: str) -> subprocess.CompletedProcess[str]:
        env = {**environ, **trusted, **own, **variables}
        return authpip_cli.auth("exec", "--", name, "publish", *options, env=env, cwd=project)

    done = publish(**GITHUB_JOB)
    assert done.returncode == 0, done.stdout + done.stderr
    sent = {one.headers["Authorization"] for one in services.requests if one.path.startswith("/legacy/")}
    assert sent == {basic("__token__", canary.secret)}
    assert len([one for one in services.requests if one.path == "/_/oidc/mint-token"]) == 1
    assert canary.find_in(done.stdout + done.stderr) == []
    assert publish().returncode != 0


@pytest.mark.heavy
@pytest.mark.parametrize("name", ["poetry", "flit"])
def test_the_real_tools(name: str, job: Job, home: Path, authority: Authority) -> None:
    """poetry and flit themselves, which reach upload.pypi.org through the proxy."""
    published(name, job, home, authority)


@pytest.mark.heavy
def test_the_real_hatch(environment: dict[str, str], home: Path, authority: Authority) -> None:
    """hatch itself, which knows no proxy: in a network of its own, where PyPI's names lead to loopback."""
    tool("hatch")

    def publish() -> None:
        with Services(authority, new_canary().secret, 1, (), port=443) as services:
            canary = Canary(services.secret)
            published(
                "hatch", ({**environment, "SSL_CERT_FILE": str(authority.file)}, services, canary), home, authority
            )

    in_namespace(publish, [], hosts=there.HOSTS)
