"""Ask an index about a new login, before and after a person types the secret, and find the URL that is likely meant.

The verdicts are those of `auth check`. A credential is sent within the scope of its own URL only (P8).
"""

from __future__ import annotations

from authpip.cli.report.diagnosis import Diagnosis, judge
from authpip.core.console import spinner
from authpip.core.credential import Credential
from authpip.core.errors import CredentialError
from authpip.core.index import Index, Scope, parse_scope
from authpip.network import page_kind
from authpip.network.http_get import Network
from authpip.network.probe import ProbeResult, probe
from authpip.providers.chain import Answer

UNPROVED = "--no-verify stores it without asking the index"


class RejectedError(CredentialError):
    """The index rejects user name and secret (401); another secret may be accepted."""


class WrongURLError(CredentialError):
    """There is no index at this URL. likely: the URL of an index near it, or ""."""

    def __init__(self, what: str, why: str, remedy: str, likely: str = "") -> None:
        super().__init__(what, why, remedy)
        self.likely = likely


def look(scope: Scope, network: Network) -> bool:
    """Ask without a credential. True if the index answers with a page, so that no request can prove a login.

    Raises CredentialError if no login can be proved, WrongURLError if there is no index.
    """
    outcome = _ask(scope, None, network)
    if outcome.failure == "redirect" or outcome.page:
        raise _wrong_url(scope, outcome, None, network)
    if outcome.status in {403, 404}:  # an index may hide from requests without a login
        likely = _likely(scope, outcome, None, network)
        if likely:
            raise _wrong_url(scope, outcome, None, network, likely)
        return False
    if outcome.status not in {401, 405} and not outcome.is_welcome:
        raise _unproved(scope, judge(outcome, _answer(scope, None)))
    return outcome.is_welcome and outcome.status != 405


def prove(scope: Scope, credential: Credential, network: Network) -> None:
    """Ask with the credential. Raises RejectedError, WrongURLError, or CredentialError with the verdict of `check`."""
    outcome = _ask(scope, credential, network)
    if outcome.is_welcome:
        return
    whose = f" as {credential.identity}" if credential.identity else ""
    if outcome.status == 401 and not outcome.failure:
        raise RejectedError(f"{scope} refused this login{whose}", "it answered 401", "nothing was stored; try again")
    if outcome.failure == "redirect" or outcome.page or outcome.status in {403, 404}:
        raise _wrong_url(scope, outcome, credential, network)
    raise _unproved(scope, judge(outcome, _answer(scope, credential)))


def _wrong_url(
    scope: Scope, outcome: ProbeResult, credential: Credential | None, network: Network, likely: str = ""
) -> WrongURLError:
    likely = likely or _likely(scope, outcome, credential, network)
    verdict = judge(outcome, _answer(scope, credential))
    why = "it answered 403" if outcome.status == 403 else verdict.why
    remedy = verdict.remedy
    if likely:
        found = "" if outcome.failure else f"an index answers at {likely}; "
        remedy = f"{found}if you mean that index, type: authpip auth login {likely}"
    return WrongURLError(f"no login for {scope}", why, f"{remedy}; {UNPROVED}", likely)


def _unproved(scope: Scope, verdict: Diagnosis) -> CredentialError:
    remedy = f"{verdict.remedy or 'try again later'}; or store it unproved with --no-verify"
    return CredentialError(f"the login at {scope} could not be proved", verdict.why, remedy)


def _likely(scope: Scope, outcome: ProbeResult, credential: Credential | None, network: Network) -> str:
    """The URL of an index near this one: a redirect's target, the index of a project's page, or URL + simple/."""
    if outcome.failure:
        return outcome.url
    if outcome.page == page_kind.PROJECT:
        return page_kind.root_of(str(scope)) or ""
    if outcome.page == page_kind.SIGN_IN or scope.path.rstrip("/").endswith(page_kind.ENDS):
        return ""
    for end in page_kind.ENDS:
        near = parse_scope(f"{scope}{end}/")
        found = _ask(near, credential, network)
        if (found.is_welcome and found.status == 200) or (found.status == 401 and credential is None):
            return str(near)
    return ""


def _ask(scope: Scope, credential: Credential | None, network: Network) -> ProbeResult:
    with spinner("authpip: asking the index"):
        return probe(scope, credential, network)


def _answer(scope: Scope, credential: Credential | None) -> Answer:
    return Answer(Index(str(scope), scope, "auth login"), credential)
