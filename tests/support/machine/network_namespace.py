"""A network of its own for a piece of a test: a thread with a namespace, which its servers and programs share."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TypeVar

from support.machine.namespaces import NEWNET, NEWNS, in_own
from support.machine.requirements import need, not_run

T = TypeVar("T")


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

    def run() -> T:
        _set_up(ip, addresses, dmi, hosts)
        return job()

    return in_own(NEWNET | NEWNS, run)


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
