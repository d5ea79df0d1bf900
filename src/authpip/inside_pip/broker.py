"""Answers the requests of nested pips: they get pages and files, and never a credential (P4).

Each nested pip has one end of a socket pair, and a thread here serves the other end as long as that child lives. A
question may come from the code of a package that pip builds: it is read strictly, and only this pip's own table decides
what is sent.
"""

import socket
import threading

from _authpip_inside import doorway, frames
from _authpip_inside import scope as scopes

WATCH = 1.0  # seconds between two checks whether the child still lives
STUCK = 60.0  # seconds for a child that stops in the middle of a frame
LONGEST_TEXT = 8192  # characters of a URL or of one header


class Answer:
    """One answer. head: the JSON object of frames.py. pieces: of the body, bytes. close(): ends the body early."""

    def __init__(self, head, pieces=(), close=lambda: None):
        self.head, self.pieces, self.close = head, iter(pieces), close


class Broker:
    """Serves nested pips. exchange(question): the Answer to one request, from upstream.py in the first pip and from
    client.py in a nested one. settings(): the object that a nested pip gets for "settings" (frames.py)."""

    def __init__(self, exchange, settings):
        self.exchange, self.settings = exchange, settings

    def serve(self, door, child):
        """Serve one child (a Popen) in a thread of its own, until the child ends."""
        threading.Thread(target=self._serve, args=(door, child), name="authpip-broker", daemon=True).start()

    def _serve(self, door, child):
        def ended():
            return child.returncode is not None

        connection = doorway.accepted(door, ended)
        if connection is not None:
            Conversation(self, connection, ended).hold()


class Conversation:
    """The questions of one child. ended(): True once the child has ended, even if another process has its socket."""

    def __init__(self, broker, connection, ended):
        self.broker, self.connection, self.ended = broker, connection, ended
        self.answer = Answer({})

    def hold(self):
        """Answer until the child ends or breaks the rules."""
        try:
            while True:
                self._answer_one(self._next_question())
        except Exception:  # a broken frame or a bug: this child loses its connection, and the run goes on
            pass
        finally:
            self.answer.close()
            self.connection.close()

    def _next_question(self):
        self.connection.settimeout(WATCH)
        waiting = True
        while waiting:
            try:
                self.connection.recv(1, socket.MSG_PEEK)
                waiting = False
            except socket.timeout:
                pass
            if self.ended():
                raise frames.BrokenFrameError("the child has ended")
        self.connection.settimeout(STUCK)
        return frames.receive_object(self.connection, frames.LONGEST_QUESTION)

    def _answer_one(self, question):
        if question.get("do") == "more":
            self._send_piece()
        elif question.get("do") == "settings":
            frames.send_object(self.connection, self.broker.settings())
        else:
            self.answer.close()
            self.answer = Answer({})
            self.answer = self.broker.exchange(checked(question))
            frames.send_object(self.connection, self.answer.head)

    def _send_piece(self):
        try:
            piece = next(self.answer.pieces, b"")
        except Exception:  # of any kind: the nested pip is told, and retries or gives up as pip does
            frames.send(self.connection, frames.BROKEN)
        else:
            frames.send(self.connection, frames.PIECE + piece if piece else b"")


def checked(question):
    """The question, reduced to the parts that may be forwarded. Raises BrokenFrameError if it is malformed."""
    headers, led_from = question.get("headers"), question.get("from")
    if question.get("method") not in ("GET", "HEAD") or not _is_text(question.get("url")):
        raise frames.BrokenFrameError("a malformed question")
    if not isinstance(headers, dict) or not all(map(_is_text, headers.values())):
        raise frames.BrokenFrameError("malformed headers")
    return {
        "method": question["method"],
        "url": scopes.without_userinfo(question["url"]),  # a build must not choose an identity
        "headers": {name: value for name, value in headers.items() if name.lower() in frames.FORWARDED},
        "from": led_from if _is_text(led_from) else None,
        "rejected": question.get("rejected") is True,
        "unserved": question.get("unserved") is True,
    }


def _is_text(value):
    """True for visible ASCII on one line, which cannot end a header or begin another one."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_TEXT and value.isascii() and value.isprintable()
