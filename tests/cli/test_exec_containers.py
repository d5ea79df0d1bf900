"""`auth exec -- docker build`: the secret that a build asks for, and when there is one. The program is a stand-in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from authpip.cli.tools import containers
from authpip.cli.tools.call import Call
from authpip.config.settings import Settings
from authpip.core.credential import Credential, Secret
from authpip.core.errors import UsageError
from authpip.storage import logins

TEAM, OPEN = "https://pypi.corp.example/team/simple/", "https://open.example/simple/"
SECRET = "s3cret:%@é"
ASKED = "id=authpip,env=AUTHPIP_BUILD_SECRET"


def prepared(*argv: str, credential: Credential | None = None, **environ: str) -> containers.Prepared:
    """What the tool is given where TEAM has a credential and other indexes have none."""
    has = credential or Credential("alice", Secret(SECRET), "env")

    def ask(configured, *, project=None):
        return [(each.value, has if each.value == TEAM else None) for each in configured]

    return containers.prepare(Call(argv, environ, "/", Settings(), ask))


@pytest.mark.parametrize(
    "argv",
    [
        ("docker", "build", "--secret", "id=authpip", "."),
        ("docker", "buildx", "build", "--secret=id=authpip", "."),
        ("podman", "build", "--secret", ASKED, "."),
        ("/usr/bin/buildah", "bud", "--secret", "id=authpip", "."),
    ],
)
def test_a_build_that_asks(argv: tuple[str, ...], tmp_path: Path, environment: dict[str, str]) -> None:
    """The variable holds what AUTHPIP_AUTH_FILE reads: the login of the private index alone. argv holds no secret."""
    given = prepared(*argv, PIP_INDEX_URL=TEAM, PIP_EXTRA_INDEX_URL=OPEN)
    assert any(ASKED in word for word in given.argv)
    assert SECRET not in str(given.argv)
    assert list(given.variables) == ["AUTHPIP_BUILD_SECRET"]
    file = tmp_path / "secret"
    file.write_text(given.variables["AUTHPIP_BUILD_SECRET"])
    file.chmod(0o600)
    [login] = logins.load({**environment, "AUTHPIP_AUTH_FILE": str(file)})
    assert (login.url, login.username) == (TEAM, "alice")


@pytest.mark.parametrize(
    "argv",
    [
        ("docker", "build", "."),
        ("docker", "build", "--secret", "id=other,env=AUTHPIP", "."),
        ("docker", "build", "--secret", "id=authpip,src=file", "."),
        ("docker", "run", "image", "build"),
        ("docker", "compose", "up"),
    ],
)
def test_nothing_for_a_command_that_does_not_ask(argv: tuple[str, ...]) -> None:
    """A build without that secret, a secret of another source, and other commands are given no credential."""
    assert prepared(*argv, PIP_INDEX_URL=TEAM).variables == {}


@pytest.mark.parametrize("argv", [("docker", "compose", "build"), ("podman-compose", "up", "--build")])
def test_compose_names_the_variable_in_its_file(argv: tuple[str, ...]) -> None:
    """A build by Compose has the variable, and its command line stays as it is."""
    given = prepared(*argv, PIP_INDEX_URL=TEAM)
    assert (given.argv, list(given.variables)) == (argv, ["AUTHPIP_BUILD_SECRET"])


@pytest.mark.parametrize("how", [("--build-arg", f"PIP_INDEX_URL={TEAM}"), (f"--build-arg=PIP_INDEX_URL={TEAM}",)])
def test_the_build_names_its_index(how: tuple[str, ...]) -> None:
    """A build argument names the index in place of the client's own variable, which it may also pass on."""
    argv = ("docker", "build", "--secret", "id=authpip")
    assert prepared(*argv, *how, PIP_INDEX_URL=OPEN).variables
    assert prepared(*argv, "--build-arg", "PIP_INDEX_URL", PIP_INDEX_URL=TEAM).variables
    with pytest.raises(UsageError, match="no index of this build has a credential"):
        prepared(*argv, "--build-arg", f"PIP_INDEX_URL={OPEN}", PIP_INDEX_URL=TEAM)


def test_keys_that_sign_are_refused() -> None:
    """A file of logins cannot hold the keys of an S3 index."""
    keys = Credential("AKIA", Secret(SECRET), "s3", scheme="s3")
    with pytest.raises(UsageError, match="signs each request"):
        prepared("docker", "build", "--secret", "id=authpip", PIP_INDEX_URL=TEAM, credential=keys)


@pytest.mark.real
def test_the_program_inherits_no_rule(environment: dict[str, str], tmp_path: Path) -> None:
    """P4: the program has the one variable, and no AUTHPIP_INDEX_ variable; authpip leaves no file with the secret."""
    spy = tmp_path / "docker"
    spy.write_text(f"#!{sys.executable}\nimport json, os, sys\njson.dump([sys.argv, dict(os.environ)], sys.stdout)\n")
    spy.chmod(0o755)
    rule = {"URL": TEAM, "USERNAME": "alice", "PASSWORD": SECRET}
    environ = {**environment, **{f"AUTHPIP_INDEX_CORP_{key}": value for key, value in rule.items()}}
    environ |= {"PATH": f"{tmp_path}{os.pathsep}{environment['PATH']}", "PIP_INDEX_URL": TEAM}
    argv = [sys.executable, "-m", "authpip", "auth", "exec", "--", "docker", "build", "--secret", "id=authpip", "."]
    done = subprocess.run(argv, env=environ, cwd=tmp_path, capture_output=True, text=True, check=True)
    seen, variables = json.loads(done.stdout)
    assert seen[1:] == ["build", "--secret", ASKED, "."]
    assert json.loads(variables.pop("AUTHPIP_BUILD_SECRET"))["logins"][0]["secret"] == SECRET
    assert not [name for name in variables if name.startswith("AUTHPIP_")]
    assert SECRET not in str(variables)
