"""What goes with the pip process alone: `_AUTHPIP_HANDOFF`, written here, read by inside_pip.

The protocol is the docstring of inside_pip/wire.py.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

from authpip import providers
from authpip.config.settings import Rule, Settings
from authpip.core.index import Index
from authpip.providers.chain import Answer
from authpip.storage.logins import Login

VARIABLE = "_AUTHPIP_HANDOFF"
VERSION = 1
_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
INSIDE_PIP = os.path.join(_PACKAGE, "inside_pip", "__main__.py")
OWN_MAIN = os.path.join(_PACKAGE, "__main__.py")
LONGEST = 30_000 if os.name == "nt" else 100_000  # Windows: 32,767 characters; Linux: 128 KiB a string
OWN_PREFIX = "AUTHPIP_INDEX_"


def encode(
    answers: Sequence[Answer], settings: Settings, logins: Sequence[Login], environ: Mapping[str, str]
) -> dict[str, str]:
    """The variables for the environment of that one pip: JSON, cut to what one variable can hold."""
    import json

    table: dict[tuple[str, ...], int] = {}
    scopes = [[*answer.index.scope, _url(answer.index), _place(answer, table)] for answer in answers]
    message = {
        "v": VERSION,
        "credentials": [list(fields) for fields in table],
        "scopes": scopes,
        "rules": [_rule(rule) for rule in settings.rules],
        "logins": sorted({login.url for login in logins}),
        "clouds": [pattern for provider in providers.PROVIDERS for pattern in provider.HOSTS],
        "helper": [sys.executable, "-I", OWN_MAIN, "auth", "helper", "late"],
        "sources": {name: environ[name] for name in sorted(source_names(environ, answers))},
    }
    return cut(json.dumps(message, separators=(",", ":")))


def cut(text: str) -> dict[str, str]:
    """The text as _AUTHPIP_HANDOFF, _AUTHPIP_HANDOFF_1, …: each of at most LONGEST characters."""
    pieces = [text[start : start + LONGEST] for start in range(0, len(text), LONGEST)]
    return {VARIABLE + (f"_{number}" if number else ""): piece for number, piece in enumerate(pieces)}


def source_names(environ: Mapping[str, str], answers: Sequence[Answer]) -> set[str]:
    """Variables that held a secret of ours: AUTHPIP_INDEX_*, those of the providers that answered, of the rules."""
    names = {name for name in environ if name.startswith(OWN_PREFIX)}
    answered = {answer.credential.provider for answer in answers if answer.credential}
    for provider in providers.PROVIDERS:
        if provider.NAME in answered:
            names.update(provider.SOURCE_VARIABLES)
        for answer in answers:
            names.update(provider.source_variables(answer.rule) if answer.rule else ())
    return names & set(environ)


def possible_sources(settings: Settings) -> set[str]:
    """Variables that may turn out to be `source_names`, before anybody has answered."""
    by_provider = {name for provider in providers.PROVIDERS for name in provider.SOURCE_VARIABLES}
    named = (provider.source_variables(rule) for provider in providers.PROVIDERS for rule in settings.rules)
    return by_provider.union(*named)


def without_sources(environ: Mapping[str, str], answers: Sequence[Answer]) -> dict[str, str]:
    """The environment for pip: its children must not find there what authpip has used."""
    names = source_names(environ, answers)
    return {name: value for name, value in environ.items() if name not in names}


def _rule(rule: Rule) -> dict[str, object]:
    """What pip's side has to know of a rule: what it speaks of, and what it allows there."""
    place: dict[str, object] = {"url": str(rule.scope)} if rule.scope else {"hosts": list(rule.hosts)}
    allowed = {"links": rule.links, "allow-http": rule.allow_http}
    return {"name": rule.name, "configured_in": rule.configured_in, **place, **allowed}


def _url(index: Index) -> str:
    """The index URL, with the user name that the user wrote into it: a fresh credential must be that one's."""
    if not index.username:
        return index.url
    from urllib.parse import quote

    start = index.url.index("://") + 3
    return f"{index.url[:start]}{quote(index.username, safe='')}@{index.url[start:]}"


def _place(answer: Answer, table: dict[tuple[str, ...], int]) -> int | str:
    """The number of its credential, which several scopes may share; or "never", or "pip" (pip's own affair)."""
    credential = answer.credential
    if credential is None:
        return "never" if answer.authenticate == "never" else "pip"
    fields = (
        credential.scheme,
        credential.username,
        credential.secret.expose(),
        credential.provider,
        credential.identity,
    )
    return table.setdefault(fields, len(table))
