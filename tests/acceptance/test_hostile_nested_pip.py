"""What sits at the other end of the socket is the code of a package, and does its worst (P1, P4, P11).

The attacker's build replaces the runner of the nested pip; the first pip must send nothing off scope, neither hang nor
grow, and go on.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from support.leaks import hostile_child
from support.programs.authpip_cli import rule
from support.samples import changed_pip, packages
from support.samples.changed_pip import Victim
from support.servers.index_server import Authority, IndexServer, basic

pytestmark = pytest.mark.real

REPLACE_RUNNER = "write(SITE + '/pip/__pip-runner__.py', THIEF)"
MOST = 50  # MiB that the first pip may grow by
FRAMES = {
    "no JSON": "\x00\x00\x00\x02{{",
    "no object": "\x00\x00\x00\x02[]",
    "nested too deep": "\x00\x00\x80\x00" + "[" * 0x8000,
    "not UTF-8": "\x00\x00\x00\x04\xff\xfe\xfd\xfc",
    "empty": "\x00\x00\x00\x00",
    "no URL": '\x00\x00\x00\x21{"method": "GET", "headers": {}} ',
    "a longer one than allowed": "\x00\x01\x00\x01" + "x" * 65537,
}
LINES = ("a\r\nAuthorization: Basic x", "a\nX-Evil: 1", "a\rb", "a\x00b", "\N{FULLWIDTH COLON}")


@pytest.fixture
def victim(environment: dict[str, str], index_server: IndexServer) -> Victim:
    return changed_pip.victim(environment, index_server)


def attack(victim: Victim, name: str, **facts: Any) -> Any:
    """One install whose nested pip makes this attack; what it saw. The first pip has gone on, and has not grown."""
    done = victim.install(REPLACE_RUNNER, hostile_child.code(str(victim.report), name, facts))
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    assert done.returncode == 0, done.stdout + done.stderr
    [report] = victim.reports()
    assert report["grown"] < MOST
    return report["seen"]


def framed(value: object) -> str:
    """JSON as a frame, in the characters of latin-1."""
    return hostile_child.frame(json.dumps(value).encode()).decode("latin-1")


def good(victim: Victim, path: str = "late-dep/") -> str:
    """A URL that the first pip has a credential for."""
    return victim.server.url("/team/simple/" + path)


def test_nothing_goes_off_scope(victim: Victim, serve: Callable[..., IndexServer]) -> None:
    """P1, P4, A05, A06, A08: other hosts, paths, schemes and disguises are never asked for a child; in scope, none of
    its headers but harmless ones is sent. The last URL shows that the attacker is able to ask."""
    evil, plain = serve(), serve(tls=False)
    here, there = (server.url().rstrip("/").partition("//")[2] for server in (victim.server, evil))
    urls = [
        evil.url("/team/simple/"),
        plain.url("/team/simple/"),
        victim.server.url("/other/simple/"),
        victim.server.url("/team/simpleevil/"),
        *(f"https://{there}{mark}@{here}/team/simple/" for mark in ("\\", "%5c", "%00", "%0d%0a")),
        *(f"https://{here}{mark}{there}/team/simple/" for mark in ("@", "%40", "\\", ":x@")),
        *(f"https://{here}/team/simple/{path}" for path in ("../../x/", "%2e%2e/%2e%2e/x/", "..;/x/", "..%2f..%2fx/")),
        f"http://{here}/team/simple/",
        "file:///etc/passwd",
        "ftp://" + here,
        good(victim),
    ]
    headers = {"Authorization": "Basic evil", "Cookie": "a=b", "Host": there, "X-Evil": "1", "Accept": "text/html"}
    outcomes = attack(victim, "one_by_one", urls=urls, headers=headers)
    assert outcomes.pop(f"https://{there}%5c@{here}/team/simple/") == "answered"  # a user name, which is taken out
    assert outcomes.pop(good(victim)) == "answered"
    assert set(outcomes.values()) <= {"unmanaged", "anonymous"}
    assert evil.requests + plain.requests == []
    assert {seen.path.split("/")[1:3] == ["team", "simple"] for seen in victim.server.requests} == {True}
    secret = basic("alice", victim.canary.secret)
    assert {(seen.method, seen.authorization) for seen in victim.server.requests} == {("GET", secret)}
    asked = victim.server.requests[-1].headers
    assert (asked["Accept"], asked["Host"]) == ("text/html", here)
    assert not {"Cookie", "X-Evil"} & set(asked)


@pytest.mark.parametrize("frame", FRAMES)
def test_a_malformed_frame_ends_the_connection(victim: Victim, frame: str) -> None:
    """Whatever is no question is not answered, and the run goes on."""
    assert attack(victim, "malformed", frame=FRAMES[frame]) is None


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "CONNECT", "TRACE", "get", "GET /x HTTP/1.1\r\nX: y"])
def test_only_get_and_head_are_sent(victim: Victim, method: str) -> None:
    """P1: another method ends the connection; the server has seen pip's own requests only."""
    frame = framed({"method": method, "url": good(victim), "headers": {}})
    assert attack(victim, "malformed", frame=frame) is None
    assert {seen.method for seen in victim.server.requests} == {"GET"}


@pytest.mark.parametrize("line", LINES, ids=repr)
@pytest.mark.parametrize("place", ["url", "header"])
def test_no_header_is_injected(victim: Victim, place: str, line: str) -> None:
    """A01: a line end or another odd character in a URL or a header ends the connection, before anything is sent."""
    headers = {"Accept": line} if place == "header" else {}
    url = good(victim, line if place == "url" else "")
    assert attack(victim, "malformed", frame=framed({"method": "GET", "url": url, "headers": headers})) is None
    assert not [seen for seen in victim.server.requests if "X-Evil" in seen.headers]
    assert {seen.path.split("/")[3] for seen in victim.server.requests} <= {"evil-thing", "late-dep", "files"}


def test_a_gigabyte_is_not_taken(victim: Victim) -> None:
    """A frame that is announced with 1 GB is refused at its head; the sockets' buffers took what they hold."""
    assert attack(victim, "flood", length=1 << 30) < 8


def test_half_a_frame_holds_nobody_up(victim: Victim) -> None:
    """P11: half a frame, and a process that keeps the socket open: the install ends all the same."""
    attack(victim, "half_open")


def test_a_child_that_stops_reading(victim: Victim) -> None:
    """P11: as many requests for the next piece of a large file as the socket takes, and nothing of it read."""
    large = packages.wheel(victim.base / "files", "large", files={"large.txt": "x" * 30_000_000})
    victim.server.indexes[0].files[large.name] = large
    assert attack(victim, "deaf", url=good(victim, f"files/{large.name}")) > 10


def test_the_connection_ends_with_the_child(victim: Victim) -> None:
    """P4: a process that the nested pip leaves behind gets no answer once it has ended, though the run goes on."""
    ended, told = victim.mine / "ended", victim.mine / "told"
    facts = {"url": good(victim), "ended": str(ended), "told": str(told)}
    (victim.mine / "wait").touch()  # the build of the wheel, which comes later, waits for the one that lingers
    done = victim.install(REPLACE_RUNNER, hostile_child.code(str(victim.report), "linger", facts))
    assert done.returncode == 0, done.stdout + done.stderr
    assert told.read_text() == "0"


def test_one_page_is_read_once_for_a_child(victim: Victim) -> None:
    """A child that says of a thousand URLs that one page links to them makes the first pip read that page once."""
    outcomes = attack(victim, "led_from", url=victim.server.url("/files/"), page=good(victim), times=1000)
    assert outcomes == ["anonymous"]
    assert len(victim.server.seen("/team/simple/late-dep/")) <= 2


@pytest.fixture
def endless(authority: Authority) -> Iterator[Callable[[int, str], str]]:
    """endless(length, Authorization): the URL of a server whose every file has that length."""
    servers = []

    def start(length: int, accepted: str) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                right = self.headers.get("Authorization") == accepted
                self.send_response(200 if right else 401)
                self.send_header("Content-Length", str(length if right else 0))
                self.end_headers()
                for _ in range(length // (1 << 20) if right else 0):
                    self.wfile.write(b"x" * (1 << 20))

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context: ssl.SSLContext = authority.context({"127.0.0.1"})
        server.socket = context.wrap_socket(server.socket, server_side=True)
        servers.append(server)
        Thread(target=server.serve_forever, daemon=True).start()
        return f"https://127.0.0.1:{server.server_address[1]}/"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("mebibytes", [200, pytest.param(2048, marks=pytest.mark.heavy)])
def test_a_large_body_is_not_kept(victim: Victim, endless: Callable[[int, str], str], mebibytes: int) -> None:
    """A file of 2 GB goes through to the child in pieces, and the first pip does not grow by 50 MB."""
    url = endless(mebibytes << 20, basic("alice", victim.canary.secret))
    victim.environ.update(rule(url, "alice", victim.canary.secret, name="LARGE"))
    assert attack(victim, "read_all", url=url + "file.whl") == [200, mebibytes << 20, ""]
