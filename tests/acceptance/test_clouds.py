"""A private package from each cloud, under its real host name: the real pip, the real gcloud, aws and az.

A CONNECT proxy leads the host names to loopback. The first run mints a token, the second starts no program (F01,
F10, F17, A12, A13, A23, A27, P3, P4, P9, P10).
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from support.leaks.canary import Canary, new_canary
from support.leaks.cmdline_sampler import CmdlineSampler
from support.machine.isolation import ROOT
from support.programs import cloud_programs
from support.programs.fake_cli import count, counting, fake_cli
from support.programs.pip_venvs import PipVenv
from support.samples import packages
from support.servers.cloud_services import TokenService, amazon, as_json, google, log_in_az, log_in_user, microsoft
from support.servers.connect_proxy import ConnectProxy
from support.servers.index_server import Authority, IndexServer, basic

pytestmark = pytest.mark.real

Venv = Callable[..., PipVenv]
ARTIFACT_REGISTRY = "europe-west1-python.pkg.dev"
CODEARTIFACT = "corp-123456789012.d.codeartifact.eu-west-1.amazonaws.com"
AZURE = "pkgs.dev.azure.com"
GITLAB = "gitlab.corp.example"
AWS_SERVICE = "codeartifact.eu-west-1.amazonaws.com"
SHORT = 1000  # seconds: over gcloud's 15 minutes; what is kept in the kernel is soon gone by itself
STORES = "stores-of-the-programs"
PATHS = {
    ARTIFACT_REGISTRY: "/project/repo/simple/",
    CODEARTIFACT: "/pypi/repo/simple/",
    AZURE: "/org/project/_packaging/feed/pypi/simple/",
    GITLAB: "/api/v4/projects/12/packages/pypi/simple/",
}
USERS = {ARTIFACT_REGISTRY: "oauth2accesstoken", CODEARTIFACT: "aws", AZURE: "VssSessionToken"}
PROGRAMS = {ARTIFACT_REGISTRY: "gcloud", CODEARTIFACT: "aws", AZURE: "az"}


class Sky(NamedTuple):
    """All clouds on one loopback server, and an environment from which they can be reached."""

    server: IndexServer
    environ: dict[str, str]
    base: Path
    report: Path
    canary: Canary

    def index(self, host: str, username: str, *more: Path) -> str:
        """Put the private package, with its spying build and private build dependency, behind this user name."""
        files = [
            packages.spy_sdist(self.base / "files", "cloud-thing", self.report, requires=["early-dep"]),
            packages.wheel(self.base / "files", "early-dep"),
            *more,
        ]
        self.server.add(PATHS[host], files, username=username, password=self.canary.secret)
        self.environ["PIP_INDEX_URL"] = f"https://{host}{PATHS[host]}"
        return self.environ["PIP_INDEX_URL"]

    def leaks(self, *texts: str) -> list[object]:
        """Where the token was found: what the build saw, what pip said, any file but a cloud program's own store."""
        looks = [json.loads(line) for line in self.report.read_text().splitlines()] if self.report.exists() else []
        roots = [path for path in self.base.iterdir() if path.name != STORES]
        left = self.canary.find_below(*roots)
        seen = [hit for look in looks for hit in self.canary.find_in_tree(look)]
        return [*left, *seen, *(hit for text in texts for hit in self.canary.find_in(text, "output"))]


@pytest.fixture
def sky(
    environment: dict[str, str], serve: Callable[..., IndexServer], authority: Authority, home: Path
) -> Iterator[Sky]:
    """Nothing on the index yet, and no program on PATH."""
    server = serve(names=tuple(PATHS))
    with ConnectProxy(dict.fromkeys(PATHS, server.port)) as proxy:
        environ = {**environment, **proxy.environ, **server.environ, "PATH": f"{home}/bin:/usr/bin:/bin"}
        for variable in ("CLOUDSDK_CONFIG", "AZURE_CONFIG_DIR"):  # they keep tokens of their own, in clear
            environ[variable] = str(home.parent / STORES / variable)
        report = home.parent / "report.jsonl"
        yield Sky(server, environ, home.parent, report, new_canary())


class Login(NamedTuple):
    """How one cloud's program is there and logged in; it lasts as long as its token service."""

    host: str
    log_in: Callable[[Sky, Authority], TokenService]


def _google(sky: Sky, authority: Authority) -> TokenService:
    service = TokenService(google(sky.canary.secret, lasting=SHORT))
    _program(sky, "gcloud", cloud_programs.gcloud())
    sky.environ["CLOUDSDK_AUTH_TOKEN_HOST"] = f"http://127.0.0.1:{service.port}/token"
    log_in_user("gcloud", sky.environ, f"dev-{sky.base.name}@example.com")
    return service


def _amazon(sky: Sky, authority: Authority, program: Callable[[], str]) -> TokenService:
    service = TokenService(amazon(sky.canary.secret, lasting=SHORT), authority, [AWS_SERVICE])
    _program(sky, "aws", program())
    proxy = ConnectProxy({AWS_SERVICE: service.port, CODEARTIFACT: sky.server.port})
    credentials = Path(sky.environ["AWS_SHARED_CREDENTIALS_FILE"])
    credentials.parent.mkdir(exist_ok=True)
    credentials.write_text("[default]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = s3cret\n")
    sky.environ.update({**proxy.environ, "AWS_CA_BUNDLE": str(authority.file)})
    return service


def _microsoft(sky: Sky, authority: Authority) -> TokenService:
    service = TokenService(lambda asked: as_json({}), authority)
    service.answer = microsoft(sky.canary.secret, lambda: service.port, lasting=SHORT)
    _program(sky, "az", cloud_programs.az())
    own = {"AZURE_CORE_INSTANCE_DISCOVERY": "false", "AZURE_CORE_LOGIN_EXPERIENCE_V2": "off", "NO_PROXY": "localhost"}
    sky.environ.update({**own, "REQUESTS_CA_BUNDLE": str(authority.file)})
    log_in_az("az", sky.environ, service.url)
    return service


def _program(sky: Sky, name: str, path: str) -> None:
    cloud_programs.on_path(Path(sky.environ["HOME"], "bin"), name, path)


LOGINS = {
    "gcloud": Login(ARTIFACT_REGISTRY, _google),
    "aws 1": Login(CODEARTIFACT, lambda sky, authority: _amazon(sky, authority, cloud_programs.aws_1)),
    "aws 2": Login(CODEARTIFACT, lambda sky, authority: _amazon(sky, authority, cloud_programs.aws_2)),
    "az": Login(AZURE, _microsoft),
}
HEAVY_AZ = pytest.param("az", marks=[pytest.mark.heavy, pytest.mark.xdist_group("az"), pytest.mark.timeout(900)])


@pytest.mark.parametrize("program", ["gcloud", "aws 1", "aws 2", HEAVY_AZ])
def test_install(program: str, sky: Sky, authority: Authority, venv: Venv) -> None:
    """Nothing configured: the token is minted and used at once, no request is refused, the build and the disk do not
    see it. The second run, without the program on PATH, has the kept one."""
    host, log_in = LOGINS[program]
    sky.index(host, USERS[host])
    with log_in(sky, authority):
        place = venv()
        with CmdlineSampler() as sampler:
            first = place.run("install", "cloud-thing", env=sky.environ, module="authpip")
        assert first.returncode == 0, first.stdout + first.stderr
        assert "Successfully installed cloud-thing-1.0" in first.stdout
        sky.environ["PATH"] = "/usr/bin:/bin" if program != "gcloud" else str(sky.base)
        again = ("install", "--force-reinstall", "--no-cache-dir", "cloud-thing")
        second = place.run(*again, env=sky.environ, module="authpip")
        assert second.returncode == 0, second.stdout + second.stderr
    accepted = basic(USERS[host], sky.canary.secret)
    by_pip = sky.server.requests[1:] if program == "az" else sky.server.requests  # Azure's feed names its tenant first
    assert {seen.authorization for seen in by_pip} == {accepted}
    assert 401 not in {seen.status for seen in by_pip}
    assert sky.leaks(first.stdout, first.stderr, second.stdout, second.stderr) == []
    assert sky.canary.find_in(b"\n".join(sampler.seen)) == []
    forgotten = place.run("auth", "cache", "status", env=sky.environ, module="authpip")
    assert sky.canary.find_in(forgotten.stdout + forgotten.stderr) == []


@pytest.mark.parametrize(
    ("host", "variables"),
    [
        (AZURE, {"SYSTEM_ACCESSTOKEN": "{}", "SYSTEM_COLLECTIONURI": "https://dev.azure.com/org/"}),
        (AZURE, {"AZURE_DEVOPS_EXT_PAT": "{}"}),
        (GITLAB, {"CI_JOB_TOKEN": "{}", "CI_SERVER_HOST": GITLAB, "CI_SERVER_PORT": "443"}),
    ],
    ids=["Azure Pipelines", "Azure PAT", "GitLab"],
)
def test_ci(host: str, variables: dict[str, str], sky: Sky, venv: Venv) -> None:
    """A job's own token: used before any program is started, and gone from the environment of pip and its builds."""
    fake_cli(Path(sky.environ["HOME"], "bin"), "az", before=counting(sky.base / "count", 0))
    user = {AZURE: "VssSessionToken" if "AZURE_DEVOPS_EXT_PAT" in variables else "build", GITLAB: "gitlab-ci-token"}[
        host
    ]
    sky.index(host, user)
    sky.environ.update({name: value.format(sky.canary.secret) for name, value in variables.items()})
    done = venv().run("install", "-vv", "cloud-thing", env=sky.environ, module="authpip")
    assert done.returncode == 0, done.stdout + done.stderr
    assert {seen.authorization for seen in sky.server.requests} == {basic(user, sky.canary.secret)}
    assert sky.leaks(done.stdout, done.stderr) == []
    assert count(sky.base / "count", "calls") == 0


def test_no_token_and_a_public_twin(sky: Sky, venv: Venv) -> None:
    """A27, P9: gcloud is not logged in: the command fails before pip starts, whatever another index has to offer."""
    sky.index(ARTIFACT_REGISTRY, USERS[ARTIFACT_REGISTRY])
    sky.server.add("/open/simple", [packages.wheel(sky.base / "files", "cloud-thing", "9.0")])
    sky.environ["PIP_EXTRA_INDEX_URL"] = sky.server.url("/open/simple/")
    refusal = "ERROR: (gcloud) You do not currently have an active account selected.\n"
    fake_cli(Path(sky.environ["HOME"], "bin"), "gcloud", stderr=refusal, status=1)
    done = venv().run("install", "cloud-thing", env=sky.environ, module="authpip")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith(f"authpip: google: no token for {ARTIFACT_REGISTRY}: gcloud is not logged in")
    assert done.stderr.count("\n") == 1
    assert "run `gcloud auth login`" in done.stderr
    assert sky.server.requests == []


def test_a_kept_token_that_was_revoked(sky: Sky, venv: Venv) -> None:
    """F10: upon a 401 it is forgotten, one more is minted, and the install goes on; the next run has the new one."""
    sky.index(ARTIFACT_REGISTRY, USERS[ARTIFACT_REGISTRY])
    here = Path(sky.environ["HOME"], "bin")
    expires = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 400))

    def gcloud(token: str) -> None:
        printed = json.dumps({"credential": {"access_token": token, "token_expiry": expires}})
        fake_cli(here, "gcloud", stdout=printed, before=counting(sky.base / "count", 0))

    gcloud("ya29.revoked-meanwhile")
    place = venv()
    sky.environ["AUTHPIP_LOG"] = "debug"
    checked = place.run("auth", "token", sky.environ["PIP_INDEX_URL"], env=sky.environ, module="authpip")
    assert "ya29.revoked-meanwhile" in checked.stdout, checked.stderr
    gcloud(sky.canary.secret)
    done = place.run("install", "cloud-thing", env=sky.environ, module="authpip")
    assert done.returncode == 0, done.stdout + done.stderr
    assert count(sky.base / "count", "calls") == 2
    refused = [seen.authorization for seen in sky.server.requests if seen.status == 401]
    assert refused == [basic(USERS[ARTIFACT_REGISTRY], "ya29.revoked-meanwhile")]
    (here / "gcloud").unlink()
    again = place.run("install", "--force-reinstall", "cloud-thing", env=sky.environ, module="authpip")
    assert again.returncode == 0, again.stdout + again.stderr
    assert sky.server.statuses().count(401) == 1


def test_a_cached_token_that_is_answered_404(sky: Sky, venv: Venv) -> None:
    """audit 7: CodeArtifact answers 404 to a token that is no longer valid; the first one of a run renews it, once."""
    sky.index(CODEARTIFACT, USERS[CODEARTIFACT])
    index = sky.server.indexes[0]
    index.refusal = 404
    here = Path(sky.environ["HOME"], "bin")

    def aws(token: str) -> None:
        printed = json.dumps({"authorizationToken": token, "expiration": time.time() + 4000})
        fake_cli(here, "aws", stdout=printed, before=counting(sky.base / "count", 0))

    aws("dead-meanwhile")
    place = venv()
    place.run("auth", "token", sky.environ["PIP_INDEX_URL"], env=sky.environ, module="authpip")
    aws(sky.canary.secret)
    done = place.run("install", "cloud-thing", env=sky.environ, module="authpip")
    assert done.returncode == 0, done.stdout + done.stderr
    assert count(sky.base / "count", "calls") == 2
    assert sky.server.statuses().count(404) == 1
    again = place.run("install", "no-such-thing", env=sky.environ, module="authpip")
    assert again.returncode == 1
    assert count(sky.base / "count", "calls") == 3


def test_all_clouds_in_one_command(sky: Sky, venv: Venv) -> None:
    """Three clouds, one invocation: each host gets its own token and no other's."""
    tokens = {host: f"token-for-{program}" for host, program in PROGRAMS.items()}
    printed = {
        "gcloud": {"credential": {"access_token": tokens[ARTIFACT_REGISTRY], "token_expiry": None}},
        "aws": {"authorizationToken": tokens[CODEARTIFACT], "expiration": time.time() + 400},
        "az": {"accessToken": tokens[AZURE], "expires_on": time.time() + 400},
    }
    urls = []
    for number, (host, program) in enumerate(PROGRAMS.items()):
        fake_cli(Path(sky.environ["HOME"], "bin"), program, stdout=json.dumps(printed[program]))
        thing = packages.wheel(sky.base / "files", f"thing-{number}")
        sky.server.add(PATHS[host], [thing], username=USERS[host], password=tokens[host])
        urls.append(f"https://{host}{PATHS[host]}")
    sky.environ.update(PIP_INDEX_URL=urls[0], PIP_EXTRA_INDEX_URL=" ".join(urls[1:]))
    done = venv().run("install", "thing-0", "thing-1", "thing-2", env=sky.environ, module="authpip")
    assert done.returncode == 0, done.stdout + done.stderr
    for host, token in tokens.items():
        assert {seen.authorization for seen in sky.server.seen(PATHS[host])} == {basic(USERS[host], token)}
    assert 401 not in sky.server.statuses()


def test_planted_programs(sky: Sky, venv: Venv, monkeypatch: pytest.MonkeyPatch) -> None:
    """A18, P7: a gcloud in the project or in the environment that pip changes is not run; the message says why."""
    sky.index(ARTIFACT_REGISTRY, USERS[ARTIFACT_REGISTRY])
    place, project = venv(), sky.base / "project"
    for directory in (project / "bin", Path(place.scripts)):
        fake_cli(directory, "gcloud", before=f"touch {sky.base}/ran")
        environ = {**place.activated(sky.environ), "PATH": f"{directory}{os.pathsep}:/nonexistent"}
        done = place.run("install", "cloud-thing", env=environ, module="authpip", cwd=project)
        assert done.returncode == 3
        assert f"{directory}/gcloud is not started because" in done.stderr
    assert not (sky.base / "ran").exists()


@pytest.mark.heavy
@pytest.mark.parametrize("store", ["kernel keyring", "none"])
def test_64_pips(store: str, sky: Sky, venv: Venv) -> None:
    """F01: 64 pips that start together all succeed: with a store after one gcloud call, without one after 64 that
    never overlap."""
    sky.index(ARTIFACT_REGISTRY, USERS[ARTIFACT_REGISTRY])
    printed = json.dumps({"credential": {"access_token": sky.canary.secret, "token_expiry": None}})
    fake_cli(Path(sky.environ["HOME"], "bin"), "gcloud", stdout=printed, before=counting(sky.base / "count", 0.05))
    sky.environ["AUTHPIP_TIMEOUT"] = "60"
    place = venv()
    sandbox = [place.python, str(ROOT / "tests/support/programs/no_keyctl.py"), "1"] if store == "none" else []
    argv = [*sandbox, place.python, "-m", "authpip", "download", "-q", "--no-deps", "--no-cache-dir", "early-dep"]
    pips = [
        subprocess.Popen(
            [*argv, "-d", str(sky.base / f"d{number}")], env=sky.environ, stderr=subprocess.PIPE, text=True
        )
        for number in range(64)
    ]
    ended = [(pip.communicate(timeout=250)[1], pip.returncode) for pip in pips]
    assert {status for _, status in ended} == {0}, ended
    assert count(sky.base / "count", "calls") == (1 if store == "kernel keyring" else 64)
    assert count(sky.base / "count", "overlaps") == 0
    assert 401 not in sky.server.statuses()
