"""A private package from Google and AWS where no gcloud and no aws is on PATH: every kind of identity they have.

The real pip under the clouds' own host names, which a CONNECT proxy leads to loopback; services beside the machine by
their variables, and at their true addresses inside a network namespace (P3, P4, P9, P10, P11).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from support.leaks.canary import Canary, new_canary
from support.leaks.cmdline_sampler import CmdlineSampler
from support.machine.network_namespace import deaf, in_namespace
from support.programs.pip_venvs import PipVenv
from support.samples import packages
from support.servers import identity_services as services
from support.servers.cloud_services import TokenService, service_account_key
from support.servers.connect_proxy import ConnectProxy
from support.servers.index_server import Authority, IndexServer, basic

pytestmark = pytest.mark.real

GOOGLE = "europe-west1-python.pkg.dev"
AWS = "corp-123456789012.d.codeartifact.eu-west-1.amazonaws.com"
PATHS = {GOOGLE: "/project/repo/simple/", AWS: "/pypi/repo/simple/"}
USERS = {GOOGLE: "oauth2accesstoken", AWS: "aws"}
Environ = dict[str, str]


class Machine(NamedTuple):
    """A machine without a cloud's program, from which the clouds can be reached."""

    index: IndexServer
    cloud: TokenService
    beside: TokenService
    environ: Environ
    base: Path
    canary: Canary

    @property
    def near(self) -> str:
        """host:port of the services beside the machine."""
        return f"127.0.0.1:{self.beside.port}"

    def file(self, content: dict[str, object]) -> Environ:
        """GOOGLE_APPLICATION_CREDENTIALS, with this in it."""
        return {"GOOGLE_APPLICATION_CREDENTIALS": services.written(self.base / "files" / "adc.json", content)}

    def aws_files(self, config: str, credentials: str = "") -> Environ:
        """~/.aws with these."""
        directory = self.base / "files"
        directory.mkdir(exist_ok=True)
        (directory / "config").write_text(config)
        (directory / "credentials").write_text(credentials)
        return {
            "AWS_CONFIG_FILE": str(directory / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(directory / "credentials"),
        }


def made(environment: Environ, authority: Authority, where: tuple[str, int] = ("127.0.0.1", 0)) -> Iterator[Machine]:
    """The servers, and the way to them. where: the address of the services beside the machine."""
    base, canary = Path(environment["HOME"]).parent, new_canary()
    with (
        IndexServer(authority, names=tuple(PATHS)) as index,
        TokenService(services.clouds(canary.secret), authority, services.HOSTS) as cloud,
        TokenService(services.beside(canary.secret), address=where) as beside,
        ConnectProxy({**dict.fromkeys(PATHS, index.port), **dict.fromkeys(services.HOSTS, cloud.port)}) as proxy,
    ):
        beside.headers["Metadata-Flavor"] = "Google"
        environ = {**environment, **index.environ, **proxy.environ, "PATH": "/usr/sbin:/sbin"}
        environ["CLOUDSDK_CONFIG"] = str(base / "no-gcloud")
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            environ[name] = str(base / "no-aws")
        environ.pop("AWS_EC2_METADATA_DISABLED", None)
        environ.pop("NO_GCE_CHECK", None)
        yield Machine(index, cloud, beside, environ, base, canary)


@pytest.fixture
def machine(environment: Environ, authority: Authority) -> Iterator[Machine]:
    """Nothing of a cloud's but what a test adds."""
    yield from made(environment, authority)


def _key(machine: Machine) -> Environ:
    key = service_account_key(machine.base / "key.json", services.ROBOT, "https://oauth2.googleapis.com/token")
    return {"GOOGLE_APPLICATION_CREDENTIALS": str(key)}


def _default_file(machine: Machine) -> Environ:
    path = Path(machine.environ["CLOUDSDK_CONFIG"], "application_default_credentials.json")
    services.written(path, services.user_login())
    return {}


def _subject_file(machine: Machine) -> Environ:
    (machine.base / "subject").write_text(services.SUBJECT)
    return machine.file(services.external_account({"file": str(machine.base / "subject")}))


def _subject_beside(machine: Machine) -> Environ:
    """As on a machine of Azure, whose metadata service gives the subject token."""
    return machine.file(services.external_account({"url": "http://169.254.169.254/metadata/identity/oauth2/token"}))


def _web_identity(machine: Machine) -> Environ:
    (machine.base / "subject").write_text(services.SUBJECT)
    return {"AWS_WEB_IDENTITY_TOKEN_FILE": str(machine.base / "subject"), "AWS_ROLE_ARN": services.ROLE}


def _pod_identity(machine: Machine) -> Environ:
    (machine.base / "pod-token").write_text("pod-token")
    return {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://{machine.near}/v1/credentials",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(machine.base / "pod-token"),
    }


def _sso(machine: Machine) -> Environ:
    home = Path(machine.environ["HOME"])
    services.sso_login(home)
    return {"AWS_CONFIG_FILE": str(home / ".aws" / "config"), "AWS_PROFILE": "corp"}


KEYS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "s3cret"}
WRITTEN = "[base]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = s3cret\n"
ROLE_PROFILE = f"[profile acting]\nrole_arn = {services.ROLE}\nsource_profile = base\n"
KINDS: dict[str, tuple[str, Callable[[Machine], Environ]]] = {
    "service account key": (GOOGLE, _key),
    "user": (GOOGLE, lambda machine: machine.file(dict(services.user_login()))),
    "application default file": (GOOGLE, _default_file),
    "federation, file": (GOOGLE, _subject_file),
    "federation, GitHub": (GOOGLE, lambda machine: machine.file(services.external_account(services.github_source()))),
    "federation, acting": (
        GOOGLE,
        lambda machine: machine.file(services.external_account(services.github_source(), acting=True)),
    ),
    "federation, AWS": (
        GOOGLE,
        lambda machine: {
            **machine.file(services.external_account(services.aws_source(f"http://{machine.near}"))),
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": f"http://{machine.near}",
        },
    ),
    "impersonation": (
        GOOGLE,
        lambda machine: machine.file(
            {
                "type": "impersonated_service_account",
                "service_account_impersonation_url": services.ACTING,
                "source_credentials": services.user_login(),
                "delegates": [],
            }
        ),
    ),
    "metadata server": (GOOGLE, lambda machine: {"GCE_METADATA_HOST": machine.near}),
    "keys": (AWS, lambda machine: KEYS),
    "session keys": (AWS, lambda machine: {**KEYS, "AWS_SESSION_TOKEN": "session/token+=="}),
    "web identity": (AWS, _web_identity),
    "profile": (AWS, lambda machine: {**machine.aws_files("", WRITTEN), "AWS_PROFILE": "base"}),
    "profile's role": (AWS, lambda machine: {**machine.aws_files(ROLE_PROFILE, WRITTEN), "AWS_PROFILE": "acting"}),
    "SSO session": (AWS, _sso),
    "pod identity": (AWS, _pod_identity),
    "instance": (AWS, lambda machine: {"AWS_EC2_METADATA_SERVICE_ENDPOINT": f"http://{machine.near}"}),
}


def install(machine: Machine, place: PipVenv, host: str, more: Environ) -> str:
    """Install a private package whose build spies; its token comes by this identity. Returns what was said."""
    report = machine.base / "report.jsonl"
    files = [
        packages.spy_sdist(machine.base / "packages", "cloud-thing", report, requires=["early-dep"]),
        packages.wheel(machine.base / "packages", "early-dep"),
    ]
    machine.index.add(PATHS[host], files, username=USERS[host], password=machine.canary.secret)
    environ = {**machine.environ, **more, "PIP_INDEX_URL": f"https://{host}{PATHS[host]}"}
    with CmdlineSampler() as sampler:
        done = place.run("install", "cloud-thing", env=environ, module="authpip")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Successfully installed cloud-thing-1.0" in done.stdout
    assert {seen.authorization for seen in machine.index.requests} == {basic(USERS[host], machine.canary.secret)}
    assert machine.canary.find_in(b"\n".join(sampler.seen)) == []
    looks = [json.loads(line) for line in report.read_text().splitlines()]
    assert [hit for look in looks for hit in machine.canary.find_in_tree(look)] == []
    assert machine.canary.find_below(machine.base) == []
    assert machine.canary.find_in(done.stdout + done.stderr, "output") == []
    return done.stdout + done.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_install(kind: str, machine: Machine, venv: Callable[..., PipVenv]) -> None:
    """Nothing but the identity is set up: the package installs, its build and the disk do not see the token."""
    host, identity = KINDS[kind]
    install(machine, venv(), host, identity(machine))


@pytest.mark.parametrize(
    ("host", "address", "variables"),
    [
        (GOOGLE, "169.254.169.254", {"GCE_METADATA_HOST": "metadata.google.internal"}),
        (GOOGLE, "169.254.169.254", {"K_SERVICE": "a-service"}),
        (GOOGLE, "169.254.169.254", {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}),
        (AWS, "169.254.169.254", {"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "ipv4"}),
        (AWS, "169.254.170.2", {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/x"}),
    ],
    ids=["GCE", "Cloud Run", "GKE", "EC2", "ECS"],
)
def test_true_addresses(
    host: str,
    address: str,
    variables: Environ,
    environment: Environ,
    authority: Authority,
    venv: Callable[..., PipVenv],
) -> None:
    """A link-local service at its true address, beside a proxy that leads everywhere else."""
    place = venv()

    def job() -> None:
        for machine in made(environment, authority, (address, 80)):
            install(machine, place, host, variables)
            assert machine.beside.requests

    in_namespace(job, [f"{address}/32"])


@pytest.mark.parametrize(
    ("host", "dmi"),
    [(GOOGLE, ("product_name", "Google Compute Engine\n")), (AWS, ("sys_vendor", "Amazon EC2\n"))],
    ids=["GCE", "EC2"],
)
def test_machine_of_a_cloud(
    host: str,
    dmi: tuple[str, str],
    environment: Environ,
    authority: Authority,
    venv: Callable[..., PipVenv],
) -> None:
    """No variable at all: the machine's maker, as its firmware names it, is the hint."""
    place = venv()

    def job() -> None:
        for machine in made(environment, authority, ("169.254.169.254", 80)):
            install(machine, place, host, {})

    in_namespace(job, ["169.254.169.254/32"], dmi=dmi)


@pytest.mark.parametrize(
    ("host", "address", "hint"),
    [
        (GOOGLE, "169.254.169.254", lambda machine: {"K_SERVICE": "s"}),
        (GOOGLE, "169.254.169.254", _subject_beside),
        (AWS, "169.254.169.254", lambda machine: {"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "ipv4"}),
        (AWS, "169.254.170.2", lambda machine: {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"}),
    ],
    ids=["Google", "federation", "EC2", "ECS"],
)
def test_packets_that_vanish(
    host: str,
    address: str,
    hint: Callable[[Machine], Environ],
    environment: Environ,
    authority: Authority,
    venv: Callable[..., PipVenv],
) -> None:
    """P11: an address that drops packets costs a second upon a hint, and nothing without one."""
    place = venv()

    def job() -> None:
        for machine in made(environment, authority):
            environ = {**machine.environ, "PIP_INDEX_URL": f"https://{host}{PATHS[host]}"}
            times = []
            with deaf((address, 80)):
                for more in ({}, hint(machine)):
                    began = time.monotonic()
                    done = place.run("install", "cloud-thing", env={**environ, **more}, module="authpip")
                    times.append(time.monotonic() - began)
                    assert done.returncode == 3, done.stdout + done.stderr
            assert times[0] < 1.0, times
            assert times[1] < times[0] + 1.6, times
            assert "no answer" in done.stderr, done.stderr
            assert machine.index.requests == []

    in_namespace(job, [f"{address}/32"])


def test_nowhere(machine: Machine, venv: Callable[..., PipVenv]) -> None:
    """P9: no identity at all: pip does not start, and the message names the program and the way without it."""
    place = venv()
    for host, ways in ((GOOGLE, ("gcloud", "GOOGLE_APPLICATION_CREDENTIALS")), (AWS, ("aws", "AWS_ACCESS_KEY_ID"))):
        environ = {**machine.environ, "PIP_INDEX_URL": f"https://{host}{PATHS[host]}"}
        done = place.run("install", "cloud-thing", env=environ, module="authpip")
        assert (done.returncode, done.stdout) == (3, "")
        assert done.stderr.count("\n") == 1
        assert all(way in done.stderr for way in ways), done.stderr
        assert "install" in done.stderr
    assert machine.index.requests == []


def test_credentials_file_of_another_host(machine: Machine, venv: Callable[..., PipVenv]) -> None:
    """P1: a credentials file that names a token service of its own sends nothing there, and says so.

    The proxy leads that host to a server that would answer: without the list of hosts, the install succeeds.
    """
    place, evil = venv(), "sts.googleapis.com.evil.example"
    with ConnectProxy(dict.fromkeys((evil, *services.HOSTS), machine.cloud.port)) as proxy:
        source = services.github_source()
        for content in (
            services.external_account(source, token_url=f"https://{evil}/v1/token"),
            services.external_account(source, service_account_impersonation_url=f"https://{evil}/v1/x"),
            services.external_account(services.github_source(evil)),
            services.external_account(source, token_url="http://sts.googleapis.com/v1/token"),
        ):
            environ = {**machine.environ, **proxy.environ, **machine.file(content)}
            environ["PIP_INDEX_URL"] = f"https://{GOOGLE}{PATHS[GOOGLE]}"
            done = place.run("install", "cloud-thing", env=environ, module="authpip")
            assert done.returncode == 3
            assert "is not a host of" in done.stderr or "plain http" in done.stderr, done.stderr
        assert [one for one in proxy.requests if one.target.startswith(evil)] == []
    key = service_account_key(machine.base / "key.json", services.ROBOT, f"https://{evil}/token")
    environ["GOOGLE_APPLICATION_CREDENTIALS"] = str(key)
    done = place.run("install", "cloud-thing", env=environ, module="authpip")
    assert "is not a host of Google" in done.stderr


def test_five_minutes(machine: Machine, venv: Callable[..., PipVenv]) -> None:
    """F09, F10: a token of direct federation lasts five minutes: the next run has it, and a running pip has another
    minted when the index takes it no longer."""
    place, more = venv(), machine.file(services.external_account(services.github_source()))
    files = [packages.wheel(machine.base / "packages", "cloud-thing")]
    served = machine.index.add(PATHS[GOOGLE], files, username=USERS[GOOGLE], password=machine.canary.secret)
    machine.cloud.answer = services.clouds(machine.canary.secret, lasting=300)
    environ = {**machine.environ, **more, "PIP_INDEX_URL": f"https://{GOOGLE}{PATHS[GOOGLE]}"}
    again = ("install", "--force-reinstall", "--no-cache-dir", "cloud-thing")
    for _ in range(2):
        done = place.run(*again, env=environ, module="authpip")
        assert done.returncode == 0, done.stdout + done.stderr
    assert len(machine.cloud.asked("/v1/token")) == 1

    def expire(server: IndexServer, path: str) -> None:
        if path.endswith(".whl"):
            server.on_request = None
            served.accepted = {basic(USERS[GOOGLE], "ya29.second")}
            machine.cloud.answer = services.clouds("ya29.second", lasting=300)

    machine.index.on_request = expire
    done = place.run(*again, env=environ, module="authpip")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(machine.cloud.asked("/v1/token")) == 2


def test_file_before_gcloud(machine: Machine, venv: Callable[..., PipVenv]) -> None:
    """Migration: GOOGLE_APPLICATION_CREDENTIALS goes before gcloud's account, as with the plug-in; explain says so."""
    from support.programs.fake_cli import count, counting, fake_cli

    fake_cli(machine.base / "bin", "gcloud", stdout="{}", before=counting(machine.base / "count", 0))
    config = Path(machine.environ["CLOUDSDK_CONFIG"], "configurations", "config_default")
    config.parent.mkdir(parents=True)
    config.write_text("[core]\naccount = dev@example.com\n")
    environ = {**machine.environ, **_key(machine), "PATH": f"{machine.base}/bin:/usr/bin:/bin"}
    environ["PIP_INDEX_URL"] = f"https://{GOOGLE}{PATHS[GOOGLE]}"
    machine.index.add(PATHS[GOOGLE], [packages.wheel(machine.base / "packages", "cloud-thing")])
    place = venv()
    done = place.run("install", "cloud-thing", env=environ, module="authpip")
    assert done.returncode == 0, done.stdout + done.stderr
    told = place.run("auth", "explain", "--json", "install", "x", env=environ, module="authpip")
    assert f"the service account {services.ROBOT} (GOOGLE_APPLICATION_CREDENTIALS)" in told.stdout
    assert count(machine.base / "count", "calls") == 0
