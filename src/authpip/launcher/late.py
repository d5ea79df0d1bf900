"""What a running pip asks: `auth helper late`, the other end of inside_pip's private pipe.

One JSON question on stdin, {"uri", "fresh"}; one JSON answer on stdout, as inside_pip/wire.py says. Messages
for the user go to stderr, which is pip's own.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from authpip.config.loading import load_settings
from authpip.config.settings import Settings
from authpip.core.console import say
from authpip.core.errors import UsageError
from authpip.core.index import Index, RefusedURL, parse_scope, split_userinfo
from authpip.providers.chain import Answer, resolve
from authpip.storage.logins import best, load

LONGEST_QUESTION = 64 * 1024  # bytes
PAGES = "/simple/"  # PEP 503's name for the root of an index; what lies below it is one index


def run(environ: Mapping[str, str]) -> int:
    """Answer one question. Exit status 0 with an answer, 2 for a question that is none."""
    import json

    answer = reply(_question(sys.stdin.buffer.read(LONGEST_QUESTION)), environ)
    sys.stdout.write(json.dumps(answer))
    return 0


def reply(question: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """{"scope", "url", "place"}; {"error"} where a credential is called for and missing; {} for a refused URL."""
    settings = load_settings(environ)
    try:
        index = _index(question["uri"], settings, environ)
    except RefusedURL:
        return {}
    [answer] = resolve([index], settings, environ, fresh=bool(question.get("fresh")))
    if answer.error is not None:
        say(str(answer.error))
        if answer.authenticate == "always":
            return {"error": type(answer.error).__name__}
    return {"scope": list(answer.index.scope), "url": answer.index.url, "place": _place(answer)}


def _place(answer: Answer) -> str | list[str]:
    """The credential itself, "never", or "pip" where nothing is known, so that it need not be asked again."""
    found = answer.credential
    if found is None:
        return "never" if answer.authenticate == "never" else "pip"
    return [found.scheme, found.username, found.secret.expose(), found.provider, found.identity]


def _index(uri: str, settings: Settings, environ: Mapping[str, str]) -> Index:
    """The index that a URL deep inside it belongs to: the longest of PEP 503's root and what a rule or a login names.

    A user name in the URL is one that the user wrote there: no other identity may answer.
    """
    uri, username, _ = split_userinfo(uri)
    scope = parse_scope(uri)
    around = []
    if PAGES in scope.path:
        around.append(scope._replace(path=scope.path[: scope.path.index(PAGES) + len(PAGES)]))
    if (rule := settings.rule_for(scope)) and rule.scope:
        around.append(rule.scope)
    if (login := best(load(environ), scope)) and not login.is_wildcard:
        around.append(parse_scope(login.url))
    scope = max(around, key=lambda one: len(one.path), default=scope)
    return Index(str(scope), scope, "pip's request", username or None)


def _question(text: bytes) -> dict[str, Any]:
    import json

    try:
        question = json.loads(text)
        if isinstance(question, dict) and isinstance(question.get("uri"), str):
            return question
    except ValueError:
        pass
    raise UsageError("`auth helper late` was asked something that is no question", "", "it is for a running pip")
