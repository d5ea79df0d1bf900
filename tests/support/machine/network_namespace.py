"""A network of its own for a piece of a test: a thread with a namespace, which its servers and programs share."""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TypeVar

from support.machine.requirements import need, not_run

T = TypeVar("T")
_NEWNS, _NEWNET = 0x00020000, 0x40000000  # CLONE_NEWNS, CLONE_NEWNET (sched.h)


def in_namespace(
    job: Callable[[], T], addresses: Sequence[str], *, dmi: tuple[str, str] = ("", ""), hosts: Iterable[str] = ()
) -> T:
    """What `job` returns, run where these addresses are this machine's own. Needs root, on Linux.

    dmi: (file, text) in /sys/class/dmi/id, by which a machine names its maker. hosts: names that lead to loopback, for
    programs that know no proxy.
    """
    if sys.platform != "linux" or os.geteuid() != 0:
        not_run("a network namespace is made by root on Linux alone")
    ip = need("ip")
    outcome: list[T | BaseException] = []

    def run() -> None:
        try:
            if ctypes.CDLL(None, use_errno=True).unshare(_NEWNET | _NEWNS) != 0:
                not_run("this machine makes no network namespaces")
            _set_up(ip, addresses, dmi, hosts)
            outcome.append(job())
        except BaseException as error:
            outcome.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if isinstance(outcome[0], BaseException):
        raise outcome[0]
    return outcome[0]


def _set_up(ip: str, addresses: Sequence[str], dmi: tuple[str, str], hosts: Iterable[str]) -> None:
    commands = [f"{ip} link set lo up", *(f"{ip} addr add {address} dev lo" for address in addresses)]
    commands += ["mount --make-rprivate /"] if dmi[0] or hosts else []
    if dmi[0]:
        commands += ["mount -t tmpfs none /sys/class", "mkdir -p /sys/class/dmi/id"]
    for command in commands:
        subprocess.run(command.split(), check=True, capture_output=True)
    if dmi[0]:
        with open(f"/sys/class/dmi/id/{dmi[0]}", "w", encoding="ascii") as file:  # this thread's own mount
            file.write(dmi[1])
    if hosts:
        with tempfile.NamedTemporaryFile("w", encoding="ascii") as file:
            file.write("".join(f"127.0.0.1 {name}\n" for name in ("localhost", *hosts)))
            file.flush()
            subprocess.run(["mount", "--bind", file.name, "/etc/hosts"], check=True, capture_output=True)


@contextmanager
def deaf(address: tuple[str, int]) -> Iterator[None]:
    """A place that drops what is sent to it: a listener whose queue is full, so that Linux answers no SYN."""
    with socket.socket() as listener, ExitStack() as queue:
        listener.bind(address)
        listener.listen(0)
        for _ in range(3):
            waiting = queue.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(address)
        yield
