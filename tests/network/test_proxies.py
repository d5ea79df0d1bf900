"""A network with a proxy that wants a password, and a CA of its own: login, check and install go pip's way (F21)."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from support.leaks.canary import SECRET
from support.machine.requirements import need
from support.programs import authpip_cli
from support.programs.pip_venvs import PipVenv
from support.servers.connect_proxy import ConnectProxy
from support.servers.index_server import Authority, IndexServer, basic

pytestmark = pytest.mark.real

HOST = "pypi.corp.example"
URL = f"https://{HOST}/team/simple/"
PASSWORD = "pr0xy:p@ss/word"
QUOTED = "pr0xy%3Ap%40ss%2Fword"


@pytest.fixture
def server(serve: Callable[..., IndexServer], wheel: Any) -> IndexServer:
    """Alice's index, under a name that only the proxy knows."""
    server = serve(names=(HOST, "localhost"))
    server.add("/team/simple", [wheel("corp-thing")], username="alice", password=SECRET)
    return server


@pytest.fixture
def proxy(server: IndexServer) -> Iterator[ConnectProxy]:
    """A proxy that leads the name to that server, for those who know its password."""
    with ConnectProxy({f"{HOST}:443": server.port}, username="carol", password=PASSWORD) as proxy:
        yield proxy


def settings(way: str, proxy_url: str, authority: Authority, base: Path) -> dict[str, str]:
    """The proxy and the CA, as users tell pip of them."""
    if way == "PIP_PROXY and PIP_CERT":
        return {"PIP_PROXY": proxy_url, "PIP_CERT": str(authority.file)}
    if way == "HTTPS_PROXY and REQUESTS_CA_BUNDLE":
        return {"HTTPS_PROXY": proxy_url, "REQUESTS_CA_BUNDLE": str(authority.file)}
    config = base / "pip.conf"
    config.write_text(f"[global]\nproxy = {proxy_url}\ncert = {authority.file}\n")
    return {"PIP_CONFIG_FILE": str(config)}


@pytest.mark.parametrize("way", ["PIP_PROXY and PIP_CERT", "HTTPS_PROXY and REQUESTS_CA_BUNDLE", "pip.conf"])
def test_login_check_and_install(
    server: IndexServer,
    proxy: ConnectProxy,
    authority: Authority,
    environment: dict[str, str],
    shared_venv: Callable[..., PipVenv],
    tmp_path: Path,
    way: str,
) -> None:
    """All three take the proxy, with its password, and trust the CA: there is no other way to the index."""
    url = f"http://carol:{QUOTED}@127.0.0.1:{proxy.port}"
    venv = shared_venv()
    environ = authpip_cli.surroundings(venv, environment | settings(way, url, authority, tmp_path))
    arguments = ["login", URL, "--username", "alice", "--password-stdin", "--insecure-storage"]
    login = authpip_cli.auth(*arguments, env=environ, input=SECRET, stdin=None)
    assert login.returncode == 0, login.stderr
    assert len(proxy.requests) >= 1
    check = authpip_cli.auth("check", URL, env=environ)
    assert check.returncode == 0, check.stdout + check.stderr
    assert "lets pip in as alice" in check.stdout
    asked = len(server.requests)
    done = authpip_cli.pip(
        venv, "download", "--no-deps", "-d", str(tmp_path / "d"), "-i", URL, "corp-thing", env=environ
    )
    assert done.returncode == 0, done.stderr
    assert {request.status for request in proxy.requests} <= {200, 407}
    assert proxy.requests[-1].authorization == basic("carol", PASSWORD)
    assert {seen.authorization for seen in server.requests[asked:]} == {basic("alice", SECRET)}
    assert not [seen for seen in server.requests if "Proxy-Authorization" in seen.headers]


def test_options_of_the_command(
    server: IndexServer,
    proxy: ConnectProxy,
    authority: Authority,
    environment: dict[str, str],
    shared_venv: Any,
    tmp_path: Path,
) -> None:
    """--proxy and --cert are pip's, unchanged, and serve a late question's index as well."""
    url = f"http://carol:{QUOTED}@127.0.0.1:{proxy.port}"
    options = ["--proxy", url, "--cert", str(authority.file), "-i", URL, "--no-deps", "-d", str(tmp_path / "d")]
    environ = environment | authpip_cli.rule(URL, "alice", SECRET)
    done = authpip_cli.pip(shared_venv(), "download", *options, "corp-thing", env=environ)
    assert done.returncode == 0, done.stderr
    assert {seen.authorization for seen in server.requests} == {basic("alice", SECRET)}


def test_a_proxy_that_refuses(
    server: IndexServer,
    proxy: ConnectProxy,
    authority: Authority,
    environment: dict[str, str],
    shared_venv: Any,
    tmp_path: Path,
) -> None:
    """A wrong password for the proxy is not taken for a wrong password of the index."""
    wrong = f"http://carol:wrong@127.0.0.1:{proxy.port}"
    environ = authpip_cli.surroundings(
        shared_venv(), environment | settings("PIP_PROXY and PIP_CERT", wrong, authority, tmp_path)
    )
    environ |= authpip_cli.rule(URL, "alice", SECRET)
    check = authpip_cli.auth("check", URL, env=environ)
    assert check.returncode == 1
    assert "proxy" in check.stdout
    assert "407" in check.stdout
    done = authpip_cli.pip(shared_venv(), "download", "-i", URL, "corp-thing", "--retries", "0", env=environ)
    assert done.returncode == 3  # the rule requires this index
    assert done.stderr.count("authpip: ") == 1
    assert "the credential of" not in done.stderr
    assert server.requests == []


@pytest.fixture
def tinyproxy(server: IndexServer, tmp_path: Path) -> Iterator[str]:
    """The real tinyproxy, with Basic authentication; its URL."""
    program = need("tinyproxy")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    lines = [f"Port {port}", "Listen 127.0.0.1", "Allow 127.0.0.1", "Timeout 30"]
    lines += ["BasicAuth carol pr0xy", f"ConnectPort {server.port}"]
    config = tmp_path / "tinyproxy.conf"
    config.write_text("\n".join(lines) + "\n")
    child = subprocess.Popen([program, "-d", "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 10
    while socket.socket().connect_ex(("127.0.0.1", port)):
        assert time.monotonic() < deadline, "tinyproxy did not start"
        time.sleep(0.05)
    yield f"http://carol:pr0xy@127.0.0.1:{port}"
    child.terminate()
    child.wait(10)


def test_through_tinyproxy(
    server: IndexServer,
    tinyproxy: str,
    authority: Authority,
    environment: dict[str, str],
    shared_venv: Any,
    tmp_path: Path,
) -> None:
    """The same by a proxy that others have written."""
    url = server.url("/team/simple/", host="localhost")
    environ = authpip_cli.surroundings(
        shared_venv(), environment | {"PIP_PROXY": tinyproxy, "PIP_CERT": str(authority.file)}
    )
    arguments = ["login", url, "--username", "alice", "--password-stdin", "--insecure-storage"]
    login = authpip_cli.auth(*arguments, env=environ, input=SECRET, stdin=None)
    assert login.returncode == 0, login.stderr
    check = authpip_cli.auth("check", url, env=environ)
    assert check.returncode == 0, check.stdout + check.stderr
    asked = len(server.requests)
    done = authpip_cli.pip(
        shared_venv(), "download", "--no-deps", "-d", str(tmp_path / "d"), "-i", url, "corp-thing", env=environ
    )
    assert done.returncode == 0, done.stderr
    assert {seen.authorization for seen in server.requests[asked:]} == {basic("alice", SECRET)}
