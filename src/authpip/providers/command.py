"""A program that the user's rule names: `[index.command] run = ["pass", "show", "corp"]`.

protocol = "plain" (the default): it prints the secret. protocol = "helper": the credential-helper protocol of
Bazel and EngFlow, `get` with {"uri"} on stdin, {"headers", "expires"} on stdout.
"""

from __future__ import annotations

import os
from typing import Any

from authpip.config.settings import Rule
from authpip.core.credential import Credential, Secret
from authpip.core.errors import CredentialError, UsageError
from authpip.core.text_forms import posix_seconds, variable_name
from authpip.programs import secret_output
from authpip.programs.environment import is_passed_on
from authpip.providers.base import NONE, Request

NAME = "command"
HOSTS = SOURCE_VARIABLES = NONE
OPTIONS = ("run", "protocol", "environment")
RENEW = "check what the command of the rule prints"


def find(request: Request) -> Credential | None:
    """The credential that the rule's program prints; None if the rule has no program. Raises CredentialError."""
    command, rule = request.option(NAME, "run"), request.rule
    if not command or rule is None:
        return None
    what = f"the command of the rule {rule.name!r} ({rule.configured_in})"
    argv = secret_output.words(command, what)
    names = map(variable_name, (request.option(NAME, "environment") or "").split())
    extra = {name: request.environ[name] for name in names if name in request.environ}
    protocol = request.option(NAME, "protocol") or "plain"
    if protocol == "helper":
        return _by_helper(argv, what, request, extra)
    if protocol != "plain":
        raise UsageError(
            f"protocol = {protocol!r} at {rule.configured_in} is not known", "", "write 'plain' or 'helper'"
        )
    secret = secret_output.secret(argv, request.environ, what, deadline=request.deadline, extra=extra)
    username = request.index.username or rule.username or "__token__"
    return Credential(username, secret, NAME, os.path.basename(argv[0]), scheme=rule.scheme)


def owns(request: Request) -> bool:
    """True if the rule names a program."""
    return request.option(NAME, "run") is not None


def source_variables(rule: Rule) -> tuple[str, ...]:
    """The variables that the rule passes to its program, without those that every helper gets."""
    names = map(variable_name, rule.options.get(NAME, {}).get("environment", "").split())
    return tuple(name for name in names if not is_passed_on(name))


def _by_helper(argv: list[str], what: str, request: Request, extra: dict[str, str]) -> Credential | None:
    import json

    question = json.dumps({"uri": request.index.url}).encode()
    stdout = secret_output.run_helper(
        [*argv, "get"], request.environ, what, deadline=request.deadline, input=question, extra=extra
    )
    try:
        answer = json.loads(stdout)
        headers = {name.lower(): values for name, values in answer["headers"].items()} if answer.get("headers") else {}
        value = _one(headers.get("authorization"))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise CredentialError(
            f"{what} gave no answer", 'it printed no {"headers": …} in JSON', "run it by hand"
        ) from None
    if not headers:
        return None
    credential = _from_header(value)
    if credential is None:
        raise CredentialError(f"{what} gave no answer", "it named no Basic or Bearer header", "run it by hand")
    return credential._replace(identity=os.path.basename(argv[0]), expires=posix_seconds(answer.get("expires")))


def _one(values: Any) -> str:
    """A header's only value: a list of one by the protocol, a text from some helpers; "" for anything else."""
    if isinstance(values, list) and len(values) == 1:
        return str(values[0])
    return values if isinstance(values, str) else ""


def _from_header(value: str) -> Credential | None:
    from base64 import b64decode

    scheme, _, rest = value.strip().partition(" ")
    if scheme.lower() == "bearer" and rest.strip().isascii() and rest.strip().isprintable() and rest.strip():
        return Credential("", Secret(rest.strip()), NAME, scheme="bearer")
    if scheme.lower() != "basic":
        return None
    try:
        username, colon, password = b64decode(rest.strip(), validate=True).decode("utf-8").partition(":")
    except ValueError:
        return None
    return Credential(username, Secret(password), NAME) if colon else None
