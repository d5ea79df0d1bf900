"""Ask `auth helper late` one question. All secrets go over its standard input and output.

Until the helper has protected its memory, a process of the same user may open its pipes through /proc/PID/fd, or copy
its sockets. So on Linux the helper then makes a new socket pair and sends one end; the kernel names the sender.
"""

import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from array import array

DEADLINE = 60  # seconds; authpip's own deadlines are shorter
LINUX = sys.platform == "linux"
SCM_CREDENTIALS = 2  # linux/socket.h
_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid: unix(7)


class Asker:
    """Starts the helper. sources: the variables that it gets with the question."""

    def __init__(self, message):
        self.argv, self.sources = message.get("helper"), message.get("sources", {})
        self.environ = dict(os.environ)  # as it is before pip puts build tools on PATH

    def ask(self, url, fresh):
        """The helper's answer as handoff.py describes it; None if it gave none. Its messages go to pip's stderr."""
        if not self.argv:
            return None
        try:
            answer = json.loads(self._call({"uri": url, "fresh": fresh, "sources": self.sources}))
        except (OSError, ValueError, subprocess.SubprocessError):
            return None
        return answer if isinstance(answer, dict) else None

    def _call(self, question):
        text = json.dumps(question).encode()
        if os.name == "nt":  # a child cannot inherit a socket
            child = subprocess.Popen(self.argv, env=self.environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            return self._ended(child, lambda: child.communicate(text, timeout=DEADLINE)[0])
        ours, its = socket.socketpair()
        with ours:
            if LINUX:
                ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
            with its:
                child = subprocess.Popen(self.argv, env=self.environ, stdin=its, stdout=its)
            return self._ended(child, lambda: _conversation(ours, child.pid, text))

    def _ended(self, child, talk):
        try:
            out = talk()
            child.wait(DEADLINE)
        except BaseException:  # a timeout or ^C: the helper must not outlive the question
            _end(child)
            raise
        return out.decode("utf-8") if child.returncode == 0 else ""


def _conversation(connection, helper, question):
    """Send the question and read the answer. Raises OSError, of which socket.timeout is a kind."""
    until, pieces = time.monotonic() + DEADLINE, []
    with _private(connection, helper, until) if LINUX else connection as channel:
        channel.settimeout(DEADLINE)
        channel.sendall(question)
        channel.shutdown(socket.SHUT_WR)
        while True:
            channel.settimeout(max(until - time.monotonic(), 0.001))
            piece = channel.recv(65536)
            if not piece:
                return b"".join(pieces)
            pieces.append(piece)


def _private(connection, helper, until):
    """The socket that the helper sends once it is protected. A socket from another process is closed.

    Raises OSError if the helper ends before.
    """
    room = socket.CMSG_SPACE(array("i", [0]).itemsize) + socket.CMSG_SPACE(_CREDENTIALS.size)
    while True:
        connection.settimeout(max(until - time.monotonic(), 0.001))
        data, ancillary, _, _ = connection.recvmsg(1, room)
        sender, received = None, []
        for _, kind, value in ancillary:
            if kind == SCM_CREDENTIALS:
                sender = _CREDENTIALS.unpack(value)[0]
            elif kind == socket.SCM_RIGHTS:
                received = [socket.socket(fileno=number) for number in array("i", value)]
        if not data:
            raise OSError("the helper ended")
        if sender == helper and len(received) == 1:
            return received[0]
        for one in received:
            one.close()


def _end(child):
    """End the helper as ^C would, so that it ends its own programs; a ^C at the terminal has reached it already."""
    interrupt = child.terminate if os.name == "nt" else lambda: child.send_signal(signal.SIGINT)
    for seconds, how in ((1, interrupt), (6, child.kill)):
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            how()
    child.wait()
