"""`authpip auth helper get`: the credential-helper protocol of Bazel and EngFlow, for other tools.

{"uri": …} on stdin, {"headers": {"Authorization": […]}, "expires": RFC 3339} on stdout; {"headers": {}} for a URI
that needs none (github.com/EngFlow/credential-helper-spec). `late` is for a pip that authpip has started.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from authpip.cli.arguments import Parser
from authpip.config.loading import load_settings
from authpip.core.credential import Credential
from authpip.core.errors import CredentialError, UsageError
from authpip.core.index import Index, RefusedURL, parse_scope
from authpip.core.question import read_question
from authpip.providers.chain import resolve
from authpip.storage.audit_trail import record

LONGEST = 64 * 1024  # bytes


def run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Answer one question. Raises UsageError if it is malformed, CredentialError if there is no credential."""
    if arguments[:1] == ["late"]:
        from authpip.launcher.late import run as late

        return late(environ, *arguments[1:2])
    parser = Parser("helper", 'The credential-helper protocol: {"uri"} on stdin, {"headers", "expires"} on stdout.')
    parser.add_argument("word", choices=["get"], help="the only command of the protocol")
    parser.parse(arguments)
    print(json.dumps(_answer(read_question(sys.stdin.buffer, LONGEST)["uri"], environ)))
    return 0


def _answer(uri: str, environ: Mapping[str, str]) -> dict[str, Any]:
    try:
        scope = parse_scope(uri)
    except RefusedURL as error:
        raise UsageError("this URI is refused", str(error)) from None
    settings = load_settings(environ)
    [answer] = resolve([Index(str(scope), scope, "auth helper get")], settings, environ)
    if answer.error:
        raise answer.error
    if answer.credential and answer.credential.scheme == "s3":
        raise CredentialError(f"there is no header for {scope}", "a key for S3 signs each request", "use pip")
    if answer.credential is None:
        return {"headers": {}}
    record(settings, [(answer.index.url, answer.credential)], "auth helper get")
    return _headers(answer.credential)


def _headers(credential: Credential) -> dict[str, Any]:
    found: dict[str, Any] = {"headers": {"Authorization": [credential.authorization().expose()]}}
    if credential.expires is not None:
        found["expires"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(credential.expires))
    return found
