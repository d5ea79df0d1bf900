"""What a nested pip is answered over the socket is what the first pip is answered itself (P4).

What hostile code does there: acceptance/test_hostile_nested_pip.py.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from types import ModuleType
from typing import Any, ClassVar

import pytest

import authpip
from support.programs import authpip_cli, broker_pair
from support.samples import packages
from support.servers.index_server import IndexServer, basic

INSIDE = Path(authpip.__file__).parent / "inside_pip"
BODY = b"0123456789" * 100
LARGE = 2000  # bodies; their 2 MB are more than one piece
S3_KEYS = json.dumps({"key": "AKIDEXAMPLE", "secret": "k", "region": "eu-west-1"})


class Odd(BaseHTTPRequestHandler):
    """Answers by the last segment of the path, to whoever has the credential."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    accepted: ClassVar[str] = basic("alice", "s")
    connections: ClassVar[list[Any]] = []
    seen: ClassVar[list[tuple[str, str | None, dict[str, str]]]] = []

    def setup(self) -> None:
        super().setup()
        self.connections.append(self.client_address)

    def do_GET(self) -> None:
        self.seen.append((self.path, self.headers.get("Authorization"), dict(self.headers.items())))
        name = self.path.rpartition("/")[2]
        if self.headers.get("Authorization", "").split(" ")[0] not in ("Basic", "Bearer", "AWS4-HMAC-SHA256"):
            self.answer(401, b"who are you?")
        elif name == "unchanged" and self.headers.get("If-None-Match") == '"1"':
            self.answer(304, b"", ETag='"1"')
        elif name == "gzip":
            self.answer(200, gzip.compress(BODY, mtime=0), **{"Content-Encoding": "gzip"})
        elif name == "chunked":
            self.chunked()
        elif name == "large":
            self.answer(200, BODY * LARGE)
        elif name == "short":
            self.answer(200, BODY, **{"Content-Length": "5000"})
            self.close_connection = True
        elif name == "gone":
            self.close_connection = True
        elif name == "moved":
            self.answer(302, b"", Location="/team/simple/plain")
        elif name.isdigit():
            self.answer(int(name), b"an answer of its own")
        elif "Range" in self.headers:
            self.answer(206, BODY[10:20], **{"Content-Range": "bytes 10-19/1000"})
        else:
            self.answer(200, BODY, ETag='"1"')

    do_HEAD = do_GET  # noqa: N815

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for field, value in ({"Content-Length": str(len(body)), "Content-Type": "text/plain"} | headers).items():
            self.send_header(field, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def chunked(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for start in range(0, len(BODY), 300):
            piece = BODY[start : start + 300]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def odd() -> Iterator[int]:
    """The port of a server with odd answers."""
    Odd.connections.clear()
    Odd.seen.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Odd) as server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def handoff(
    port: int, scheme: str = "http", credential: Sequence[str] = ("basic", "alice", "s", "env", "alice")
) -> Any:
    """The message for one index at /team/simple/."""
    url = f"{scheme}://127.0.0.1:{port}/team/simple/"
    scope = [scheme, "127.0.0.1", port, "/team/simple/", url, 0, "same-origin"]
    return {"v": 2, "credentials": [list(credential)], "scopes": [scope]}


def ask(
    message: Any, requests: list[Any], environment: dict[str, str], *, certificates: str = "", on_loopback: bool = False
) -> Any:
    """(answers of the first pip, answers of the nested one)."""
    task = {"message": message, "certificates": certificates, "on_loopback": on_loopback, "requests": requests}
    environ = {name: value for name, value in environment.items() if "CERT" not in name and "CA_" not in name}
    done = subprocess.run(
        [sys.executable, broker_pair.__file__, str(INSIDE)],
        input=json.dumps(task),
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    both = json.loads(done.stdout)
    return both["first"], both["nested"]


@pytest.mark.real
@pytest.mark.parametrize("on_loopback", [False, True], ids=["socketpair", "as on Windows"])
def test_answers_are_the_servers_own(odd: int, environment: dict[str, str], on_loopback: bool) -> None:
    """Pages, HEAD, a range, 304, gzip, chunks, a redirect, refusals and errors reach the nested pip as they reach the
    first one; by both ways in."""
    base = f"http://127.0.0.1:{odd}/team/simple/"
    requests = [
        ["GET", base + "plain", {}, 1],
        ["HEAD", base + "plain", {}, 1],
        ["GET", base + "plain", {"Range": "bytes=10-19"}, 1],
        ["GET", base + "unchanged", {"If-None-Match": '"1"'}, 1],
        *(["GET", base + name, {}, 1] for name in ("gzip", "chunked", "moved", "404", "410", "500", "short", "gone")),
        ["GET", base + "plain", {}, 1],
    ]
    first, nested = ask(handoff(odd), requests, environment, on_loopback=on_loopback)
    assert nested == first
    assert [each[0] for each in nested[:9]] == [200, 200, 206, 304, 200, 200, 200, 404, 410]
    assert nested[9] == "RetryError"  # pip takes 500 for an error that may pass
    assert {each[1] for each in (nested[0], nested[4], nested[5], nested[6])} == {BODY.decode()}
    assert {authorization for _, authorization, _ in Odd.seen} == {Odd.accepted}


@pytest.mark.real
def test_an_answer_that_another_request_cuts_off(odd: int, environment: dict[str, str]) -> None:
    """A nested pip has one answer at a time: the rest of an earlier one is an error, and never a shorter file."""
    first, nested = ask(handoff(odd), [["CUT", f"http://127.0.0.1:{odd}/team/simple/large", {}, 1]], environment)
    assert first == [LARGE * len(BODY)]  # the control: it has a connection for each
    assert nested == ["ProtocolError"]


@pytest.mark.real
@pytest.mark.parametrize("times", [300, pytest.param(10_000, marks=pytest.mark.heavy)])
def test_connections_are_kept(odd: int, environment: dict[str, str], times: int) -> None:
    """10,000 requests of a nested pip go over the connections of the first one."""
    _, nested = ask(handoff(odd), [["GET", f"http://127.0.0.1:{odd}/team/simple/plain", {}, times]], environment)
    assert nested[0][0] == 200
    assert len(Odd.seen) == 2 * times
    assert len(Odd.connections) <= 2


@pytest.mark.real
def test_the_first_pips_settings_count(index_server: IndexServer, environment: dict[str, str], wheel: Any) -> None:
    """The nested pip trusts no certificate of this server; the first one does, and it is the one that asks."""
    index_server.add("/team/simple", [wheel("corp-thing")], username="alice", password="s")
    url = index_server.url("/team/simple/corp-thing/")
    certificates = str(index_server.authority.file) if index_server.authority else ""
    outside = index_server.url("/open/")
    message = handoff(index_server.port, "https")
    _, nested = ask(message, [["GET", url, {}, 1], ["GET", outside, {}, 1]], environment, certificates=certificates)
    assert nested[0][0] == 200
    assert nested[1] == "SSLVerificationError"  # the control: it is sent by the nested pip itself


@pytest.mark.real
@pytest.mark.parametrize(
    ("credential", "begin"),
    [(("bearer", "", "t0ken", "token", ""), "Bearer t0ken"), (("s3", "", S3_KEYS, "s3", ""), "AWS4-HMAC-SHA256 ")],
    ids=["bearer", "s3"],
)
def test_every_scheme_is_answered(
    odd: int, environment: dict[str, str], credential: tuple[str, ...], begin: str
) -> None:
    """Bearer and S3: the first pip signs, and the nested one sees neither keys nor header."""
    url = f"http://127.0.0.1:{odd}/team/simple/plain"
    first, nested = ask(handoff(odd, credential=credential), [["GET", url, {}, 1]], environment)
    assert nested == first
    assert nested[0][0] == 200
    assert all((authorization or "").startswith(begin) for _, authorization, _ in Odd.seen)


@pytest.mark.real
def test_an_interrupt_during_a_nested_pip(
    index_server: IndexServer, trusting: dict[str, str], venv: Any, wheel: Any, tmp_path: Path
) -> None:
    """F14: ^C at the terminal reaches both pips while the nested one waits for an answer; nothing stays behind."""
    sources = packages.spy_sdist(tmp_path, "built", tmp_path / "spy.jsonl", requires=["tool"])
    index_server.add("/team/simple", [sources, wheel("tool")], username="alice", password="s")
    url, asked, go_on = index_server.url("/team/simple/"), Event(), Event()

    def wait_at_tool(_: IndexServer, path: str) -> None:
        if path.endswith("/tool/"):
            asked.set()
            go_on.wait(30)

    index_server.on_request = wait_at_tool
    environ = trusting | authpip_cli.rule(url, "alice", "s") | {"PIP_INDEX_URL": url}
    child = subprocess.Popen(
        authpip_cli.command("install", "built"),
        env=authpip_cli.surroundings(venv(), environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert asked.wait(60)
    os.killpg(child.pid, signal.SIGINT)
    said, _ = child.communicate(timeout=30)  # it ends only when nobody holds its output any more
    go_on.set()
    assert child.returncode != 0
    assert "Operation cancelled by user" in said
    assert "Traceback" not in said


class Recorder:
    """Stands for upstream.py, and notes what it is asked."""

    def __init__(self, answer: Any) -> None:
        self.answer, self.questions = answer, list[dict[str, Any]]()

    def exchange(self, question: dict[str, Any]) -> Any:
        self.questions.append(question)
        return self.answer({"outcome": "unmanaged"})


@pytest.fixture
def inside(monkeypatch: pytest.MonkeyPatch) -> Any:
    """inside_pip's modules that need no pip."""
    package = ModuleType("_authpip_inside")
    package.__path__ = [str(INSIDE)]
    monkeypatch.setitem(sys.modules, "_authpip_inside", package)
    from _authpip_inside import broker, frames

    yield broker, frames
    for name in [name for name in sys.modules if name.startswith("_authpip_inside.")]:
        del sys.modules[name]


def hostile_frame(rng: random.Random, good: bytes) -> bytes:
    """One frame or what passes for one: noise, a wrong length, or a question of which one thing was changed."""
    kind = rng.randrange(4)
    if kind == 0:
        return rng.randbytes(rng.randrange(40))
    value = json.loads(good)
    odd = rng.choice([None, 0, [], {}, "", True, 1e400, "\x00", "a\r\nb: c", "é", "x" * 9000, ["GET"], {"a": "b"}])
    if kind == 1:
        value[rng.choice(["method", "url", "headers", "from", "do"])] = odd
    elif kind == 2:
        value["headers"] = {rng.choice(["Accept", "Authorization", "Host", "", "a\r\nb", "Range"]): odd}
    data = json.dumps(value).encode()
    data = data if kind != 3 else bytes(rng.choice([byte, rng.randrange(256)]) for byte in data)
    length = rng.choice([len(data), len(data), len(data) - 1, len(data) + 1, 1 << 30])
    return length.to_bytes(4, "big") + data


@pytest.mark.parametrize("frames", [5_000, pytest.param(100_000, marks=pytest.mark.heavy)])
def test_malformed_frames(inside: Any, frames: int) -> None:
    """A01, P4: of 100,000 changed frames, what is forwarded has a method, a URL and headers of the allowed form only;
    nothing raises, and the first pip does not grow by 50 MB."""
    broker, wire = inside
    recorder, rng = Recorder(broker.Answer), random.Random(11)  # the same frames each time
    served = broker.Broker(recorder.exchange, dict)
    good = json.dumps({"method": "GET", "url": "https://h.example/simple/", "headers": {"Accept": "*/*"}}).encode()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(frames):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            theirs.sendall(hostile_frame(rng, good))
            theirs.shutdown(socket.SHUT_WR)
            broker.Conversation(served, ours, lambda: False).hold()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024
    assert len(recorder.questions) > frames / 100
    for question in recorder.questions:
        texts = [question["url"], *question["headers"].values(), question["from"] or "-"]
        assert question["method"] in ("GET", "HEAD")
        assert all(text.isascii() and text.isprintable() for text in texts)
        assert {name.lower() for name in question["headers"]} <= wire.FORWARDED


def test_a_bug_ends_one_connection(inside: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """F16: whatever goes wrong while a question is answered, the child loses its connection and nobody sees a trace."""
    broker, _ = inside

    def broken(_: object) -> Any:
        raise ValueError("a secret of the first pip")

    ours, theirs = socket.socketpair()
    data = json.dumps({"method": "GET", "url": "https://h.example/", "headers": {}}).encode()
    with theirs:
        theirs.sendall(len(data).to_bytes(4, "big") + data)
        broker.Conversation(broker.Broker(broken, dict), ours, lambda: False).hold()
        assert theirs.recv(10) == b""
    assert capsys.readouterr().err == ""
