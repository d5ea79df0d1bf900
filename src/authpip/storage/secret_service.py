"""Read one secret that keyring stored in the Secret Service (GNOME Keyring, KWallet, KeePassXC), without keyring.

keyring takes 90 ms a run, mostly for an encryption that protects nothing on a local bus; jeepney alone takes 13 ms.
Attributes and collection are those of keyring.backends.SecretService. In every unusual case (a locked item, an
unexpected answer) authpip asks keyring itself.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jeepney.io.blocking import DBusConnection

BACKEND = "keyring.backends.SecretService.Keyring"
BUS, _NAME = "DBUS_SESSION_BUS_ADDRESS", "org.freedesktop.secrets"
_SERVICE = ("/org/freedesktop/secrets", "org.freedesktop.Secret.Service")
_DEFAULT = ("/org/freedesktop/secrets/aliases/default", "org.freedesktop.Secret.Collection")


def speaks_for(backend: str, environ: Mapping[str, str]) -> bool:
    """True if `read` answers as keyring does: on Linux, with a bus, and without KEYRING_PROPERTY_* variables."""
    altered = any(name.startswith("KEYRING_PROPERTY_") for name in environ)
    return backend == BACKEND and sys.platform == "linux" and bool(environ.get(BUS)) and not altered


def read(services: Sequence[str], username: str, environ: Mapping[str, str], deadline: float) -> str | None:
    """The secret under the first service name that has one; None: ask keyring instead.

    deadline: time.monotonic(). Raises TimeoutError if the bus or the daemon does not answer.
    """
    try:
        with _connect(environ[BUS], deadline) as bus:
            _, session = _call(bus, _SERVICE, "OpenSession", "sv", ("plain", ("s", "")))
            for service in services:
                secret = _secret(bus, session, {"service": service, "username": username})
                if secret is not None:
                    return secret
    except TimeoutError:
        raise
    except Exception:  # noqa: BLE001 (keyring tries the same again, and its message describes the error better)
        return None
    return None


def _secret(bus: DBusConnection, session: str, attributes: dict[str, str]) -> str | None:
    (items,) = _call(bus, _DEFAULT, "SearchItems", "a{ss}", (attributes,))
    if not items:
        return None
    (secrets,) = _call(bus, _SERVICE, "GetSecrets", "aoo", (items[:1], session))
    _, parameters, value, _ = secrets[items[0]]  # a locked item is not among them
    return None if parameters else bytes(value).decode("utf-8")


def _connect(address: str, deadline: float) -> DBusConnection:
    from jeepney.bus import get_bus
    from jeepney.io.blocking import DBusConnection, prep_socket

    def left() -> float:
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError
        return remaining

    class Connection(DBusConnection):  # type: ignore[misc]  # jeepney has no types
        """A connection whose every wait ends at the deadline, also in the constructor."""

        def receive(self, *, timeout: float | None = None) -> Any:  # noqa: ARG002
            return super().receive(timeout=left())

    socket = prep_socket(get_bus(address), timeout=left())
    try:
        socket.settimeout(left())  # for sending to a bus that no longer reads
        return Connection(socket)
    except BaseException:
        socket.close()
        raise


def _call(bus: DBusConnection, target: tuple[str, str], method: str, signature: str, body: tuple[Any, ...]) -> Any:
    from jeepney import DBusAddress, MessageType, new_method_call

    address = DBusAddress(target[0], bus_name=_NAME, interface=target[1])
    reply = bus.send_and_get_reply(new_method_call(address, method, signature, body))
    if reply.header.message_type is not MessageType.method_return:
        raise RuntimeError(method)
    return reply.body
