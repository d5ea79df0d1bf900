"""The handoff: the variables `_AUTHPIP_HANDOFF` and more, which only the pip process gets and inside_pip reads.

The protocol is the docstring of inside_pip/handoff.py.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

from authpip import providers
from authpip.config.settings import Rule, Settings
from authpip.core.credential import Credential
from authpip.core.index import Index
from authpip.core.tool_variables import own
from authpip.programs.search_path import TARGETS
from authpip.providers.chain import Answer
from authpip.storage.logins import Login

VARIABLE = "_AUTHPIP_HANDOFF"
PADS = "_AUTHPIP_PADS"
INHERITED = (VARIABLE, PADS, "_AUTHPIP_BROKER", "_AUTHPIP_SITE")  # beginnings of names that only authpip may set
VERSION = 2
_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
INSIDE_PIP = os.path.join(_PACKAGE, "inside_pip", "__main__.py")
OWN_MAIN = os.path.join(_PACKAGE, "__main__.py")
LONGEST = 30_000 if os.name == "nt" else 72_000  # bytes of text in one variable; Linux: 128 KiB a string, in base64
OWN_PREFIX = "AUTHPIP_INDEX_"
# With these Python would import other modules before inside_pip's code runs; inside_pip restores them (python(1)).
START_UP = ("PYTHONPATH", "PYTHONWARNINGS", "PYTHONPYCACHEPREFIX")


def encode(
    answers: Sequence[Answer],
    settings: Settings,
    logins: Sequence[Login],
    environ: Mapping[str, str],
    *,
    command: str = "",
) -> dict[str, str]:
    """The variables for the environment of this pip, in two halves (see `sealed`). command: pip's, "install"."""
    import json

    told = message(answers, settings, logins, environ, command=command)
    return sealed(json.dumps(told, separators=(",", ":")))


def message(
    answers: Sequence[Answer],
    settings: Settings,
    logins: Sequence[Login],
    environ: Mapping[str, str],
    *,
    command: str = "",
) -> dict[str, object]:
    """The handoff's JSON object, as inside_pip/handoff.py describes it."""
    table: dict[tuple[str | bool, ...], int] = {}
    scopes = [[*answer.index.scope, _url(answer.index), _decision(answer, table), _links(answer)] for answer in answers]
    return {
        "v": VERSION,
        "credentials": [list(fields) for fields in table],
        "scopes": scopes,
        "rules": [_rule(rule) for rule in settings.rules],
        "strategy": settings.strategy,
        "logins": sorted({login.url for login in logins}),
        "clouds": [pattern for provider in providers.PROVIDERS for pattern in provider.HOSTS],
        "helper": [sys.executable, "-I", OWN_MAIN, "auth", "helper", "late", *filter(None, [command])],
        "sources": {name: environ[name] for name in sorted(secret_variables(own(environ), settings))},
        "hide": settings.builds.hidden(environ),
        "python": {name: environ[name] for name in START_UP if name in environ},
    }


def sealed(text: str) -> dict[str, str]:
    """The variables that carry a text in two halves (inside_pip/handoff.py).

    The variables are useless without the pads, and the pads are in sockets that only the next program in this process
    inherits. On Windows, where a child does not inherit sockets, the variables hold the text itself.
    """
    content = text.encode()
    pieces = [content[start : start + LONGEST] for start in range(0, len(content), LONGEST)]
    names = [VARIABLE + (f"_{number}" if number else "") for number in range(len(pieces))]
    if os.name == "nt":
        return {name: piece.decode("ascii") for name, piece in zip(names, pieces, strict=True)}
    pads = [os.urandom(len(piece)) for piece in pieces]
    halves = [_half(piece, pad) for piece, pad in zip(pieces, pads, strict=True)]
    descriptors = ",".join(str(_descriptor_with(pad)) for pad in pads)
    return {**dict(zip(names, halves, strict=True)), PADS: descriptors}


def late_answer(answer: Answer) -> dict[str, object]:
    """The answer to a running pip's question about one index (`auth helper late`)."""
    credential = answer.credential
    decision = list(_fields(credential)) if credential else _without_credential(answer)
    return {"scope": list(answer.index.scope), "url": answer.index.url, "decision": decision, "links": _links(answer)}


def secret_variables(environ: Mapping[str, str], settings: Settings) -> set[str]:
    """The set variables that a rule names or a provider may read, with AUTHPIP_INDEX_*.

    pip and its builds must not inherit them, whichever indexes this command uses.
    """
    return {name for name in environ if name.startswith((OWN_PREFIX, TARGETS))} | (
        named_variables(settings) & set(environ)
    )


def named_variables(settings: Settings) -> set[str]:
    """The variables that a rule names or a provider may read, whether they are set or not."""
    by_provider = {name for provider in providers.PROVIDERS for name in provider.SOURCE_VARIABLES}
    by_rule = (provider.source_variables(rule) for provider in providers.PROVIDERS for rule in settings.rules)
    return by_provider.union(*by_rule)


def without_secrets(environ: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """The environment for pip: without `secret_variables`, and without the variables of an inherited handoff."""
    gone = secret_variables(environ, settings)
    return {name: value for name, value in environ.items() if name not in gone and not name.startswith(INHERITED)}


def _rule(rule: Rule) -> dict[str, object]:
    """The parts of a rule that a running pip needs: its URL or hosts, and what it allows there."""
    place: dict[str, object] = {"url": str(rule.scope)} if rule.scope else {"hosts": list(rule.hosts)}
    return {
        "name": rule.name,
        "configured_in": rule.configured_in,
        **place,
        "allow-http": rule.allow_http,
        "packages": list(rule.packages),
        "required": rule.is_required,
        "index-only": rule.index_only,
        "locked": rule.locked,
    }


def _url(index: Index) -> str:
    """The index URL with the user name that the user wrote into it: a fresh credential must be for that user."""
    if not index.username:
        return index.url
    from urllib.parse import quote

    start = index.url.index("://") + 3
    return f"{index.url[:start]}{quote(index.username, safe='')}@{index.url[start:]}"


def _decision(answer: Answer, table: dict[tuple[str | bool, ...], int]) -> int | str:
    """The number of the credential in `table`, which several scopes may share; or "never" or "unmanaged"."""
    if answer.credential is None:
        return _without_credential(answer)
    return table.setdefault(_fields(answer.credential), len(table))


def _without_credential(answer: Answer) -> str:
    return "never" if answer.authenticate == "never" else "unmanaged"


def _fields(credential: Credential) -> tuple[str | bool, ...]:
    secret = credential.secret.expose()
    identity = credential.identity if secret else ""  # https://TOKEN:@host: the user name is the secret
    return credential.scheme, credential.username, secret, credential.provider, identity, credential.cached


def _links(answer: Answer) -> str:
    return answer.rule.links if answer.rule else "same-origin"


def _half(piece: bytes, pad: bytes) -> str:
    from base64 import b64encode

    number = int.from_bytes(piece, "big") ^ int.from_bytes(pad, "big")
    return b64encode(number.to_bytes(len(piece), "big")).decode("ascii")


def _descriptor_with(pad: bytes) -> int:
    """The reading end of a socket pair, with the pad in its buffer; the next program inherits it."""
    import socket

    writing, reading = socket.socketpair()
    with writing:
        writing.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * len(pad) + 4096)
        reading.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2 * len(pad) + 4096)
        writing.settimeout(1.0)
        writing.sendall(pad)
    reading.set_inheritable(True)
    return _above_standard_streams(reading.detach())


def _above_standard_streams(descriptor: int) -> int:
    """The descriptor, or a copy above 2: a stdin, stdout or stderr that is closed must stay closed for pip."""
    if descriptor > 2:
        return descriptor
    import fcntl

    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD, 3)
    os.close(descriptor)
    return moved
