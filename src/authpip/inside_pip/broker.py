"""Answers the requests of nested pips: they get pages and files, and never a credential (P4).

Each nested pip has one end of a socket pair, and a thread here serves the other end for as long as that child lives.
What comes in may be written by the code of a package that pip is about to build: it is read strictly, and what it
leads to is decided by this pip's own table.
"""

import socket
import threading

from _authpip_inside import doorway, frames
from _authpip_inside import scope as scopes

WATCH = 1.0  # seconds between two looks at whether the child still lives
STUCK = 60.0  # seconds for a child that stops in the middle of a frame
LONGEST_TEXT = 8192  # characters of a URL or of one header


class Answer:
    """One answer: its head as frames.py has it, the pieces of its body, and what closes it."""

    def __init__(self, head, pieces=(), close=lambda: None):
        self.head, self.pieces, self.close = head, iter(pieces), close


class Broker:
    """Serves nested pips. exchange(question): an Answer for one request, by upstream.py in the first pip and by
    client.py in a nested one. settings(): what a nested pip has to know."""

    def __init__(self, exchange, settings):
        self.exchange, self.settings = exchange, settings

    def serve(self, door, child):
        """Serve one child in a thread of its own, until it ends."""
        threading.Thread(target=self._serve, args=(door, child), name="authpip-broker", daemon=True).start()

    def _serve(self, door, child):
        def ended():
            return child.returncode is not None

        connection = doorway.accepted(door, ended)
        if connection is not None:
            Conversation(self, connection, ended).hold()


class Conversation:
    """All that one child asks. ended(): True once the child has ended, whoever else may hold its socket then."""

    def __init__(self, broker, connection, ended):
        self.broker, self.connection, self.ended = broker, connection, ended
        self.answer = Answer({})

    def hold(self):
        """Answer until the child ends or breaks the rules."""
        try:
            while True:
                self._answer_one(self._next_question())
        except Exception:  # a broken rule or a bug alike: this child loses its connection, and the run goes on
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
        except Exception:  # whatever broke it: the nested pip is told, and tries again or gives up as pip does
            frames.send(self.connection, frames.BROKEN)
        else:
            frames.send(self.connection, frames.PIECE + piece if piece else b"")


def checked(question):
    """The question with nothing in it but what may be forwarded. Raises BrokenFrameError for another form."""
    headers, whence = question.get("headers"), question.get("from")
    if question.get("method") not in ("GET", "HEAD") or not _is_text(question.get("url")):
        raise frames.BrokenFrameError("a question of another form")
    if not isinstance(headers, dict) or not all(map(_is_text, headers.values())):
        raise frames.BrokenFrameError("headers of another form")
    return {
        "method": question["method"],
        "url": scopes.without_userinfo(question["url"]),  # it is no identity
        "headers": {name: value for name, value in headers.items() if name.lower() in frames.FORWARDED},
        "from": whence if _is_text(whence) else None,
        "rejected": question.get("rejected") is True,
        "unserved": question.get("unserved") is True,
    }


def _is_text(value):
    """Visible ASCII on one line: nothing that ends a header or begins another one."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_TEXT and value.isascii() and value.isprintable()
