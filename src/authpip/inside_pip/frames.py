"""The frames between a nested pip and the pip that answers for it, over one stream socket.

A frame is its length in four bytes, most significant first, and that many bytes, at most LONGEST.

    nested pip    {"method", "url", "headers", "from", "rejected", "unserved"} as JSON. method: "GET" or "HEAD".
                  headers: of FORWARDED only. from: the URL of the index page or the redirect that led to this URL,
                  or null. rejected: true if the server has just answered 401 to the nested pip itself.
                  unserved: true if no credential was found after a 401; the answer has "told": whether the first
                  pip tells the user.
                  {"do": "more"}: the next piece of the current body.
                  {"do": "settings"}: rules, logins, clouds and strategy of the handoff; they hold no secret.
    first pip     {"outcome": "answered", "status", "reason", "headers": [[name, value], …]}, and a body follows;
                  {"outcome": "unmanaged"}: the nested pip sends the request by itself, as plain pip would;
                  {"outcome": "anonymous"}: it sends the request by itself, without any credential;
                  {"outcome": "failed", "kind", "text"}: kind is the name of an exception of requests;
                  {"outcome": "stopped", "text"}: this run has to end.
                  After "more": PIECE and a piece of the body as it came over the network; an empty frame: the end of
                  the body; BROKEN: the connection to the server broke. After "settings": a JSON object.

The nested pip asks for each piece, so that nothing is buffered for one that stops reading; a new request ends the body
before it. A side that breaks these rules loses the connection: the other side may be the code of a package.
"""

import json
import struct

LONGEST = 256 * 1024  # bytes
LONGEST_QUESTION = 64 * 1024  # bytes that a nested pip may send
LONGEST_PIECE = 128 * 1024  # bytes of a body in one frame
PIECE, BROKEN = b"+", b"!"
FORWARDED = frozenset(
    ("accept", "accept-encoding", "range", "if-none-match", "if-modified-since", "cache-control", "user-agent")
)
_LENGTH = struct.Struct(">I")


class BrokenFrameError(Exception):
    """The other side is gone, or breaks the rules above."""


def send(connection, data):
    """Send one frame of bytes."""
    connection.sendall(_LENGTH.pack(len(data)) + data)


def send_object(connection, value):
    """Send one frame of JSON."""
    send(connection, json.dumps(value, separators=(",", ":")).encode("ascii"))


def receive(connection, longest=LONGEST):
    """The next frame. Raises BrokenFrameError; OSError if the connection times out."""
    (length,) = _LENGTH.unpack(_exactly(connection, _LENGTH.size))
    if length > longest:
        raise BrokenFrameError("a frame of %d bytes" % length)
    return _exactly(connection, length)


def receive_object(connection, longest=LONGEST):
    """The next frame as a JSON object. Raises as `receive`."""
    try:
        value = json.loads(receive(connection, longest).decode("utf-8"))
    except (ValueError, RecursionError):
        raise BrokenFrameError("a frame that is not JSON") from None
    if not isinstance(value, dict):
        raise BrokenFrameError("a frame that is not an object")
    return value


def _exactly(connection, count):
    pieces = []
    while count:
        piece = connection.recv(min(count, 65536))
        if not piece:
            raise BrokenFrameError("the connection was closed")
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)
