"""Send a request to each index of an explanation, all at once: the work behind `auth check`."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from threading import Thread
from typing import Any, NamedTuple

from authpip.cli.report.diagnosis import Diagnosis, judge, unaskable, unasked
from authpip.cli.report.explanation import Entry, Explanation, to_json
from authpip.core.console import spinner
from authpip.core.errors import CredentialError
from authpip.core.index import Index, parse_scope
from authpip.launcher.plan import Plan
from authpip.network.http_get import Network
from authpip.network.probe import ProbeResult, probe
from authpip.programs.search_path import avoiding
from authpip.providers.chain import Answer, resolve

DEADLINE = 45.0  # seconds for all indexes together
STEP = 15.0  # seconds for one step of one request; AUTHPIP_TIMEOUT may be less


class CheckedEntry(NamedTuple):
    """An entry with the credential that was used last. verdict: None for a local path."""

    entry: Entry
    verdict: Diagnosis | None


def check(explanation: Explanation, environ: Mapping[str, str]) -> list[CheckedEntry]:
    """A diagnosis for each entry, in their order. An index that does not answer within DEADLINE counts as a timeout."""
    plan = explanation.plan
    if plan is None:
        return []
    late = Diagnosis("timeout", None, f"no answer came in {DEADLINE:.0f} s", "check the network, or the proxy")
    found = [CheckedEntry(entry, late if entry.answer else None) for entry in explanation.entries]

    def work(number: int) -> None:
        found[number] = _checked(found[number].entry, plan, environ)

    # Daemon threads: one that hangs must not keep the process alive after the deadline.
    threads = [Thread(target=work, args=(number,), daemon=True) for number in range(len(found))]
    deadline = time.monotonic() + DEADLINE
    with spinner("authpip: asking the indexes"):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
    return list(found)


def all_good(checked: Sequence[CheckedEntry]) -> bool:
    """True if no index fails."""
    return all(verdict is None or verdict.is_good for _, verdict in checked)


def check_json(explanation: Explanation, checked: Sequence[CheckedEntry], environ: Mapping[str, str]) -> dict[str, Any]:
    """The JSON of explain with "ok" (no index fails).

    Each index also has "answer", {"verdict", "status", "why", "remedy"} or null for a local path, and "job_token" if a
    rule exchanges one.
    """
    document = to_json(explanation._replace(entries=[entry for entry, _ in checked]))
    for described, (entry, verdict) in zip(document["indexes"], checked, strict=True):
        keys = ("verdict", "status", "why", "remedy")
        described["answer"] = dict(zip(keys, verdict, strict=True)) if verdict else None
        if found := job_token(entry, explanation, environ):
            described["job_token"] = found
    return {**document, "ok": all_good(checked)}


def job_token(entry: Entry, explanation: Explanation, environ: Mapping[str, str]) -> dict[str, str]:
    """{"issuer", "subject", "audience"} of the CI job's token that the rule of this index exchanges; {} without one."""
    from authpip.providers import oidc
    from authpip.providers.base import Request

    answer, plan = entry.answer, explanation.plan
    if answer is None or plan is None:
        return {}
    deadline = time.monotonic() + plan.settings.timeout
    request = Request(answer.index, plan.settings, environ, deadline, rule=answer.rule)
    try:
        return oidc.job_token(request) if oidc.owns(request) else {}
    except CredentialError:
        return {}  # the entry's own error says why there is none


def _checked(entry: Entry, plan: Plan, environ: Mapping[str, str]) -> CheckedEntry:
    answer = entry.answer
    if answer is None:
        return CheckedEntry(entry, None)
    if entry.state == "no-credential":
        return CheckedEntry(entry, unasked(answer))
    if answer.credential and answer.credential.scheme == "s3":
        return CheckedEntry(entry, unaskable())
    outcome = ask(answer, plan, environ)
    if outcome.is_rejected and not outcome.url:
        # As in a run of pip: the cached token is deleted, and the providers are asked once more.
        again = _fresh(answer, plan, environ)
        if again is not None:
            answer, outcome = again, ask(again, plan, environ)
    if outcome.is_rejected and outcome.url:
        outcome = _asked_there(outcome, plan, environ)
    if entry.kind != "index":
        outcome = outcome._replace(page="")  # a page of links, or a file
    return CheckedEntry(entry._replace(answer=answer), judge(outcome, answer))


def _asked_there(outcome: ProbeResult, plan: Plan, environ: Mapping[str, str]) -> ProbeResult:
    """The result of the redirect's target with its own credential, as in pip; without one, the same result."""
    target = parse_scope(outcome.url)
    [there] = resolve([Index(str(target), target, "redirect")], plan.settings, avoiding(environ, plan.targets))
    return outcome if there.credential is None else ask(there, plan, environ)._replace(url=outcome.url)


def ask(answer: Answer, plan: Plan, environ: Mapping[str, str]) -> ProbeResult:
    """The result of a request to one index with the credential of its answer, by pip's proxy and certificates."""
    said = plan.invocation
    patience = min(STEP, plan.settings.timeout)
    network = Network(environ, said.proxy, said.cert, said.client_cert, said.trusted_hosts, patience)
    return probe(answer.index.scope, answer.credential, network, url=answer.index.url, roam=True)


def _fresh(answer: Answer, plan: Plan, environ: Mapping[str, str]) -> Answer | None:
    """An answer with another credential than the rejected one; None if there is no other."""
    old = answer.credential
    if answer.authenticate == "never" or (old and old.provider == "url"):
        return None
    [again] = resolve([answer.index], plan.settings, avoiding(environ, plan.targets), fresh=True)
    new = again.credential
    if new is None or (old and (old.username, old.secret) == (new.username, new.secret)):
        return None
    return again
