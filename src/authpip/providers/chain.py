"""Ask the providers, in order, for each index of a pip command; all indexes at the same time, with one deadline.

After None (*not mine*) the next provider is asked; after an error (*mine but broken*) no other provider is (P9).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from authpip import providers
from authpip.config.settings import Rule, Settings
from authpip.core.console import timed
from authpip.core.credential import Credential
from authpip.core.errors import AuthpipError, CredentialError, CredentialNotFoundError
from authpip.core.index import Index, Scope
from authpip.core.tool_variables import own
from authpip.providers.base import Provider, Request

WHOLE_DEADLINE = 60.0  # seconds for all indexes of one invocation (P11)


class Answer(NamedTuple):
    """The result for one index.

    credential: the credential to send, or None. authenticate: "always", "auto" or "never", as it applies to this
    index. error: why there is no credential. tried: (provider, outcome) in the order of the questions.
    """

    index: Index  # type: ignore[assignment]  # shadows tuple.index, which nobody calls here
    credential: Credential | None = None
    rule: Rule | None = None
    authenticate: str = "auto"
    error: AuthpipError | None = None
    tried: tuple[tuple[str, str], ...] = ()

    @property
    def is_managed(self) -> bool:
        """True if authpip decides which credential is sent; else pip works as without authpip."""
        return self.credential is not None or self.authenticate == "never"


def resolve(
    indexes: Sequence[Index],
    settings: Settings,
    environ: Mapping[str, str],
    *,
    inline: Mapping[Scope, Credential] | None = None,
    fresh: bool = False,
    interactive: bool = False,
) -> list[Answer]:
    """One Answer for each index, in order. The error of an index is in its answer and is not raised."""
    now = time.monotonic()
    deadline = now + min(settings.timeout, WHOLE_DEADLINE)
    environ = own(environ)
    requests = [
        Request(
            index=index,
            settings=settings,
            environ=environ,
            deadline=deadline,
            rule=settings.rule_for(index.scope),
            inline=(inline or {}).get(index.scope),
            fresh=fresh,
            interactive=interactive,
        )
        for index in indexes
    ]
    return _side_by_side([lambda request=request: _answer(request) for request in requests])  # type: ignore[misc]


def _answer(request: Request) -> Answer:
    rule = request.rule
    answer = Answer(request.index, rule=rule, authenticate=rule.authenticate if rule else "auto")
    if answer.authenticate == "never" and request.inline is None:
        return answer._replace(tried=(("rule", f"{rule.name if rule else ''}: never"),))
    tried: list[tuple[str, str]] = []
    try:
        for provider in _order(request):
            if rule is None and provider.owns(request):
                answer = answer._replace(authenticate="always")
            with timed(f"{request.index.scope}: {provider.NAME}") as outcome:
                credential = provider.find(request)
                outcome.append("answers" if credential else "not mine")
            tried.append((provider.NAME, outcome[0]))
            if credential:
                credential = _as_sent(request, credential)
                return answer._replace(credential=credential, authenticate="always", tried=tuple(tried))
    except AuthpipError as error:
        owned = rule.authenticate if rule else "always"
        tried.append((provider.NAME, str(error)))
        return answer._replace(authenticate=owned, error=error, tried=tuple(tried))
    missing = _not_found(request) if answer.authenticate == "always" else None
    return answer._replace(error=missing, tried=tuple(tried))


def _order(request: Request) -> Sequence[Provider]:
    """All providers in order; for a rule with `provider`: the URL, this provider, then the rule's own variables."""
    if request.rule is None or request.rule.provider is None:
        return providers.PROVIDERS
    if request.rule.provider == "none":
        return ()
    also = ("foreign",) if request.rule.provider == "keyring" else ()
    wanted = ("url", request.rule.provider, *also, "env")
    return [providers.by_name(name) for name in dict.fromkeys(wanted)]


def _as_sent(request: Request, credential: Credential) -> Credential:
    _check(request, credential)
    if credential.username not in {"", "__token__", "token"}:
        return credential
    from authpip.providers.services import as_sent

    return as_sent(credential, request.index.scope)


def _check(request: Request, credential: Credential) -> None:
    """Raise CredentialError for plain http (P2), and for what a header cannot carry (RFC 7617, RFC 6750; F20)."""
    scope, rule = request.index.scope, request.rule
    allowed = (rule and rule.allow_http) or credential.provider == "keyring"  # `auth login --allow-http` stored it
    if scope.is_plain_http and not allowed:
        raise CredentialError(
            f"not sending a credential to {scope}",
            "it is plain http, readable on the way",
            "use https, or set `allow-http = true` in a rule for this index",
        )
    if credential.scheme == "basic" and ":" in credential.username:
        raise CredentialError(
            f"the user name for {scope} has a colon in it",
            "Basic authentication cannot carry one",
            f"correct it in {credential.provider}",
        )
    if wrong := credential.unsendable():
        what = f"the credential for {scope} cannot be sent"
        raise CredentialError(what, wrong, f"correct it in {credential.provider}")


def _not_found(request: Request) -> CredentialNotFoundError:
    scope, rule = request.index.scope, request.rule
    why = f"the rule {rule.name!r} ({rule.configured_in}) requires one" if rule else "it needs one"
    variable = f", set {rule.variable_prefix}PASSWORD" if rule else ""
    return CredentialNotFoundError(
        f"no credential for {scope} ({request.index.configured_in})",
        f"{why}, and no provider has it",
        f"run `authpip auth login {request.index.url}`{variable}, or see `authpip auth explain`",
    )


def _side_by_side(work: Sequence[Callable[[], Answer]]) -> list[Answer]:
    """The results in order. Several pieces of work run at the same time, each in a thread."""
    if len(work) < 2:
        return [piece() for piece in work]
    from threading import Thread

    results: list[Answer | BaseException] = [RuntimeError("not run")] * len(work)

    def run(number: int) -> None:
        try:
            results[number] = work[number]()
        except BaseException as error:  # noqa: BLE001 (raised again in the caller's thread)
            results[number] = error

    threads = [Thread(target=run, args=(number,), daemon=True) for number in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if isinstance(result, Answer)]
