"""One HTTP/1.1 request and its answer, on a connection of their own (RFC 9112).

http.client does the same but loads the package email, which takes a quarter of the worker's time. A malformed answer is
an error; nothing in it is repaired.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from socket import socket

LONGEST_ANSWER = 256 * 1024  # bytes
_LONGEST_LINE, _MOST_LINES = 64 * 1024, 200
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9][0-9])(?: [^\r\n]*)?")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n\x00]*?)[ \t]*")
_NUMBER, _CHUNK = re.compile(r"[0-9]{1,9}"), re.compile(rb"([0-9A-Fa-f]{1,7})[ \t]*(?:;[^\r\n]*)?")


class _Lines(Protocol):
    """A file, buffered or not."""

    def readline(self, size: int, /) -> bytes: ...


class AnswerError(ValueError):
    """The answer is not HTTP/1.1. Its text is the part that is malformed."""


class Answered(NamedTuple):
    """An answer. headers: names in lower case; the values of a repeated name are joined with commas (RFC 9110, 5.3)."""

    status: int
    headers: dict[str, str]
    body: bytes


def request(connection: socket, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> Answered:
    """Send a request and read its answer. Raises OSError, AnswerError; ValueError for a header that cannot be sent."""
    length = {"Content-Length": str(len(body))} if body is not None else {}
    connection.sendall(_head(method, target, {**headers, **length}) + (body or b""))
    with connection.makefile("rb") as file:
        status, fields = _answer_head(file)
        return Answered(status, fields, b"" if status in {204, 304} else _body(file, fields))


def tunnel(connection: socket, place: str, headers: Mapping[str, str]) -> None:
    """Ask a proxy to connect to HOST:PORT (RFC 9110, 9.3.6). Raises OSError if it refuses; AnswerError."""
    connection.sendall(_head("CONNECT", place, {"Host": place, **headers}))
    with connection.makefile("rb", buffering=0) as file:  # a buffer would take bytes that follow the answer
        status, _ = _answer_head(file)
    if status != 200:
        raise OSError(f"Tunnel connection failed: {status}")


def _head(method: str, target: str, headers: Mapping[str, str]) -> bytes:
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    if any(re.search(r"[\r\n\x00]", line) for line in lines):
        raise ValueError("a line break in a header")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _answer_head(file: _Lines) -> tuple[int, dict[str, str]]:
    while True:
        found = _STATUS.fullmatch(_line(file))
        if found is None:
            raise AnswerError("its status line")
        fields = _fields(file)
        if not found[1].startswith(b"1"):  # an interim answer comes before the answer itself
            return int(found[1]), fields


def _fields(file: _Lines) -> dict[str, str]:
    """The headers, or the trailers of a chunked body."""
    found: dict[str, str] = {}
    for _ in range(_MOST_LINES):
        line = _line(file)
        if not line:
            return found
        field = _FIELD.fullmatch(line)
        if field is None:
            raise AnswerError("a header")
        name, value = field[1].decode("ascii").lower(), field[2].decode("latin-1")
        found[name] = f"{found[name]}, {value}" if name in found else value
    raise AnswerError("too many headers")


def _body(file: IO[bytes], fields: Mapping[str, str]) -> bytes:
    """The body, or its first LONGEST_ANSWER bytes."""
    coding, length = fields.get("transfer-encoding"), fields.get("content-length")
    if coding is not None:
        if coding.lower() != "chunked" or length is not None:
            raise AnswerError("its coding")
        return _chunks(file)
    if length is None:
        return file.read(LONGEST_ANSWER)
    if not _NUMBER.fullmatch(length):
        raise AnswerError("its length")
    return _exactly(file, min(int(length), LONGEST_ANSWER))


def _chunks(file: IO[bytes]) -> bytes:
    body = bytearray()
    while len(body) < LONGEST_ANSWER:
        size = _CHUNK.fullmatch(_line(file))
        if size is None:
            raise AnswerError("a chunk")
        if not int(size[1], 16):
            _fields(file)
            return bytes(body)
        body += _exactly(file, min(int(size[1], 16), LONGEST_ANSWER - len(body)))
        if len(body) < LONGEST_ANSWER and _line(file):
            raise AnswerError("a chunk")
    return bytes(body)


def _exactly(file: IO[bytes], count: int) -> bytes:
    data = file.read(count)
    if len(data) < count:
        raise AnswerError("cut short")
    return data


def _line(file: _Lines) -> bytes:
    """The next line, without its line end."""
    line = file.readline(_LONGEST_LINE)
    if not line.endswith(b"\n"):
        raise AnswerError("cut short" if len(line) < _LONGEST_LINE else "a line is too long")
    return line[:-2] if line.endswith(b"\r\n") else line[:-1]
