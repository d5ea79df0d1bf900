"""What `auth login` stored is found by others as well: authpip's own install, plain pip with keyring, and uv."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.programs import pip_venvs
from support.programs.keyrings import SecretService
from support.programs.pip_venvs import PipVenv
from support.samples.packages import wheel
from support.servers.index_server import Index, IndexServer, basic

pytestmark = pytest.mark.real

Environ = dict[str, str]
SECRET = "p:@%+/="  # ASCII alone: plain pip sends anything else as Latin-1, authpip as UTF-8
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture
def keyring(environment: Environ, index_server: IndexServer) -> Iterator[SecretService]:
    """An unlocked GNOME Keyring, in an environment that trusts the index."""
    with SecretService({**environment, **index_server.environ, "PYTHONIOENCODING": "utf-8"}) as running:
        yield running


@pytest.fixture
def index(index_server: IndexServer, tmp_path: Path) -> Index:
    """One private index with one wheel on it."""
    return index_server.add("/team/simple", [wheel(tmp_path, "thing")], username="alice", password=SECRET)


@pytest.fixture
def venv(tmp_path: Path) -> PipVenv:
    """A new environment with the newest pip and authpip in it."""
    return pip_venvs.make(tmp_path / "venv", HERE, "26.3", authpip=True)


def login(venv: PipVenv, url: str, environ: Environ) -> None:
    """Store the login."""
    command = [venv.python, "-m", "authpip", "auth", "login", url, "--username", "alice", "--password-stdin"]
    subprocess.run(command, input=SECRET.encode(), env=environ, check=True, timeout=60)


@pytest.mark.parametrize("end", ["", "/"])
def test_authpip_installs_with_a_stored_login(
    venv: PipVenv, keyring: SecretService, index: Index, index_server: IndexServer, end: str
) -> None:
    """Issue 2: login, install, and no request is answered 401."""
    url = index_server.url("/team/simple" + end)
    login(venv, url, keyring.environ)
    index_server.requests.clear()
    done = venv.run("install", "--index-url", url, "thing", module="authpip", env=keyring.environ)
    assert done.returncode == 0, done.stderr
    assert "thing" in venv.installed()
    assert {seen.authorization for seen in index_server.requests} == {basic("alice", SECRET)}
    assert set(index_server.statuses()) == {200}


@pytest.mark.parametrize("end", ["", "/"])
@pytest.mark.parametrize("provider", ["import", "subprocess"])
@pytest.mark.parametrize("user", ["", "alice"])
def test_plain_pip_finds_it(
    venv: PipVenv, keyring: SecretService, index: Index, index_server: IndexServer, end: str, provider: str, user: str
) -> None:
    """pip asks keyring for the index URL with a final slash, whatever the configuration says, then for the host."""
    login(venv, index_server.url("/team/simple" + ("" if end else "/")), keyring.environ)
    arguments = ("--keyring-provider", provider, "--index-url", index_server.url("/team/simple" + end, userinfo=user))
    done = venv.run("install", *arguments, "thing", env=keyring.environ)
    assert done.returncode == 0, done.stderr
    assert "thing" in venv.installed()


@pytest.mark.parametrize("end", ["", "/"])
def test_uv_finds_it(
    venv: PipVenv, keyring: SecretService, index: Index, index_server: IndexServer, end: str, tmp_path: Path
) -> None:
    """uv asks for the index URL without a final slash, and wants the user name in the URL."""
    login(venv, index_server.url("/team/simple" + ("" if end else "/")), keyring.environ)
    url = index_server.url("/team/simple" + end, userinfo="alice")
    command = [
        sys.executable,
        "-m",
        "uv",
        "pip",
        "install",
        "--no-cache",
        "--keyring-provider",
        "subprocess",
        "--default-index",
        url,
    ]
    done = subprocess.run(
        [*command, "--python", venv.python, "thing"], env=keyring.environ, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "thing" in venv.installed()
