"""`auth check`: each thing that can become of asking an index, on real servers, proxies and closed doors."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from support.leaks.canary import Canary, new_canary
from support.programs.keyrings import SecretService
from support.servers.connect_proxy import ConnectProxy
from support.servers.index_server import IndexServer, basic

pytestmark = pytest.mark.real

Environ = dict[str, str]
Serve = Callable[..., IndexServer]


def check(environ: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """`python -m authpip auth check ARGUMENTS`."""
    return subprocess.run(
        [sys.executable, "-m", "authpip", "auth", "check", *arguments],
        env=dict(environ),
        cwd=environ["HOME"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def answer(environ: Mapping[str, str], url: str, *, status: int = 1) -> dict[str, Any]:
    """The one index's answer in the JSON, with the exit status that is expected."""
    done = check(environ, "--json", url)
    assert (done.returncode, done.stderr) == (status, "")
    document = json.loads(done.stdout)
    assert document["ok"] is (status == 0)
    [index] = document["indexes"]
    found: dict[str, Any] = index["answer"]
    return found


def rule(name: str, url: str, password: str) -> Environ:
    """The variables of a rule with a credential of its own."""
    prefix = f"AUTHPIP_INDEX_{name}_"
    return {prefix + "URL": url, prefix + "USERNAME": "alice", prefix + "PASSWORD": password}


@pytest.fixture
def canary() -> Canary:
    """A password that must not show."""
    return new_canary()


@pytest.fixture
def environ(environment: Environ, index_server: IndexServer) -> Environ:
    """An environment that trusts the index server."""
    return {**environment, **index_server.environ}


@pytest.fixture
def mute() -> Iterator[int]:
    """The port of somebody who takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def closed_port() -> int:
    """A port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def test_an_index_that_lets_pip_in(environ: Environ, index_server: IndexServer, canary: Canary) -> None:
    """200: asked once, with the credential from the start (no 401 before), exit 0; the text names the identity."""
    index_server.add("/team/simple", username="alice", password=canary.secret)
    url = index_server.url("/team/simple/")
    environ.update(rule("TEAM", url, canary.secret))
    found = answer(environ, url, status=0)
    assert found == {"verdict": "ok", "status": 200, "why": "it lets pip in as alice", "remedy": ""}
    assert index_server.statuses() == [200]
    assert "answer        ok: it lets pip in as alice" in check(environ, url).stdout


def test_a_wrong_password(environ: Environ, index_server: IndexServer, canary: Canary) -> None:
    """401 with a credential: whose it is and where to correct it; not asked twice with the same one; nothing shown."""
    index_server.add("/team/simple", username="alice", password="another")
    url = index_server.url("/team/simple/")
    environ.update(rule("TEAM", url, canary.secret))
    found = answer(environ, url)
    assert found["verdict"] == "unauthorized"
    assert found["why"] == "it rejects the credential of alice from env (401)"
    assert found["remedy"] == "correct AUTHPIP_INDEX_TEAM_PASSWORD"
    assert index_server.statuses() == [401]
    done = check({**environ, "AUTHPIP_LOG": "debug"}, url)
    assert canary.find_in(done.stdout + done.stderr) == []


def test_a_password_in_the_url(environ: Environ, index_server: IndexServer, canary: Canary) -> None:
    """A password written into pip's own index URL: used, not shown, and corrected where it was configured (P3)."""
    index_server.add("/team/simple", username="alice", password="another")
    environ["PIP_INDEX_URL"] = index_server.url("/team/simple/", userinfo=f"alice:{canary.secret}")
    done = check(environ)
    assert done.returncode == 1
    assert "it rejects the credential of alice from url (401)" in done.stdout
    assert "correct it in PIP_INDEX_URL" in done.stdout
    assert canary.find_in(done.stdout + done.stderr) == []


def test_no_credential_where_one_is_wanted(environ: Environ, index_server: IndexServer) -> None:
    """401 without a credential: log in."""
    index_server.add("/team/simple", username="alice", password="secret")
    url = index_server.url("/team/simple/")
    found = answer(environ, url)
    assert found["why"] == "it requires a credential, and no provider has one (401)"
    assert found["remedy"] == f"type: authpip auth login {url}"


def test_a_right_that_is_missing(environ: Environ, index_server: IndexServer) -> None:
    """403: with a credential the right is missing; without one, strangers are not let in."""
    index_server.redirect("/team/", "", 403)
    url = index_server.url("/team/")
    assert answer(environ, url)["remedy"] == f"type: authpip auth login {url}"
    environ.update(rule("TEAM", url, "secret"))
    found = answer(environ, url)
    assert (found["verdict"], found["status"]) == ("forbidden", 403)
    assert found["why"] == "it knows the credential of alice from env, which may not use this index (403)"
    assert "ask its administrator" in found["remedy"]


def test_no_index_at_this_path(environ: Environ, index_server: IndexServer) -> None:
    """404: the path is wrong, or the index hides from strangers."""
    found = answer(environ, index_server.url("/nowhere/"))
    assert (found["verdict"], found["status"]) == ("not-found", 404)
    assert "often ends in /simple/" in found["remedy"]
    assert "authpip auth login" in found["remedy"]


def test_a_server_that_is_down(environ: Environ, index_server: IndexServer) -> None:
    """503: later."""
    index_server.redirect("/team/", "", 503)
    found = answer(environ, index_server.url("/team/"))
    assert (found["verdict"], found["why"]) == ("unexpected", "it answered 503")
    assert "try again later" in found["remedy"]


def test_a_redirect_does_not_take_the_credential_along(
    environ: Environ, index_server: IndexServer, canary: Canary
) -> None:
    """P8, A11: with a credential, the answer is where it leads, and the other place has seen nothing of it; without
    one, it is followed, as pip does."""
    index_server.add("/other", username=None)
    index_server.redirect("/team/", "/other/", 302)
    url = index_server.url("/team/")
    assert answer(environ, url, status=0)["verdict"] == "ok"
    environ.update(rule("TEAM", url, canary.secret))
    index_server.requests.clear()
    found = answer(environ, url)
    assert found["verdict"] == "redirect"
    assert index_server.url("/other/") in found["why"]
    assert [seen.path for seen in index_server.requests] == ["/team/"]


def test_a_certificate_that_is_not_trusted(environment: Environ, index_server: IndexServer, canary: Canary) -> None:
    """TLS: the CA is not known; with pip's trusted-host it does not matter; nothing is sent before that (P2)."""
    index_server.add("/team", username="alice", password=canary.secret)
    url = index_server.url("/team/")
    environment.update(rule("TEAM", url, canary.secret))
    found = answer(environment, url)
    assert found["verdict"] == "tls"
    assert "certificate is not trusted" in found["why"]
    assert "PIP_CERT" in found["remedy"]
    assert index_server.requests == []
    trusting = {**environment, "PIP_TRUSTED_HOST": "127.0.0.1"}
    assert answer(trusting, url, status=0)["verdict"] == "ok"


def test_https_to_a_port_that_speaks_http(environment: Environ, serve: Serve) -> None:
    """TLS: the other side does not speak it."""
    url = f"https://127.0.0.1:{serve(tls=False).port}/simple/"
    found = answer(environment, url)
    assert found["verdict"] == "tls"
    assert "check the URL's scheme and port" in found["remedy"]


def test_a_port_where_nobody_listens(environment: Environ, closed_port: int) -> None:
    """Refused: host and port."""
    found = answer(environment, f"https://127.0.0.1:{closed_port}/simple/")
    assert (found["verdict"], found["status"]) == ("refused", None)
    assert found["remedy"] == "check the URL's host and port"


def test_a_name_that_nobody_knows(environment: Environ) -> None:
    """DNS: the URL, or a proxy that is not set."""
    found = answer(environment, "https://nothing-here.invalid/simple/")
    assert found["verdict"] == "dns"
    assert "nothing-here.invalid" in found["why"]
    assert "proxy" in found["remedy"]


def test_by_way_of_pips_proxy(environ: Environ, serve: Serve, canary: Canary) -> None:
    """pip's own proxy setting is respected: a real host name, reached through a proxy that wants Basic."""
    server = serve(names=("pypi.corp.example",))
    server.add("/team/simple", username="alice", password="secret")
    url = "https://pypi.corp.example/team/simple/"
    environ.update(rule("TEAM", url, "secret"))
    with ConnectProxy({"pypi.corp.example": server.port}, username="proxy", password=canary.secret) as proxy:
        assert answer({**environ, "PIP_PROXY": proxy.url}, url, status=0)["verdict"] == "ok"
        assert [request.status for request in proxy.requests] == [200]
        done = check({**environ, "PIP_PROXY": proxy.url}, url)
    assert "proxy         http://****@127.0.0.1" in done.stdout
    assert canary.find_in(done.stdout + done.stderr) == []


def test_a_proxy_that_says_no(environ: Environ) -> None:
    """Proxy: its own 407, and a host to which it does not lead; told apart from the index's own answers."""
    url = "https://pypi.corp.example/team/simple/"
    with ConnectProxy({}, username="proxy", password="right") as proxy:
        wrong = proxy.url.replace("right", "wrong")
        found = answer({**environ, "HTTPS_PROXY": wrong}, url)
        assert (found["verdict"], "407" in found["why"]) == ("proxy", True)
        assert "user name and a password" in found["why"]
        found = answer({**environ, "HTTPS_PROXY": proxy.url}, url)
        assert (found["verdict"], "502" in found["why"]) == ("proxy", True)
        assert "NO_PROXY" in found["remedy"]


def test_all_indexes_are_asked_at_once(environ: Environ, index_server: IndexServer, mute: int) -> None:
    """P11: ten indexes that never answer cost one time-out, and the one that does is still reported."""
    index_server.add("/open")
    urls = [f"http://127.0.0.1:{mute}/{number}/" for number in range(10)]
    started = time.monotonic()
    done = check({**environ, "AUTHPIP_TIMEOUT": "2"}, "--json", *urls, index_server.url("/open/"))
    assert time.monotonic() - started < 8
    assert done.returncode == 1
    words = [index["answer"]["verdict"] for index in json.loads(done.stdout)["indexes"]]
    assert words == ["timeout"] * 10 + ["ok"]


def test_what_pip_install_would_use(environ: Environ, index_server: IndexServer, tmp_path: Path) -> None:
    """Without a URL: pip's own indexes, pages of links asked by their own URL, local paths left alone."""
    index_server.add("/a")
    index_server.add("/b")
    environ.update(
        PIP_INDEX_URL=index_server.url("/a/"),
        PIP_FIND_LINKS=f"{index_server.url('/b/links.html')} {tmp_path}",
    )
    done = check(environ, "--json")
    found = {index["url"]: index["answer"] for index in json.loads(done.stdout)["indexes"]}
    assert found[index_server.url("/a/")]["verdict"] == "ok"
    assert found[index_server.url("/b/links.html")]["status"] == 404
    assert found[str(tmp_path)] is None
    assert sorted(seen.path for seen in index_server.requests) == ["/a/", "/b/links.html"]


def test_a_missing_credential_is_not_asked_for(environ: Environ, index_server: IndexServer) -> None:
    """A rule without its credential: pip would not start, so nothing is sent; exit 1 (P9)."""
    url = index_server.url("/team/")
    environ.update(AUTHPIP_INDEX_TEAM_URL=url)
    found = answer(environ, url)
    assert found["verdict"] == "not-asked"
    assert found["remedy"]
    assert index_server.requests == []


def test_a_credential_that_was_renewed_meanwhile(environ: Environ, index_server: IndexServer, home: Path) -> None:
    """F10: a rejected credential is asked for once more, as a run of pip would, and the new one is told."""
    program = home / "token"
    program.write_text(
        '#!/bin/sh\nif [ -e "$HOME/asked" ]; then echo new-token; else : > "$HOME/asked"; echo old-token; fi\n'
    )
    program.chmod(0o755)
    index_server.add("/team", username="alice", password="new-token")
    url = index_server.url("/team/")
    config = Path(environ["XDG_CONFIG_HOME"], "authpip", "config.toml")
    config.parent.mkdir(mode=0o700)
    config.write_text(
        f'[[index]]\nname = "team"\nurl = "{url}"\nprovider = "command"\nusername = "alice"\n'
        f'[index.command]\nrun = "{program}"\n'
    )
    assert answer(environ, url, status=0)["verdict"] == "ok"
    sent = [seen.authorization for seen in index_server.requests]
    assert sent == [basic("alice", "old-token"), basic("alice", "new-token")]


def test_another_tools_keyring_entry(environ: Environ, index_server: IndexServer, canary: Canary) -> None:
    """What `keyring set URL USER` stored: looked for after a 401, as a run would, and named as the source."""
    index_server.add("/team/simple", username="alice", password=canary.secret)
    url = index_server.url("/team/simple/")
    with SecretService(environ) as keyring:
        keyring.keyring("set", url, "alice", secret=canary.secret)
        done = check(keyring.environ, url)
    assert done.returncode == 0, done.stdout
    assert "from foreign as alice" in done.stdout
    assert index_server.statuses() == [401, 200]


def test_keys_for_a_bucket_are_no_header(environment: Environ, tmp_path: Path, canary: Canary) -> None:
    """Keys that sign are not sent as a password: a bucket is left to pip, and the helper protocol has no header."""
    keys = {"S3Credentials": {"access_key_id": "AKIAEXAMPLE", "secret_access_key": canary.secret}}
    file = tmp_path / "credentials.json"
    file.write_text(json.dumps({"s3://corp-wheels": keys}))
    file.chmod(0o600)
    environment["RATTLER_AUTH_FILE"] = str(file)
    url = "https://corp-wheels.s3.eu-west-1.amazonaws.com/simple/"
    found = answer(environment, url, status=0)
    assert (found["verdict"], found["status"]) == ("unknown", None)
    argv = [sys.executable, "-m", "authpip", "auth", "helper", "get"]
    question = json.dumps({"uri": url})
    done = subprocess.run(argv, env=environment, input=question, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (3, "")
    assert "signs each request" in done.stderr
    assert canary.find_in(done.stderr) == []


def test_what_is_no_index_url(environment: Environ) -> None:
    """A word that is no URL, or one that is refused: exit 2, one line; an option's value is never repeated."""
    for word in ("pypi.org", "https://a b/", "file:///tmp"):
        done = check(environment, word)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("authpip: refusing the URL")
    assert "hunter2" not in check(environment, "--password=hunter2").stderr
