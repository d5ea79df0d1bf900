"""Hide what a ticket must not show: secrets, user names, the machine's name, and hosts that are not indexes."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterable, Iterator, Mapping

from authpip.core.complaints import secret_values
from authpip.files import user_dirs

_USER_VARIABLES = ("LOGNAME", "USER", "LNAME", "USERNAME", "SUDO_USER")
_HOST_VARIABLES = ("HOSTNAME", "COMPUTERNAME", "HOST")
_NO_NAMES = {"", "localhost"}


class Mask:
    """Shows HOME as ~, a user name as USER, this machine's name as HOST, that of a proxy as PROXY, a secret as ****."""

    def __init__(self, environ: Mapping[str, str], index_hosts: Iterable[str], proxy_hosts: Iterable[str]) -> None:
        self._kept = sorted({host for host in index_hosts if host}, key=len, reverse=True)
        proxies = {host: "PROXY" for host in proxy_hosts if host and host not in self._kept}
        hosts = dict.fromkeys(_host_names(environ), "HOST") | proxies
        users = dict.fromkeys(_user_names(environ), "USER")
        names = sorted((hosts | users).items(), key=lambda pair: len(pair[0]), reverse=True)
        self._rules = [(re.compile(re.escape(secret)), "****") for secret in _secrets(environ)]
        self._rules += [(re.compile(re.escape(home) + r"(?![\w.-])"), "~") for home in _homes(environ)]
        self._rules += [
            (re.compile(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", re.IGNORECASE), word)
            for name, word in names
        ]

    def apply(self, text: str) -> str:
        """The masked text. The hosts of indexes stay."""
        pieces = re.split("(" + "|".join(map(re.escape, self._kept)) + ")", text) if self._kept else [text]
        return "".join(piece if piece in self._kept else self._hidden(piece) for piece in pieces)

    def _hidden(self, text: str) -> str:
        for pattern, word in self._rules:
            text = pattern.sub(word, text)
        return text


def _secrets(environ: Mapping[str, str]) -> list[str]:
    """The values of variables that are named like secrets, but not AUTHPIP_… (for "auth") and paths such as PWD."""
    named = {name.removeprefix("AUTHPIP_"): value for name, value in environ.items()}
    return [value for value in secret_values(named) if not os.path.exists(value)]


def _homes(environ: Mapping[str, str]) -> list[str]:
    home = user_dirs.home(environ)
    found = {home, os.path.realpath(home), _account()[1]}
    return sorted((path.rstrip("/") for path in found if len(path.rstrip("/")) > 1), key=len, reverse=True)


def _user_names(environ: Mapping[str, str]) -> set[str]:
    named = {environ.get(name, "") for name in _USER_VARIABLES}
    return (named | {_account()[0]}) - _NO_NAMES


def _host_names(environ: Mapping[str, str]) -> Iterator[str]:
    for name in {socket.gethostname(), *(environ.get(variable, "") for variable in _HOST_VARIABLES)}:
        for each in (name, name.partition(".")[0]):
            if each.lower() not in _NO_NAMES:
                yield each


def _account() -> tuple[str, str]:
    """(name, home directory) of this process's user in the password database; empty if it has no entry."""
    if os.name == "nt":
        return "", ""
    import pwd

    try:
        entry = pwd.getpwuid(os.getuid())
    except KeyError:
        return "", ""
    return entry.pw_name, entry.pw_dir
