"""Each source that people already have installs a private package, by the first request and no 401."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from support.leaks.canary import Canary, new_canary
from support.programs import pip_venvs
from support.programs.keyrings import SecretService
from support.programs.pip_venvs import PipVenv
from support.samples import packages
from support.servers.connect_proxy import ConnectProxy
from support.servers.index_server import IndexServer

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def shared_venv(tmp_path_factory: pytest.TempPathFactory) -> PipVenv:
    """One environment with the newest pip and the wheel under test; each test installs beside it (--target)."""
    return pip_venvs.make(tmp_path_factory.mktemp("venv") / "venv", pip_venvs.PYTHON, "26.3", authpip=True)


class Desk(NamedTuple):
    """One test's place: a private index with one package, an empty home, and a way to install from it."""

    server: IndexServer
    venv: PipVenv
    home: Path
    environ: dict[str, str]
    secret: Canary
    wheel: Path

    @property
    def url(self) -> str:
        return self.server.url("/team/simple/")

    def write(self, name: str, text: str, mode: int = 0o600) -> Path:
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        return path

    def program(self, name: str, script: str) -> Path:
        return self.write(f"programs/{name}", f"#!/bin/sh\n{script}\n", 0o755)

    def rule(self, text: str) -> None:
        self.write(".config/authpip/config.toml", f'[[index]]\nname = "corp"\nurl = "{self.url}"\n{text}')

    def pip(self, *arguments: str, **variables: str):
        return self.venv.run(*arguments, env={**self.environ, **variables}, module="authpip")

    def install(self, url: str = "", **variables: str) -> str:
        """Install thing; every request must be answered 200; returns what was sent with them."""
        target = str(self.home / "target")
        done = self.pip("install", "--no-deps", "--target", target, "-i", url or self.url, "thing", **variables)
        assert done.returncode == 0, done.stdout + done.stderr
        assert (Path(target) / "thing.py").exists()
        assert set(self.server.statuses()) == {200}
        assert not self.secret.find_in(done.stdout + done.stderr)
        (sent,) = {seen.authorization for seen in self.server.requests}
        return str(sent)


@pytest.fixture
def desk(
    environment: dict[str, str], home: Path, index_server: IndexServer, shared_venv: PipVenv, tmp_path: Path
) -> Desk:
    secret, wheel = new_canary(), packages.wheel(tmp_path, "thing")
    index_server.add("/team/simple", [wheel], username="alice", password=secret.secret)
    environ = {name: value for name, value in environment.items() if name != "NETRC"} | index_server.environ
    environ["PATH"] = f"{home / 'programs'}{os.pathsep}/usr/bin{os.pathsep}/bin"
    return Desk(index_server, shared_venv, home, environ, secret, wheel)


def netrc(desk: Desk) -> None:
    desk.write(".netrc", f"machine 127.0.0.1 login alice password {desk.secret.secret}\n")


def pypirc(desk: Desk) -> None:
    upload = desk.server.url("/team/legacy/")
    desk.write(".pypirc", f"[corp]\nrepository = {upload}\nusername = alice\npassword = {desk.secret.secret}\n")


def pypirc_command(desk: Desk) -> None:
    desk.program("show", f"echo '{desk.secret.secret}'")
    desk.write(".pypirc", f"[corp]\nrepository = {desk.url}\nusername = alice\npassword-command = show corp\n")


def rattler(desk: Desk) -> None:
    entry = {"BasicHTTP": {"username": "alice", "password": desk.secret.secret}}
    desk.write(".rattler/credentials.json", json.dumps({"127.0.0.1": entry}))


def command(desk: Desk) -> None:
    desk.program("show", f"echo '{desk.secret.secret}'")
    desk.rule('username = "alice"\nprovider = "command"\n[index.command]\nrun = ["show", "corp"]\n')


def command_helper(desk: Desk) -> None:
    header = desk.server.indexes[0].accepted.copy().pop()
    answer = json.dumps({"headers": {"Authorization": [header]}})
    desk.program("helper", f"cat >/dev/null; echo '{answer}'")
    desk.rule('provider = "command"\n[index.command]\nrun = "helper"\nprotocol = "helper"\n')


def token(desk: Desk) -> None:
    desk.rule('username = "alice"\nprovider = "token"\n[index.token]\nvariable = "CORP_TOKEN"\n')
    desk.environ["CORP_TOKEN"] = desk.secret.secret


def cloudsmith(desk: Desk) -> None:
    answer = json.dumps({"username": "alice", "password": desk.secret.secret})
    desk.program("cloudsmith", f"echo '{answer}'")
    desk.rule('provider = "cloudsmith"\n')


def variables_alone(desk: Desk) -> None:
    desk.environ.update(
        {
            "AUTHPIP_INDEX_CORP_URL": desk.url,
            "AUTHPIP_INDEX_CORP_USERNAME": "alice",
            "AUTHPIP_INDEX_CORP_PASSWORD": desk.secret.secret,
        }
    )


SOURCES = [netrc, pypirc, pypirc_command, rattler, command, command_helper, token, cloudsmith, variables_alone]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.__name__)
def test_a_source_installs_a_private_package(source: Callable[[Desk], None], desk: Desk) -> None:
    """With nothing but what is on the machine already, `pip install` works, and the first request is the right one."""
    source(desk)
    assert desk.install().startswith("Basic ")


def test_bearer_of_pixi(desk: Desk) -> None:
    """pixi's BearerToken is sent as `Authorization: Bearer`, which pip itself cannot do."""
    desk.server.add("/bearer/simple", [desk.wheel], token=desk.secret.secret)
    desk.write(".rattler/credentials.json", json.dumps({"127.0.0.1": {"BearerToken": desk.secret.secret}}))
    assert desk.install(desk.server.url("/bearer/simple")) == f"Bearer {desk.secret.secret}"


def test_a_hosts_rule(desk: Desk, authority) -> None:
    """A wildcard of whole labels serves every host below, by its real name, and the apex not."""
    with IndexServer(authority, names=["pypi.corp.example", "corp.example"]) as server:
        server.add("/simple", [desk.wheel], username="alice", password=desk.secret.secret)
        desk.write(
            ".config/authpip/config.toml", '[[index]]\nname = "corp"\nhosts = ["*.corp.example"]\nusername = "alice"\n'
        )
        with ConnectProxy({"pypi.corp.example:443": server.port, "corp.example:443": server.port}) as proxy:
            variables = {
                "PIP_PROXY": proxy.url,
                "PIP_CERT": str(authority.file),
                "AUTHPIP_INDEX_CORP_PASSWORD": desk.secret.secret,
            }
            target = ("--no-deps", "--target", str(desk.home / "t"), "--no-input", "thing")
            done = desk.pip("install", "-i", "https://pypi.corp.example/simple/", *target, **variables)
            assert done.returncode == 0, done.stderr
            assert server.statuses() == [200, 200]
            done = desk.pip("install", "-i", "https://corp.example/simple/", *target, **variables)
            assert done.returncode != 0
            assert {seen.authorization for seen in server.requests[2:]} == {None}


def test_chainguard_by_its_host(desk: Desk, authority) -> None:
    """A known host needs no rule: chainctl is asked for libraries.cgr.dev, and once."""
    desk.program("chainctl", f"echo run >> {desk.home}/runs; echo '{desk.secret.secret}'")
    with IndexServer(authority, names=["libraries.cgr.dev"]) as server:
        server.add("/python/simple", [desk.wheel], username="_token", password=desk.secret.secret)
        with ConnectProxy({"libraries.cgr.dev:443": server.port}) as proxy:
            done = desk.pip(
                *(
                    "install",
                    "--no-deps",
                    "--target",
                    str(desk.home / "t"),
                    "-i",
                    "https://libraries.cgr.dev/python/simple/",
                    "thing",
                ),
                PIP_PROXY=proxy.url,
                PIP_CERT=str(authority.file),
            )
        assert done.returncode == 0, done.stderr
        assert server.statuses() == [200, 200]
    assert (desk.home / "runs").read_text() == "run\n"


@pytest.mark.parametrize("service", ["{url}", "{bare}", "{netloc}"])
def test_a_foreign_keyring_entry(desk: Desk, service: str) -> None:
    """What `keyring set URL USER` stored is found where a rule says so, under each name that pip, uv and twine use."""
    netloc = desk.url.split("/")[2]
    desk.rule('provider = "foreign"\n')
    with SecretService(desk.environ) as keyring:
        name = service.format(url=desk.url, bare=desk.url.rstrip("/"), netloc=netloc)
        keyring.keyring("set", name, "alice", secret=desk.secret.secret)
        assert desk.install(**keyring.environ).startswith("Basic ")


@pytest.mark.parametrize("rule", ['provider = "keyring"\n', None])
def test_a_foreign_keyring_entry_without_a_rule_of_its_own(desk: Desk, rule: str | None) -> None:
    """A rule for the keyring finds it where no login is stored; with no rule at all the server's 401 asks for it."""
    if rule:
        desk.rule(rule)
    with SecretService(desk.environ) as keyring:
        keyring.keyring("set", desk.url, "alice", secret=desk.secret.secret)
        target = ("--no-deps", "--target", str(desk.home / "target"), "--no-input")
        done = desk.pip("install", *target, "-i", desk.url, "thing", **keyring.environ)
    assert done.returncode == 0, done.stderr
    assert desk.server.statuses() == ([200, 200] if rule else [401, 200, 200])


def test_order_of_overlapping_sources(desk: Desk) -> None:
    """Two sources for one index: the documented one is asked, and a wrong secret further down does no harm."""
    wrong = "wrong-secret"
    desk.write(".netrc", f"machine 127.0.0.1 login alice password {wrong}\n")
    desk.write(".pypirc", f"[corp]\nrepository = {desk.url}\nusername = alice\npassword = {wrong}\n")
    desk.write(".rattler/credentials.json", json.dumps({"127.0.0.1": {"BearerToken": wrong}}))
    variables_alone(desk)
    desk.install()
    del desk.environ["AUTHPIP_INDEX_CORP_PASSWORD"], desk.environ["AUTHPIP_INDEX_CORP_USERNAME"]
    netrc(desk)
    desk.install()
    explained = desk.pip("auth", "explain", "--json", "install", "-i", desk.url, "thing")
    (index,) = json.loads(explained.stdout)["indexes"]
    assert [(each["provider"], each["outcome"]) for each in index["tried"]][-2:] == [
        ("chainguard", "not mine"),
        ("netrc", "answers"),
    ]
    (desk.home / ".netrc").unlink()
    pypirc(desk)
    desk.install()


def test_a_rule_that_names_its_provider_asks_no_other(desk: Desk) -> None:
    """P9: with provider = "token" and no token, pip does not start, whatever else would have known one."""
    netrc(desk)
    token(desk)
    done = desk.pip("install", "-i", desk.url, "thing", CORP_TOKEN="")
    assert (done.returncode, done.stdout) == (3, "")
    assert "CORP_TOKEN is not set" in done.stderr
    assert desk.server.requests == []


def test_build_backends_see_no_token_variable(desk: Desk, tmp_path: Path) -> None:
    """A13: the variable that a rule takes its token from is not in the environment of what pip builds."""
    token(desk)
    report = tmp_path / "report.txt"
    backend = f"import os\nopen({str(report)!r}, 'w').write(repr(dict(os.environ)))\nraise SystemExit(1)\n"
    project = 'build-system = {requires = [], build-backend = "backend", backend-path = ["."]}\n'
    sdist = packages.sdist(tmp_path, "built", files={"pyproject.toml": project, "backend.py": backend})
    desk.server.indexes[0].files[sdist.name] = sdist
    assert desk.pip("install", "--target", str(tmp_path / "t"), "-i", desk.url, "built").returncode != 0
    assert "PATH" in report.read_text()
    assert not desk.secret.find_in(report.read_text())
    assert stat.S_ISREG(report.stat().st_mode)


def test_gemfury(desk: Desk, authority) -> None:
    """Gemfury's token is sent as the user name; neither authpip nor pip prints it, which pip does with such a URL."""
    with IndexServer(authority, names=["pypi.fury.io"]) as server:
        server.add("/acct", [desk.wheel], username=desk.secret.secret, password="")
        desk.environ["FURY_TOKEN"] = desk.secret.secret
        desk.write(
            ".config/authpip/config.toml",
            '[[index]]\nurl = "https://pypi.fury.io/acct/"\nprovider = "token"\ntoken.variable = "FURY_TOKEN"\n',
        )
        with ConnectProxy({"pypi.fury.io:443": server.port}) as proxy:
            words = ("-vv", "--no-deps", "--target", str(desk.home / "t"), "-i", "https://pypi.fury.io/acct/", "thing")
            variables = {"PIP_PROXY": proxy.url, "PIP_CERT": str(authority.file)}
            done = desk.pip("install", *words, **variables)
            shown = desk.pip("auth", "explain", "install", *words, **variables)
        assert done.returncode == 0, done.stderr
        assert set(server.statuses()) == {200}
        assert not desk.secret.find_in(done.stdout + done.stderr + shown.stdout + shown.stderr)
