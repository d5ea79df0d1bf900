"""What a token service's refusal means, by patterns that fit all clouds, and what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from authpip.core.errors import CredentialError
from authpip.providers.clouds.exchange.http import Answer
from authpip.providers.clouds.exchange.jwt import described

_AUDIENCE = "the audience of the token is not what it expects"
_SUBJECT = "it does not trust this subject"
_EXPIRED = "the token or the secret has expired"
_TIME = "the token is not valid at this time"
_DENIED = "it is denied"
_UNTRUSTED = (
    r"subject|not trusted|no matching|condition|unauthorized_client|IDPRejected|not authorized to perform|provider"
    r"|InvalidIdentityToken|claims?\b|mapping"
)
# (pattern, why, remedy); the first that matches counts. Codes come before words: Entra ID's sentence about a subject
# that it does not trust also has the words audience and issuer.
_KINDS = (
    (r"AADSTS700212\b", _AUDIENCE, "{audience}"),
    (r"AADSTS(?:70021|700211|700213|7002137|7002138|700016)\b", _SUBJECT, "{trust}"),
    (r"AADSTS7000215\b", "the secret is wrong", "{expired}"),
    (r"AADSTS7000222\b", _EXPIRED, "{expired}"),
    (r"AADSTS530\d\d\b", "the tenant's policy (conditional access) refuses it", "ask your Azure administrator"),
    (r"AADSTS700024\b", _TIME, "{clock}"),
    (
        r"invalid_target|full resource name",
        "it does not know the provider or audience that the exchange names",
        "{trust}",
    ),
    (r"identity not found|no (?:managed|user assigned) ", "there is no such identity here", "{trust}"),
    (r"audience|\baud\b", _AUDIENCE, "{audience}"),
    (r"not yet valid|future|\bnbf\b|\biat\b", _TIME, "{clock}"),
    (r"expired?\b|\bstale\b", _EXPIRED, "{expired}"),
    (_UNTRUSTED, _SUBJECT, "{trust}"),
)
_CLOCK = "set this machine's clock (NTP)"


class Exchange(NamedTuple):
    """One exchange, for messages. service: the cloud. identity: the kind of identity ("the GitHub Actions token").

    trust: the remedy if the service does not know this identity. audience, expired: the remedies for these reasons.
    """

    service: str
    identity: str
    trust: str
    audience: str = "correct audience in the rule's [index.oidc]"
    expired: str = "run the job again, or renew the secret"


def refused(exchange: Exchange, answer: Answer, token: str = "") -> CredentialError:
    """The error for an answer without a token. token: the one that was exchanged; the message shows its claims."""
    said = _said(answer)
    what = f"{exchange.service} did not accept {exchange.identity}"
    if answer.status == 429 or answer.status >= 500:
        return CredentialError(what, f"it answered {answer.status}", "try again in a few minutes")
    why, remedy = _meaning(exchange, answer, said)
    shown = described(token) if token else {}
    about = f" [issuer {shown['issuer']}, subject {shown['subject']}, audience {shown['audience']}]" if shown else ""
    return CredentialError(what, f"{why} ({answer.status}{f': {said}' if said else ''}){about}", remedy)


def required(options: Mapping[str, Any], *keys: str, exchange: str) -> tuple[str, ...]:
    """The values of the rule's keys. Raises CredentialError for the first that is missing."""
    for key in keys:
        if not options.get(key):
            what = f"exchange = {exchange!r} needs {key}"
            raise CredentialError(what, "the rule has no such key", f"set {key} in the rule's [index.oidc]")
    return tuple(str(options[key]) for key in keys)


def _meaning(exchange: Exchange, answer: Answer, said: str) -> tuple[str, str]:
    remedies = {"audience": exchange.audience, "clock": _CLOCK, "expired": exchange.expired, "trust": exchange.trust}
    if clock := answer.clock():
        return clock, _CLOCK
    for words, why, remedy in _KINDS:
        if re.search(words, said, re.IGNORECASE):
            return why, remedy.format_map(remedies)
    return _DENIED, exchange.trust


def _said(answer: Answer) -> str:
    """The service's own message, without anything that may be a token."""
    from authpip.core.complaints import complaint

    found: Any = answer.object()
    error = found.get("error")
    parts = [error if isinstance(error, str) else "", *(found.get(key) for key in ("error_description", "detail"))]
    parts += [error.get("message") if isinstance(error, dict) else "", found.get("message")]
    errors = found.get("errors")
    if isinstance(errors, list):
        parts += [one.get("message") or one.get("description") for one in errors if isinstance(one, dict)]
    if not found:
        parts = re.findall(r"<(?:Code|Message)>([^<]*)<", answer.body.decode("utf-8", "replace"))
    return complaint(": ".join(part for part in parts if isinstance(part, str) and part).replace("\n", " "))
