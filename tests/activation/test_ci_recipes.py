"""The recipes of docs/ci.md: what they run is run, with the real host names; and the index URLs for feeds."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from uuid import uuid4

import pytest

from authpip.cli import azure_feeds
from authpip.cli.commands import indexes
from authpip.core.errors import UsageError
from support.machine.isolation import ROOT
from support.programs import pip_venvs
from support.programs.fake_cli import fake_cli
from support.programs.pip_venvs import PipVenv
from support.samples import packages
from support.samples.private_index import run, said
from support.servers import exchange_services as there
from support.servers.connect_proxy import ConnectProxy
from support.servers.exchange_services import Services
from support.servers.index_server import Authority, IndexServer

pytestmark = pytest.mark.real

PAGE = (ROOT / "docs" / "ci.md").read_text("utf-8")
PASSWORD = "correct-horse-battery"
FEEDS = "/contoso/shared/_packaging/tools/pypi/simple/", "/contoso/_packaging/everyone/pypi/simple/"


class Runner:
    """What runs a pipeline, as far as a local shell can: steps in order, each with the variables of those before."""

    def __init__(self, environ: Mapping[str, str], directory: Path) -> None:
        self.environ, self.directory = dict(environ), directory
        self.log = ""
        for name in ("GITHUB_ENV", "GITHUB_PATH"):
            (directory / name).touch()

    def step(self, script: str, **variables: str) -> None:
        """One step; what it hands to later ones is taken over. Installing authpip has been done."""
        script = re.sub(
            r"^pipx install authpip$|^pip install --index-url \S+ authpip$", "true", script, flags=re.MULTILINE
        )
        done = run("bash", "-e", "-c", script, env={**self.environ, **variables}, cwd=self.directory)
        assert done.returncode == 0, said([script], done)
        self.log += done.stdout + done.stderr
        for name, value in re.findall(r"^##vso\[task\.setvariable variable=(\w+)\](.*)$", done.stdout, re.MULTILINE):
            self.environ[name] = value
        for line in (self.directory / "GITHUB_ENV").read_text().splitlines():
            name, _, value = line.partition("=")
            self.environ[name] = value
        for line in (self.directory / "GITHUB_PATH").read_text().splitlines():
            self.environ["PATH"] = f"{line}{os.pathsep}{self.environ['PATH']}"
        (self.directory / "GITHUB_PATH").write_text("")


def scripts(heading: str) -> list[str]:
    """The shell of each step in the YAML below a heading, in order."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    found = []
    for block in re.findall(r"```yaml\n(.*?)```", section, re.DOTALL):
        step = r"^( *)-? *(?:run|script):(?: (?!\|)(.+)| \|\n((?:\1 {3,}.*\n)+)|\n((?:\1 +- .*\n)+))"
        for match in re.finditer(step, block, re.MULTILINE):
            lines = (match[2] or match[3] or match[4]).splitlines()
            found.append("\n".join(re.sub(r"^ *(?:- )?", "", line) for line in lines))
    return found


@pytest.fixture
def server(authority: Authority, tmp_path: Path) -> Iterator[IndexServer]:
    """The indexes of the recipes, under their own host names."""
    names = ("pypi.corp.example", "gitlab.example.com", "pkgs.dev.azure.com")
    wheel = packages.wheel(tmp_path / "wheels", "corp-thing")
    with IndexServer(authority, names=names) as server:
        server.add("/team/simple/", [wheel], username="ci", password=PASSWORD)
        server.add("/api/v4/groups/42/-/packages/pypi/simple/", [wheel], username="gitlab-ci-token", password=PASSWORD)
        server.add(FEEDS[0], [wheel], username="build", password=PASSWORD)
        server.add(FEEDS[1], [], username="build", password=PASSWORD)
        yield server


@pytest.fixture
def environ(server: IndexServer, tmp_path: Path, environment: dict[str, str]) -> Iterator[dict[str, str]]:
    """A job's environment: an authpip of its own with its pip, and a network that leads to the server."""
    names = ("pypi.corp.example", "gitlab.example.com", "pkgs.dev.azure.com")
    made: PipVenv = pip_venvs.make(tmp_path / "runner", pip_venvs.PYTHON, "26.3", authpip=True)
    environment.pop("PYTHONPATH", None)
    with ConnectProxy({f"{name}:443": server.port for name in names}) as proxy:
        path = f"{made.scripts}:{Path(shutil.which('bash') or '/bin').parent}:/usr/bin:/bin"
        yield {**environment, **server.environ, **proxy.environ, "PATH": path}


def finish(server: IndexServer, runner: Runner) -> None:
    """Installed, by credentials that were sent at once, and nothing of them in the log."""
    assert "Successfully installed corp-thing" in runner.log
    assert 401 not in server.statuses()
    assert PASSWORD not in runner.log
    assert all(PASSWORD not in value for value in runner.environ.values())


def test_github(server: IndexServer, environ: dict[str, str], tmp_path: Path) -> None:
    """GitHub Actions: shims by GITHUB_PATH in one step, plain `pip` with the secret's variables in the next."""
    files = {name: str(tmp_path / name) for name in ("GITHUB_ENV", "GITHUB_PATH")}
    runner = Runner({**environ, **files, "GITHUB_ACTIONS": "true", "RUNNER_TEMP": str(tmp_path)}, tmp_path)
    put, install = scripts("GitHub Actions")[:2]
    runner.step(put)
    secrets = {"URL": "https://pypi.corp.example/team/simple/", "USERNAME": "ci", "PASSWORD": PASSWORD}
    assert install.startswith("pip install ")
    runner.step(install, **{f"AUTHPIP_INDEX_CORP_{name}": value for name, value in secrets.items()})
    finish(server, runner)


def test_gitlab(server: IndexServer, environ: dict[str, str], tmp_path: Path) -> None:
    """GitLab CI: the job's token, for the instance that runs the job."""
    script = scripts("GitLab CI")[0]
    runner = Runner(environ, tmp_path)
    job = {"CI_JOB_TOKEN": PASSWORD, "CI_SERVER_HOST": "gitlab.example.com", "CI_SERVER_PROTOCOL": "https"}
    index = re.findall(r"PIP_INDEX_URL: (\S+)", PAGE)[0]
    runner.step(script, **job, CI_SERVER_PORT="443", PIP_INDEX_URL=index)
    finish(server, runner)


def test_azure(server: IndexServer, environ: dict[str, str], tmp_path: Path) -> None:
    """Azure Pipelines: the feeds by setvariable, twice, and the token only in the step that installs."""
    name, install = scripts("Azure Pipelines")
    runner = Runner({**environ, "TF_BUILD": "True"}, tmp_path)
    runner.step(name)
    runner.step(name)
    assert runner.environ["PIP_INDEX_URL"] == "https://pkgs.dev.azure.com" + FEEDS[0]
    assert runner.environ["PIP_EXTRA_INDEX_URL"] == "https://pkgs.dev.azure.com" + FEEDS[1]
    runner.step(install, SYSTEM_ACCESSTOKEN=PASSWORD)
    finish(server, runner)


def rules(heading: str) -> list[dict[str, str]]:
    """The variables of each rule below a heading: in YAML, in a shell, in a pod's list, in Groovy. A URL begins one."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    section = re.sub(r"- name: (AUTHPIP_\w+)\n +value: ", r"\1: ", section)
    found: list[dict[str, str]] = []
    for name, value in re.findall(r"(AUTHPIP_INDEX_TEAM_\w+)(?:: |=)([^\s'\"]+)", section):
        found += [{}] if name.endswith("_TEAM_URL") else []
        found[-1][name] = value
    return found


JOBS = {
    "GitHub Actions": {
        "GITHUB_ACTIONS": "true",
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"https://{there.GITHUB}/idtoken?api-version=2",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "request-token",
    },
    "GitLab CI": {"GITLAB_CI": "true", "AUTHPIP_ID_TOKEN": there.jwt(aud="cloudsmith")},
    "Bitbucket Pipelines": {
        "BITBUCKET_BUILD_NUMBER": "1",
        "BITBUCKET_STEP_OIDC_TOKEN": there.jwt(
            aud="ari:cloud:bitbucket::workspace/00000000-0000-0000-0000-000000000000"
        ),
    },
    "CircleCI": {"CIRCLECI": "true", "CIRCLE_OIDC_TOKEN_V2": there.jwt(aud="sts.amazonaws.com")},
    "Buildkite": {"BUILDKITE": "true", "BUILDKITE_AGENT_ACCESS_TOKEN": "agent"},
    "Jenkins": {},
    "Clusters, containers and virtual machines": {},
}
USERS = {"google": "oauth2accesstoken", "aws": "aws", "azure": "VssSessionToken", "jfrog": "ci", "cloudsmith": "token"}
RECIPES = [(heading, rule) for heading in JOBS for rule in rules(heading)]


@pytest.mark.parametrize(("heading", "rule"), RECIPES, ids=lambda value: value if isinstance(value, str) else "")
def test_by_identity(
    heading: str, rule: dict[str, str], authority: Authority, tmp_path: Path, environment: dict[str, str]
) -> None:
    """Each recipe without a secret installs its package, with no cloud's program on PATH."""
    url = rule["AUTHPIP_INDEX_TEAM_URL"]
    host, path = re.fullmatch(r"https://([^/]+)(/.*)", url).groups()
    made = pip_venvs.make(tmp_path / "runner", pip_venvs.PYTHON, "26.3", authpip=True)
    fake_cli(tmp_path / "bin", "buildkite-agent", stdout=there.jwt(aud="jfrog") + "\n")
    (tmp_path / "token").write_text(there.jwt())
    file = {"AUTHPIP_INDEX_TEAM_OIDC_FILE": str(tmp_path / "token")}
    with (
        IndexServer(authority, names=[host]) as server,
        Services(authority, PASSWORD, server.port, (host,)) as services,
    ):
        server.posts["/access/api/v1/oidc/token"] = json.dumps({"access_token": PASSWORD, "username": "ci"})
        user = USERS[rule["AUTHPIP_INDEX_TEAM_OIDC_EXCHANGE"]]
        feed = server.add(path, [packages.wheel(tmp_path / "wheels", "corp-thing")], username=user, password=PASSWORD)
        feed.headers["WWW-Authenticate"] = f"Bearer authorization_uri=https://{there.ENTRA}/{there.TENANT}"
        environ = {**environment, **server.environ, **services.environ, "PATH": f"{tmp_path}/bin:/usr/bin:/bin"}
        environ |= {**JOBS[heading], **rule, **({} if JOBS[heading] else file)}
        if heading == "GitHub Actions":  # a run of its own, which has no token in the kernel's keyring
            environ["ACTIONS_ID_TOKEN_REQUEST_URL"] += f"&run={uuid4().hex}"
        done = made.run("install", "--index-url", url, "corp-thing", env=environ, module="authpip")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Successfully installed corp-thing" in done.stdout


def test_the_recipes_are_there() -> None:
    """Each service has one; what its steps name is what its rule is for; an action has its version."""
    assert [len(rules(heading)) for heading in JOBS] == [4, 1, 1, 1, 1, 1, 1]
    for step in (step for heading in JOBS for step in scripts(heading) if "--index-url https" in step):
        for url in re.findall(r"authpip install --index-url (https\S+)", step):
            assert url in {rule["AUTHPIP_INDEX_TEAM_URL"] for heading in JOBS for rule in rules(heading)}
    versions = dict(re.findall(r"uses: (\S+)@v(\d+)", PAGE))
    assert versions == {"actions/checkout": "7", "aws-actions/configure-aws-credentials": "6"}
    assert "setup-gcloud@" not in PAGE


def test_feed_urls() -> None:
    """Organisation, project and feed, with spaces and views; nothing that could lead elsewhere."""
    base = "https://pkgs.dev.azure.com"
    assert azure_feeds.feed_url("org/feed") == f"{base}/org/_packaging/feed/pypi/simple/"
    assert azure_feeds.feed_url("org/my project/feed@Release") == (
        f"{base}/org/my%20project/_packaging/feed@Release/pypi/simple/"
    )
    for wrong in ("feed", "a/b/c/d", "org/", "/feed", "org//feed", "org/../feed", "org/a\nb", "../feed", "org/."):
        with pytest.raises(UsageError, match="is not a feed"):
            azure_feeds.feed_url(wrong)


def test_variables_replace_and_never_stack() -> None:
    """The first feed is the main index, unless all are extra; a second run gives the same; what was set is emptied."""
    first = azure_feeds.variables(["o/a", "o/b", "o/c"], {})
    assert list(first) == ["PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"]
    assert first["PIP_EXTRA_INDEX_URL"].count("https://") == 2
    assert azure_feeds.variables(["o/a", "o/b", "o/c"], first) == first
    assert azure_feeds.variables(["o/a"], {}) == {"PIP_INDEX_URL": azure_feeds.feed_url("o/a")}
    assert azure_feeds.variables(["o/a"], first)["PIP_EXTRA_INDEX_URL"] == ""
    assert list(azure_feeds.variables(["o/a", "o/b"], {}, extra_only=True)) == ["PIP_EXTRA_INDEX_URL"]


def test_export_in_each_surrounding(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """GITHUB_ENV's file, Azure's command, or a line that a shell can evaluate whatever a feed is called."""
    words = ["--azure-feed", "o/it's $(touch x)/feed", "--azure-feed", "o/b,", "--export"]
    assert indexes.run(words, {}) == 0
    text = capfd.readouterr().out
    shell = run("bash", "-c", text + 'printf "%s" "$PIP_INDEX_URL"', env={}, cwd=tmp_path, check=True)
    assert shell.stdout == azure_feeds.feed_url("o/it's $(touch x)/feed")
    assert list(tmp_path.iterdir()) == []
    indexes.run(words, {"TF_BUILD": "True"})
    assert capfd.readouterr().out.startswith("##vso[task.setvariable variable=PIP_INDEX_URL]https://")
    file = tmp_path / "env"
    indexes.run(words, {"GITHUB_ACTIONS": "true", "GITHUB_ENV": str(file)})
    assert capfd.readouterr().out == ""
    assert file.read_text().startswith("PIP_INDEX_URL=https://")
    with pytest.raises(UsageError, match="no feed is named"):
        indexes.run(["--azure-feed", ","], {})
