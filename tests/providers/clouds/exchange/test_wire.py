"""The exchange worker's own HTTP: what http.client reads of an answer, and errors for all that is odd (P11, A30)."""

from __future__ import annotations

import io
import socket
import threading
import time
from http.client import HTTPException, HTTPResponse
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authpip.core.errors import CredentialError
from authpip.core.index import parse_scope
from authpip.providers.clouds.exchange import wire
from authpip.providers.clouds.exchange.http import Client
from authpip.providers.clouds.exchange.proxies import proxy_for


def exchanged(answer: bytes, **options: Any) -> tuple[wire.Answered, bytes]:
    """(what is made of an answer, what was sent for it)."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(answer)
        theirs.shutdown(socket.SHUT_WR)
        asked = {"method": "POST", "target": "/x?y", "headers": {"Host": "h"}, "body": b"body", **options}
        found = wire.request(ours, **asked)
        return found, theirs.recv(1 << 16)


class Fake:
    """A socket as http.client takes it."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def makefile(self, *_: Any) -> io.BytesIO:
        return io.BytesIO(self.data)


def by_http_client(answer: bytes) -> tuple[int, bytes]:
    """(status, body) as http.client reads it."""
    response = HTTPResponse(Fake(answer))  # type: ignore[arg-type]
    response.begin()
    return response.status, response.read()


def test_a_request() -> None:
    """The bytes that are sent: each header once, the length of a body, and none for a GET."""
    _, sent = exchanged(b"HTTP/1.1 200 OK\r\n\r\n")
    assert sent == b"POST /x?y HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody"
    _, sent = exchanged(b"HTTP/1.1 200 OK\r\n\r\n", method="GET", body=None)
    assert sent == b"GET /x?y HTTP/1.1\r\nHost: h\r\n\r\n"
    _, sent = exchanged(b"HTTP/1.1 200 OK\r\n\r\n", body=b"")
    assert b"Content-Length: 0\r\n" in sent


@pytest.mark.parametrize("text", ["a\r\nEvil: x", "a\nb", "a\rb", "a\0b"])
def test_no_header_of_a_secret(text: str) -> None:
    """A04: a token, a name or a target with a line break in it is not sent."""
    for options in ({"headers": {"Authorization": text}}, {"headers": {text: "x"}}, {"target": text}, {"method": text}):
        with pytest.raises(ValueError, match="line break"):
            exchanged(b"HTTP/1.1 200 OK\r\n\r\n", **options)


BODIES = {
    "length": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, and more",
    "to its end": b"HTTP/1.0 200 OK\r\n\r\nhello",
    "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nT: x\r\n\r\n",
    "bare line ends": b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
    "no reason": b"HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello",
    "after 100": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
}


@pytest.mark.parametrize("form", BODIES)
def test_bodies(form: str) -> None:
    """Each way to say where a body ends, as http.client has it."""
    found, _ = exchanged(BODIES[form])
    assert (found.status, found.body) == (200, b"hello") == by_http_client(BODIES[form])


def test_headers() -> None:
    """Names in lower case; a name that comes twice, as Azure's WWW-Authenticate, has both values."""
    found, _ = exchanged(
        b"HTTP/1.1 401 X\r\nWWW-Authenticate: Bearer a=b\r\nX-Y:  z \r\nwww-authenticate: Basic\r\n\r\n"
    )
    assert found.headers == {"www-authenticate": "Bearer a=b, Basic", "x-y": "z"}


ODD = [
    *(b"", b"HTTP/1.1 200 OK", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nA: b\r\n", b"SSH-2.0-x\r\n\r\n"),
    *(b"HTTP/2 200 OK\r\n\r\n", b"HTTP/1.1 20 OK\r\n\r\n", b"HTTP/1.1 999 OK\r\n\r\n", b"HTTP/1.1 +20 OK\r\n\r\n"),
    *(b"HTTP/1.1 200 OK\r\n folded\r\n\r\n", b"HTTP/1.1 200 OK\r\nA b: c\r\n\r\n", b"HTTP/1.1 200 OK\r\nA : c\r\n\r\n"),
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
    b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    *(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + rest
        for rest in (b"", b"x\r\n", b"-1\r\n", b"5\r\nhel")
    ),
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 300 + b"\r\n",
    b"HTTP/1.1 200 OK\r\nA: " + b"b" * 70_000 + b"\r\n\r\n",
]


@pytest.mark.parametrize("answer", ODD, ids=range(len(ODD)))
def test_odd_answers(answer: bytes) -> None:
    """An error, and no answer that is half of one."""
    with pytest.raises(wire.AnswerError):
        exchanged(answer)


@given(st.binary(max_size=300), st.sampled_from([b"", b"HTTP/1.1 200 OK\r\n", BODIES["chunks"][:60]]))
def test_any_bytes(data: bytes, start: bytes) -> None:
    """Whatever comes is an answer that http.client reads alike, or an error."""
    try:
        found, _ = exchanged(start + data)
    except wire.AnswerError:
        return
    try:
        assert by_http_client(start + data) == (found.status, found.body)
    except HTTPException:
        assert b"\r\n\r\n" not in start + data  # it wants the same, but for a bare line end in a chunk


@given(st.lists(st.binary(min_size=1, max_size=200), max_size=6))
def test_chunks(parts: list[bytes]) -> None:
    """The parts of a body in chunks are put together."""
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
    found, _ = exchanged(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n")
    assert found.body == b"".join(parts)


def test_a_long_answer() -> None:
    """256 KiB of it are read, however it is sent, and no more."""
    longer = wire.LONGEST_ANSWER + 10
    chunk = b"%x\r\n%s\r\n" % (longer, b"x" * longer)
    for head, body in (
        (b"", b"x" * longer),
        (b"Content-Length: %d\r\n" % longer, b"x" * longer),
        (b"Transfer-Encoding: chunked\r\n", chunk + b"0\r\n\r\n"),
    ):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            answer = b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + body
            threading.Thread(target=_sent, args=(theirs, answer), daemon=True).start()
            assert len(wire.request(ours, "GET", "/", {}, None).body) == wire.LONGEST_ANSWER


def _sent(place: socket.socket, data: bytes) -> None:
    try:
        place.sendall(data)
        place.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # the reader has enough


def test_what_is_no_web_server() -> None:
    """The message names the service, and what may be in between."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"220 mail.example ESMTP\r\n")

    threading.Thread(target=serve, daemon=True).start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    with listener, pytest.raises(CredentialError, match=r"its answer is not HTTP \(its status line\)") as caught:
        Client({}, time.monotonic() + 5).send("GET", url, service="the service", hosts=".+")
    assert "captive portal" in caught.value.remedy


@pytest.mark.parametrize(
    ("environ", "proxy"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://proxy.example:3128"}, ("proxy.example", 3128, {})),
        ({"https_proxy": "http://lower.example", "HTTPS_PROXY": "http://upper.example"}, ("lower.example", 80, {})),
        ({"ALL_PROXY": "proxy.example:8080"}, ("proxy.example", 8080, {})),
        ({"HTTP_PROXY": "http://proxy.example:3128"}, None),
        (
            {"HTTPS_PROXY": "http://me:a%40b@proxy.example:3128/"},
            ("proxy.example", 3128, {"Proxy-Authorization": "Basic bWU6YUBi"}),
        ),
        ({"HTTPS_PROXY": "http://[::1]:3128"}, ("::1", 3128, {})),
        *(
            ({"HTTPS_PROXY": "http://p.example", "NO_PROXY": text}, None)
            for text in (
                "*",
                "sts.corp.example",
                "corp.example",
                ".corp.example",
                "x, corp.example ,y",
                "STS.corp.example:443",
            )
        ),
        *(
            ({"HTTPS_PROXY": "http://p.example", "NO_PROXY": text}, ("p.example", 80, {}))
            for text in ("", ",", "orp.example", "other.example", "sts", "sts.corp.example.evil.example")
        ),
    ],
)
@pytest.mark.posix
def test_proxies(environ: dict[str, str], proxy: tuple[str, int, dict[str, str]] | None) -> None:
    """As curl and requests read the variables, on Linux."""
    found = proxy_for(parse_scope("https://sts.corp.example/token"), environ)
    assert (found and tuple(found)) == proxy


@pytest.mark.parametrize("url", ["socks5://proxy.example:1080", "http://", "http://[", "http://p.example:x", "://"])
@pytest.mark.posix
def test_proxies_that_cannot_be_used(url: str) -> None:
    """One message that names the variable, and not its value, which may hold a password."""
    with pytest.raises(CredentialError, match="HTTPS_PROXY is not http://HOST:PORT") as caught:
        proxy_for(parse_scope("https://sts.corp.example/token"), {"HTTPS_PROXY": url})
    assert url not in str(caught.value).replace("http://HOST:PORT", "")
