"""How a nested pip connects to the pip that started it: by an inherited socket; on Windows, which cannot pass a socket
to a child, by a port of the loopback address.

Neither is a secret: the broker gives nobody a credential (broker.py).
"""

import os
import socket

VARIABLE = "_AUTHPIP_BROKER"
WATCH = 1.0  # seconds between two checks whether the child still lives


class Door:
    """The way to connect for one child. value: for VARIABLE in its environment. pass_fds: for its Popen."""

    def __init__(self, on_loopback=os.name == "nt"):
        self.on_loopback = on_loopback
        if on_loopback:
            self.ours, self.childs = socket.create_server(("127.0.0.1", 0), backlog=1), None
            self.word = os.urandom(16).hex()
            self.value, self.pass_fds = "%d:%s" % (self.ours.getsockname()[1], self.word), ()
        else:
            self.ours, self.childs = socket.socketpair()
            self.value, self.pass_fds = str(self.childs.fileno()), (self.childs.fileno(),)

    def close_childs_end(self):
        """To be called once the child has started and has its end, or could not be started."""
        if self.childs is not None:
            self.childs.close()


def accepted(door, ended):
    """The broker's end, connected; None if the child ends before. The first to send the word is accepted."""
    if not door.on_loopback:
        return door.ours
    with door.ours:
        door.ours.settimeout(WATCH)
        while not ended():
            try:
                connection, _ = door.ours.accept()
                connection.settimeout(WATCH)
                if connection.recv(len(door.word), socket.MSG_WAITALL) == door.word.encode():
                    return connection
                connection.close()
            except OSError:
                continue
    return None


def entered(value):
    """The nested pip's end, from the value of VARIABLE; the children of the nested pip do not inherit it."""
    port, _, word = value.partition(":")
    if not word:
        return socket.socket(fileno=_own(int(port)))
    connection = socket.create_connection(("127.0.0.1", int(port)))
    connection.sendall(word.encode())
    return connection


def _own(descriptor):
    os.set_inheritable(descriptor, False)
    return descriptor
