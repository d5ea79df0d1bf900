"""Answer a question of a running pip: `auth helper late`.

There is one JSON question, {"uri", "fresh", "sources"}, and one JSON answer, as inside_pip/handoff.py describes them;
they go through the socket of private_channel.py. No secret is in the environment or argv of this process. Messages go
to stderr, which is pip's.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from authpip.config.loading import load_settings
from authpip.config.settings import Settings
from authpip.core.console import say
from authpip.core.errors import CredentialError
from authpip.core.index import Index, RefusedURL, parse_scope, split_userinfo
from authpip.core.question import read_question
from authpip.launcher.handoff import late_answer
from authpip.launcher.private_channel import open_channel
from authpip.providers.chain import resolve
from authpip.storage.audit_trail import record
from authpip.storage.logins import best, load

LONGEST_QUESTION = 4 * 1024 * 1024  # bytes: the question holds every variable that providers read
PAGES = "/simple/"  # PEP 503's name for the root of an index; all URLs below it belong to one index


def run(environ: Mapping[str, str], command: str = "") -> int:
    """Answer one question; returns the exit status. command: pip's ("install"). Raises UsageError if malformed."""
    import json

    asked, told = open_channel()  # this process is protected by now (core/protection.py)
    question = read_question(asked, LONGEST_QUESTION)
    sources = question.get("sources")
    answer = reply(question, {**environ, **sources} if isinstance(sources, dict) else environ, command)
    with told:
        told.write(json.dumps(answer).encode())
    return 0


def reply(question: Mapping[str, Any], environ: Mapping[str, str], command: str = "") -> dict[str, Any]:
    """The answer in the form of handoff.late_answer; {"error"} if a required credential is missing; {} for a URL that
    authpip refuses."""
    settings = load_settings(environ)
    try:
        index = _index(question["uri"], settings, environ)
    except RefusedURL:
        return {}
    [answer] = resolve([index], settings, environ, fresh=bool(question.get("fresh")))
    if answer.credential:
        try:
            record(settings, [(answer.index.url, answer.credential)], command, pid=os.getppid())
        except CredentialError as error:
            answer = answer._replace(error=error, authenticate="always")
    if answer.error is not None:
        say(str(answer.error))
        if answer.authenticate == "always":
            return {"error": type(answer.error).__name__}
    return late_answer(answer)


def _index(uri: str, settings: Settings, environ: Mapping[str, str]) -> Index:
    """The index that a URL belongs to: the longest of PEP 503's root, the rule's URL and the login's URL.

    The user wrote a user name that is in the URL, so no other identity may answer.
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
