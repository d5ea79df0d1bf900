"""Asks authpip's `auth helper late` one question: everything secret goes over its standard input and output.

Both are sockets: a pipe could be opened through /proc/PID/fd by any process of the same user. The helper writes one
line end once its memory is protected; it gets nothing secret before, since others may trace it until then.
"""

import json
import os
import signal
import socket
import subprocess
import time

DEADLINE = 60  # seconds; authpip's own deadlines are shorter


class Asker:
    """Knows how to start the helper, and what it gets beside the question."""

    def __init__(self, message):
        self.argv, self.sources = message.get("helper"), message.get("sources", {})
        self.environ = dict(os.environ)  # as it is before pip puts build tools on PATH

    def ask(self, url, fresh):
        """authpip's answer as handoff.py describes it, None for none. Its own messages go to our stderr."""
        if not self.argv:
            return None
        try:
            answer = json.loads(self._call({"uri": url, "fresh": fresh, "sources": self.sources}))
        except (OSError, ValueError, subprocess.SubprocessError):
            return None
        return answer if isinstance(answer, dict) else None

    def _call(self, question):
        ours, its = socket.socketpair()
        with ours:
            with its:
                child = subprocess.Popen(self.argv, env=self.environ, stdin=its, stdout=its)
            try:
                out = _conversation(ours, json.dumps(question).encode())
                child.wait(DEADLINE)
            except BaseException:  # too late, or ^C: it must not outlive the question
                _end(child)
                raise
        return out.decode("utf-8") if child.returncode == 0 else ""


def _conversation(connection, question):
    """Send all of it, and read all that comes back. Raises OSError, socket.timeout among them."""
    until, pieces = time.monotonic() + DEADLINE, []
    connection.settimeout(DEADLINE)
    if connection.recv(1):  # it has protected its memory, and is ready
        connection.sendall(question)
    connection.shutdown(socket.SHUT_WR)
    while True:
        connection.settimeout(max(until - time.monotonic(), 0.001))
        piece = connection.recv(65536)
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)


def _end(child):
    """As ^C would, for it may have a program of its own to end; a ^C at the terminal has reached it already."""
    interrupt = child.terminate if os.name == "nt" else lambda: child.send_signal(signal.SIGINT)
    for seconds, how in ((1, interrupt), (6, child.kill)):
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            how()
    child.wait()
