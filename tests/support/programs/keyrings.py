"""Real keyrings of the tests' own: a session bus and a GNOME Keyring on it; and backends that misbehave."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Mapping
from pathlib import Path

from support.machine.requirements import need

COLLECTION = "/org/freedesktop/secrets/collection/login"


class SecretService:
    """A private session bus with an unlocked GNOME Keyring. environ: what a child needs to reach it."""

    def __init__(self, environ: Mapping[str, str], *, daemon: bool = True) -> None:
        self.bus, address = _start_bus(environ)
        self.environ = {**environ, "DBUS_SESSION_BUS_ADDRESS": address}
        self.daemon = _start_daemon(self.environ) if daemon else None

    def keyring(self, *arguments: str, secret: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run keyring's own command."""
        command = [sys.executable, "-m", "keyring", *arguments]
        return subprocess.run(command, input=secret, env=self.environ, text=True, capture_output=True, timeout=30)

    def lock(self) -> None:
        """Lock the collection, as a screen lock or a time-out does."""
        _call(self.environ["DBUS_SESSION_BUS_ADDRESS"], "Lock", "ao", ([COLLECTION],))

    def stall(self, whom: str = "daemon") -> None:
        """Stop the daemon (or "bus") in its tracks: it is there and does not answer."""
        os.kill(getattr(self, whom).pid, signal.SIGSTOP)

    def close(self) -> None:
        """End both, stalled or not."""
        for child in filter(None, (self.daemon, self.bus)):
            child.kill()
            child.wait()

    def __enter__(self) -> SecretService:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def use_backend(environ: Mapping[str, str], name: str, body: str) -> str:
    """Make this HOME's keyring a class of this name with this body; returns its class path."""
    directory = Path(environ["HOME"], "backends")
    directory.mkdir(exist_ok=True)
    head = "import ctypes, os, signal, sys, time\nfrom keyring import backend, errors\n\n"
    head += f"class {name}(backend.KeyringBackend):\n    priority = 9\n"
    methods = "".join(
        f"    def {method}(self, *arguments):\n        return self.act({method!r}, *arguments)\n"
        for method in ("get_password", "set_password", "delete_password")
    )
    act = textwrap.indent(f"def act(self, what, *arguments):\n{textwrap.indent(textwrap.dedent(body), '    ')}", "    ")
    (directory / "staged.py").write_text(head + methods + act + "\n")
    settings = Path(environ["XDG_CONFIG_HOME"], "python_keyring", "keyringrc.cfg")
    settings.parent.mkdir(exist_ok=True)
    settings.write_text(f"[backend]\ndefault-keyring=staged.{name}\nkeyring-path={directory}\n")
    return f"staged.{name}"


def _start_bus(environ: Mapping[str, str]) -> tuple[subprocess.Popen[str], str]:
    command = [need("dbus-daemon"), "--session", "--nofork", "--nosyslog", "--print-address"]
    bus = subprocess.Popen(command, env=dict(environ), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert bus.stdout is not None
    return bus, bus.stdout.readline().strip()


def _start_daemon(environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
    daemon = subprocess.Popen(
        [need("gnome-keyring-daemon"), "--foreground", "--unlock", "--components=secrets"],
        env=dict(environ),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert daemon.stdin is not None
    daemon.stdin.write(b"password")
    daemon.stdin.close()
    deadline = time.monotonic() + 20
    while not _unlocked(environ["DBUS_SESSION_BUS_ADDRESS"]):
        assert time.monotonic() < deadline, "GNOME Keyring did not start"
        time.sleep(0.02)
    return daemon


def _unlocked(address: str) -> bool:
    from jeepney import DBusAddress, MessageType, Properties, new_method_call
    from jeepney.io.blocking import open_dbus_connection

    with open_dbus_connection(address) as bus:
        owned = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
        reply = bus.send_and_get_reply(new_method_call(owned, "NameHasOwner", "s", ("org.freedesktop.secrets",)))
        if not reply.body[0]:
            return False
        target = DBusAddress(COLLECTION, "org.freedesktop.secrets", "org.freedesktop.Secret.Collection")
        reply = bus.send_and_get_reply(Properties(target).get("Locked"))
        return reply.header.message_type is MessageType.method_return and reply.body[0][1] is False


def _call(address: str, method: str, signature: str, body: tuple[object, ...]) -> None:
    from jeepney import DBusAddress, new_method_call
    from jeepney.io.blocking import open_dbus_connection

    service = DBusAddress("/org/freedesktop/secrets", "org.freedesktop.secrets", "org.freedesktop.Secret.Service")
    with open_dbus_connection(address) as bus:
        bus.send_and_get_reply(new_method_call(service, method, signature, body), timeout=5)
