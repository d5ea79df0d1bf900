"""The request that proves a credential: pip's way out, what each failure is called, and where it does not go."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from authpip.core.credential import Credential, Secret
from authpip.core.index import Scope, parse_scope
from authpip.network.http_get import Network, pip_network
from authpip.network.probe import ProbeResult, probe
from support.servers.connect_proxy import ConnectProxy
from support.servers.index_server import IndexServer, basic

pytestmark = pytest.mark.real

Environ = dict[str, str]
Serve = Callable[..., IndexServer]
ALICE = Credential("alice", Secret("s3cret"), "test")
HOST = "pypi.corp.example"


@pytest.fixture
def server(serve: Serve) -> IndexServer:
    """A private index under a name that only a proxy can reach, and on loopback."""
    server = serve(names=(HOST,))
    server.add("/simple", username="alice", password="s3cret")
    return server


@pytest.fixture
def network(environment: Environ, server: IndexServer) -> Network:
    """A way out that trusts the server."""
    return Network({**environment, "SSL_CERT_FILE": str(server.authority.file)}, timeout=5)  # type: ignore[union-attr]


def scope(server: IndexServer, path: str = "/simple/") -> Scope:
    """A place on the server."""
    return parse_scope(server.url(path))


def test_what_an_index_says(server: IndexServer, network: Network) -> None:
    """200 with the right credential, 401 with a wrong one and without any; a missing page is neither."""
    server.add("/empty/simple", username="alice", password="s3cret")
    server.add("/other/simple", token="t")
    assert probe(scope(server), ALICE, network) == ProbeResult(200)
    assert probe(scope(server), None, network).is_rejected
    assert probe(scope(server), ALICE._replace(secret=Secret("no")), network).is_rejected
    missing = probe(scope(server, "/simple/nothing/"), ALICE, network)
    assert (missing.status, missing.is_welcome, missing.is_rejected) == (404, False, False)
    assert probe(
        scope(server, "/other/simple/"), Credential("", Secret("t"), "test", scheme="bearer"), network
    ).is_welcome


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("target", ["other host", "other port", "http", "out of the prefix"])
def test_a_redirect_off_the_scope_is_not_followed(
    server: IndexServer, serve: Serve, network: Network, status: int, target: str
) -> None:
    """P8, A11: the credential stays where it belongs, and the user is told where the index wanted it."""
    other = serve()
    plain = serve(tls=False)
    targets = {
        "other host": server.url("/simple/", host="localhost"),
        "other port": other.url("/simple/"),
        "http": plain.url("/simple/"),
        "out of the prefix": "/elsewhere/",
    }
    server.redirect("/moved/", targets[target], status)
    outcome = probe(scope(server, "/moved/"), ALICE, network)
    assert (outcome.failure, outcome.status, outcome.is_welcome) == ("redirect", status, False)
    assert "is not sent" in outcome.why
    assert len(server.requests) == 1
    assert other.requests == plain.requests == []


def test_a_redirect_within_the_scope_is_followed(server: IndexServer, network: Network) -> None:
    """With the credential, as far as five times; then it is an error of its own."""
    server.redirect("/simple/", "/simple/round/", 302)
    endless = probe(scope(server), ALICE, network)
    assert (endless.failure, endless.why) == ("redirect", "it redirects more than 5 times")
    assert len(server.requests) == 6
    server.requests.clear()
    server.on_request = lambda server, _: server.requests and server.redirects.clear()
    assert probe(scope(server), ALICE, network) == ProbeResult(404)
    assert [seen.authorization for seen in server.requests] == [basic("alice", "s3cret")] * 2


@pytest.mark.parametrize("location", ["https://evil\\@good/", "https:///x", "https://x/../y", "ftp://x/", "\x7f"])
def test_a_redirect_to_an_odd_url_is_refused(server: IndexServer, network: Network, location: str) -> None:
    """A01-A05: never repaired, never followed."""
    server.redirect("/simple/", location, 302)
    outcome = probe(scope(server), ALICE, network)
    assert outcome.failure == "redirect"
    assert len(server.requests) == 1


def test_a_proxy_leads_there(server: IndexServer, network: Network, environment: Environ) -> None:
    """HTTPS_PROXY and pip's own proxy setting, with Basic authentication; NO_PROXY goes round it."""
    corp = parse_scope(f"https://{HOST}/simple/")
    with ConnectProxy({HOST: server.port}, username="proxy user", password="p%40ss") as proxy:
        proxy.accepted = basic("proxy user", "p@ss")
        url = f"http://proxy%20user:p%40ss@127.0.0.1:{proxy.port}"
        environ = {**network.environ, "HTTPS_PROXY": url}
        assert probe(corp, ALICE, network._replace(environ=environ)) == ProbeResult(200)
        pips = network._replace(proxy=url, cert=network.environ["SSL_CERT_FILE"])
        assert probe(corp, ALICE, pips) == ProbeResult(200)
        assert [seen.status for seen in proxy.requests] == [200, 200]
        denied = probe(corp, ALICE, network._replace(proxy=f"127.0.0.1:{proxy.port}"))
        assert (denied.failure, denied.remedy) == ("proxy", "put them into HTTPS_PROXY or pip's proxy option")
        elsewhere = probe(parse_scope("https://other.example/"), ALICE, network._replace(environ=environ))
        assert (elsewhere.failure, elsewhere.why) == ("proxy", "the proxy does not connect us (502)")
        around = network._replace(environ={**environ, "NO_PROXY": "other.example,.corp.example"})
        assert probe(corp, ALICE, around).failure == "dns"


def test_a_proxy_for_plain_http_learns_who_we_are_in_the_request(serve: Serve, environment: Environ) -> None:
    """There is no tunnel: the whole URL goes to the proxy, with both credentials."""
    server = serve(tls=False)
    server.add("/simple", username="alice", password="s3cret")
    environ = {**environment, "http_proxy": f"http://u:p@127.0.0.1:{server.port}"}
    assert probe(parse_scope("http://localhost/simple/"), ALICE, Network(environ)).status == 200
    (seen,) = server.requests
    assert (seen.authorization, seen.headers["Proxy-Authorization"]) == (basic("alice", "s3cret"), basic("u", "p"))


def test_which_certificates_are_trusted(server: IndexServer, environment: Environ, tmp_path: Path) -> None:
    """REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, pip's cert, SSL_CERT_FILE, in that order, as in pip; trusted-host: none."""
    good, bad = str(server.authority.file), str(tmp_path / "absent.pem")  # type: ignore[union-attr]
    place = scope(server)
    assert probe(place, ALICE, Network(environment)).failure == "tls"
    for environ, cert in (
        ({"REQUESTS_CA_BUNDLE": good, "CURL_CA_BUNDLE": bad}, bad),
        ({"CURL_CA_BUNDLE": good, "SSL_CERT_FILE": bad}, bad),
        ({"SSL_CERT_FILE": bad}, good),
        ({"SSL_CERT_FILE": good}, None),
    ):
        assert probe(place, ALICE, Network({**environment, **environ}, cert=cert)).status == 200
    missing = probe(place, ALICE, Network(environment, cert=bad))
    assert (missing.failure, bad in missing.why) == ("tls", True)
    for trusted in ("127.0.0.1", f"127.0.0.1:{server.port}"):
        assert probe(place, ALICE, Network(environment, trusted_hosts=(trusted,))).status == 200
    assert probe(place, ALICE, Network(environment, trusted_hosts=("127.0.0.1:1",))).failure == "tls"


@pytest.fixture
def mute() -> Iterator[int]:
    """The port of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def answering(answer: bytes) -> int:
    """The port of a server that answers one connection with these bytes."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve_once() -> None:
        with listener, listener.accept()[0] as connection:
            connection.recv(65536)
            connection.sendall(answer)

    threading.Thread(target=serve_once, daemon=True).start()
    return int(listener.getsockname()[1])


def test_each_failure_has_its_name_and_remedy(environment: Environ, mute: int) -> None:
    """DNS, refused, time-out, TLS to a plain server, rubbish: told apart, and each with what to do."""
    network = Network(environment, timeout=0.5)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed = listener.getsockname()[1]
    expected = {
        "https://nowhere.invalid/simple/": "dns",
        f"http://127.0.0.1:{closed}/": "refused",
        f"http://127.0.0.1:{mute}/": "timeout",
        f"https://127.0.0.1:{mute}/": "timeout",
        f"https://127.0.0.1:{answering(b'HTTP/1.0 400 Bad Request')}/": "tls",
        f"http://127.0.0.1:{answering(b'')}/": "network",
        f"http://127.0.0.1:{answering(b'hunter2 rubbish')}/": "network",
    }
    for url, failure in expected.items():
        outcome = probe(parse_scope(url), ALICE, network)
        assert (outcome.failure, outcome.status) == (failure, None), url
        assert outcome.why
        assert outcome.remedy
        assert "hunter2" not in str(outcome)


def test_pips_own_settings_count(environment: Environ, tmp_path: Path) -> None:
    """The proxy, certificate and trusted hosts of pip.conf and PIP_*."""
    config = tmp_path / "pip.conf"
    config.write_text("[global]\nproxy = http://proxy.example:3128\ntrusted-host = a.example\n  b.example\n")
    network = pip_network({**environment, "PIP_CONFIG_FILE": str(config), "PIP_CERT": "/ca.pem"})
    assert (network.proxy, network.cert) == ("http://proxy.example:3128", "/ca.pem")
    assert network.trusted_hosts == ("a.example", "b.example")
