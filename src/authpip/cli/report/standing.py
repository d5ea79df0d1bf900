"""Whether each stored login, rule and cloud identity works: behind `auth status`."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from authpip.cli.pypi_token import is_upload
from authpip.cli.report.check import ask, check
from authpip.cli.report.diagnosis import Diagnosis, judge
from authpip.cli.report.explanation import Entry, Explanation, explain, explain_urls
from authpip.config.settings import Rule
from authpip.core.credential import Credential
from authpip.core.errors import AuthpipError, CredentialError
from authpip.core.index import Index, parse_scope
from authpip.core.redaction import shown_url, visible
from authpip.launcher.plan import Plan
from authpip.launcher.which_pip import Pip
from authpip.providers import keyring
from authpip.providers.chain import Answer
from authpip.providers.services import as_sent
from authpip.storage import logins
from authpip.storage.keyring_client import KeyringCall
from authpip.storage.logins import Login

CLOUDS = frozenset({"google", "aws", "azure", "oidc"})
_AT_ONCE = 8  # logins that are tried at the same time


class Standing(NamedTuple):
    """One line. kind: "login", "rule" or "identity". subject: its URL, host patterns or name; never a secret."""

    kind: str
    subject: str
    verdict: Diagnosis


def standings(pip: Pip, environ: Mapping[str, str]) -> list[Standing]:
    """The state of all logins, rules and identities. Raises AuthpipError if settings or logins cannot be read."""
    found = explain(pip, ["install"], environ)
    if found.plan is None:
        return []
    return [
        *_of_logins(found.plan, environ),
        *_of_rules(pip, found.plan.settings.rules, environ),
        *_of_identities(found, environ),
    ]


def _of_logins(plan: Plan, environ: Mapping[str, str]) -> Iterator[Standing]:
    stored = logins.load(environ)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        verdicts = list(pool.map(lambda login: _of_login(login, plan, environ), stored))
    for login, verdict in zip(stored, verdicts, strict=True):
        name = f" ({login.name})" if login.name else ""
        yield Standing("login", visible(f"{login.url} as {login.username}{name}"), verdict)


def _of_login(login: Login, plan: Plan, environ: Mapping[str, str]) -> Diagnosis:
    if login.expires is not None and login.expires <= time.time():
        return Diagnosis("expired", None, "its token has expired", visible(f"type: authpip auth login {login.url}"))
    try:
        secret = keyring.secret_of(login, KeyringCall(environ, time.monotonic() + plan.settings.timeout))
    except CredentialError as error:
        return _unusable(error)
    if login.is_wildcard:
        return Diagnosis("unknown", None, "its secret is stored; a wildcard names no index to ask")
    scope = parse_scope(login.url)
    if is_upload(scope):
        return Diagnosis("unknown", None, "its secret is stored; only an upload can try it")
    credential = Credential(login.username, secret, keyring.NAME, login.username, login.scheme, login.expires)
    answer = Answer(Index(login.url, scope, "auth login"), as_sent(credential, scope))
    return judge(ask(answer, plan, environ), answer)


def _of_rules(pip: Pip, rules: tuple[Rule, ...], environ: Mapping[str, str]) -> Iterator[Standing]:
    asked = [rule for rule in rules if rule.scope]
    found = explain_urls(pip, [str(rule.scope) for rule in asked], environ)
    verdicts = {entry.configured.value: verdict for entry, verdict in _checked(found, environ)}
    for rule in rules:
        place = str(rule.scope) if rule.scope else ", ".join(rule.hosts)
        many = Diagnosis("unknown", None, "it names hosts, and no index to ask")
        yield Standing("rule", visible(f"{rule.name!r} for {place}"), verdicts.get(place, many))


def _of_identities(found: Explanation, environ: Mapping[str, str]) -> Iterator[Standing]:
    entries = [entry for entry in found.entries if _is_identity(entry)]
    for entry, verdict in _checked(found._replace(entries=entries), environ):
        provider = entry.answer.tried[-1][0] if entry.answer else ""
        yield Standing("identity", f"{provider} for {shown_url(entry.configured.value)}", verdict)


def _is_identity(entry: Entry) -> bool:
    """True if a cloud's provider decided, and no rule, which has its own line, applies."""
    answer = entry.answer
    return bool(
        answer and answer.rule is None and answer.tried and answer.tried[-1][0] in CLOUDS and _is_decided(entry)
    )


def _is_decided(entry: Entry) -> bool:
    return entry.state in {"credential", "no-credential"}


def _checked(found: Explanation, environ: Mapping[str, str]) -> Iterator[tuple[Entry, Diagnosis]]:
    for entry, verdict in check(found, environ):
        error = entry.answer.error if entry.answer else None
        if verdict is not None:
            yield entry, _unusable(error) if error and entry.state == "no-credential" else verdict


def _unusable(error: AuthpipError) -> Diagnosis:
    return Diagnosis("no-credential", None, visible(error.why or error.what), visible(error.remedy))
