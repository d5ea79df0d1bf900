"""What an index's answer means for pip, and what to do about it."""

from __future__ import annotations

from typing import NamedTuple

from authpip.core.index import Index, parse_scope
from authpip.core.redaction import shown_identity, shown_url, visible
from authpip.network import page_kind
from authpip.network.probe import ProbeResult
from authpip.providers import by_name
from authpip.providers.chain import Answer
from authpip.providers.services import service

_UPLOAD_403 = (
    "make a token for this project at Account settings → API tokens, then type: authpip auth login {url} --token-stdin"
)

_LOOK = "check the URL against what the index itself shows (it often ends in /simple/)"
_PAGES = {
    page_kind.SIGN_IN: (
        "it answers with a sign-in page for browsers",
        "ask its administrator for the URL and the token that pip needs",
    ),
    page_kind.PROJECT: ("it is the page of one project, not of an index", "leave out the project's name at its end"),
    page_kind.OTHER: ("it answers with a page that is not an index", _LOOK),
}


class Diagnosis(NamedTuple):
    """The result of asking one index.

    word: "ok", "unauthorized" (401), "forbidden" (403), "not-found" (404), "no-index" (a page that is not an index),
    "unexpected" (any other status), one of probe.ProbeResult's failures, "not-asked" (pip would not start), or
    "unknown" (pip alone can ask). status: HTTP's, None without an answer.
    """

    word: str
    status: int | None
    why: str
    remedy: str = ""

    @property
    def is_good(self) -> bool:
        """True if the index would let pip in, or may do so."""
        return self.word in {"ok", "unknown"}


def judge(outcome: ProbeResult, answer: Answer) -> Diagnosis:
    """The verdict on one answer of an index, asked with the credential of `answer`."""
    status = outcome.status
    if outcome.failure:
        return Diagnosis(outcome.failure, status, visible(outcome.why), visible(outcome.remedy))
    if outcome.url and outcome.is_rejected:
        return _elsewhere(outcome)
    if status == 401:
        return _unauthorized(answer)
    if status == 403:
        return _forbidden(answer)
    if status == 404:
        return _not_found(answer)
    if outcome.is_welcome:
        return Diagnosis("ok", status, f"it lets pip in {_as_whom(answer)}")
    if outcome.page:
        return Diagnosis("no-index", status, *_PAGES[outcome.page])
    if (status or 0) >= 500:
        return Diagnosis("unexpected", status, f"it answered {status}", "try again later, or ask its administrator")
    return Diagnosis("unexpected", status, f"it answered {status}", "check the URL, or ask its administrator")


def unasked(answer: Answer) -> Diagnosis:
    """The verdict if a required credential is missing."""
    remedy = answer.error.remedy if answer.error else ""
    return Diagnosis("not-asked", None, "its credential is missing, so pip would not start", visible(remedy))


def unaskable() -> Diagnosis:
    """The verdict on a bucket: only pip can ask it, because it signs the request for each file."""
    return Diagnosis("unknown", None, "requests to a bucket are signed inside pip, file by file", "try: pip download …")


def _unauthorized(answer: Answer) -> Diagnosis:
    credential, index = answer.credential, answer.index
    if answer.authenticate == "never":
        where = f"{answer.rule.name!r} ({answer.rule.configured_in})" if answer.rule else "for it"
        why = "it requires a credential, and the rule says never (401)"
        return Diagnosis("unauthorized", 401, why, f"change `authenticate` in the rule {where}")
    if credential is None:
        why = "it requires a credential, and no provider has one (401)"
        return Diagnosis("unauthorized", 401, why, _login(index))
    why = f"it rejects the credential {_of_whom(answer)} (401)"
    return Diagnosis("unauthorized", 401, why, credential.renew or _renewal(answer, credential.provider))


def _forbidden(answer: Answer) -> Diagnosis:
    if answer.credential is None:
        return Diagnosis("forbidden", 403, "it requires a login (403)", _login(answer.index))
    known = service(answer.index.scope)
    if known and known.name == "PyPI":
        why = (
            f"it refuses the token {_of_whom(answer)} (403): revoked, for another project, of an account that is not a "
            "maintainer, or the name is taken"
        )
        return Diagnosis("forbidden", 403, why, _UPLOAD_403.format(url=_typed(answer.index)))
    why = f"it knows the credential {_of_whom(answer)}, which may not use this index (403)"
    remedy = f"ask its administrator for the right to read it, or log in as another user: {_login(answer.index)}"
    return Diagnosis("forbidden", 403, why, remedy)


def _not_found(answer: Answer) -> Diagnosis:
    hint = "" if answer.credential else f"; if the index hides without a login, {_login(answer.index)}"
    return Diagnosis("not-found", 404, "there is no index at this path (404)", _LOOK + hint)


def _elsewhere(outcome: ProbeResult) -> Diagnosis:
    """The verdict on a redirect to another place that requires a credential."""
    target = shown_url(str(parse_scope(outcome.url)))
    word = "unauthorized" if outcome.status == 401 else "forbidden"
    why = f"it redirects to {target}, which requires a credential ({outcome.status})"
    return Diagnosis(word, outcome.status, why, f"if you trust it, type: authpip auth login {target}")


def _renewal(answer: Answer, name: str) -> str:
    """The provider's remedy for a rejected credential. name: of the provider."""
    index, rule = answer.index, answer.rule
    return by_name(name).RENEW.format(
        configured_in=visible(index.configured_in), prefix=rule.variable_prefix if rule else "", url=_typed(index)
    )


def _login(index: Index) -> str:
    return f"type: authpip auth login {_typed(index)}"


def _typed(index: Index) -> str:
    return visible(str(index.scope))


def _as_whom(answer: Answer) -> str:
    if answer.credential is None:
        return "without a credential"
    return f"as {shown_identity(answer.credential)}" if answer.credential.identity else "with its credential"


def _of_whom(answer: Answer) -> str:
    credential = answer.credential
    if credential is None:
        return ""
    who = f"of {shown_identity(credential)} " if credential.identity else ""
    return f"{who}from {credential.provider}"
