"""Find installed distributions that did not come from the index that a rule names: the work behind `auth audit`.

pip notes a direct URL (PEP 610), but not from which index a file came. So each distribution is compared with what the
index lists: whether it has that version, and whether the hash of its METADATA (PEP 714) is the installed one.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from authpip.cli.report.installed import Installed, installed
from authpip.config.package_patterns import closest
from authpip.config.settings import Rule, Settings
from authpip.core.credential import Credential
from authpip.core.errors import AuthpipError
from authpip.core.index import Index, RefusedURL, is_index_url, parse_scope
from authpip.core.redaction import shown_url, visible
from authpip.network.http_get import Network, pip_network
from authpip.network.project_page import File, read
from authpip.providers.chain import resolve

_BEST_FIRST = ("same", "unknown", "elsewhere")
_UNPROVED = "the index has this version, and lists no hash of its metadata to compare"


class Finding(NamedTuple):
    """One distribution that a rule applies to. verdict: "same", "elsewhere" or "unknown". why: for the latter two."""

    name: str
    version: str
    rule: Rule
    verdict: str
    why: str = ""


class Audit(NamedTuple):
    """The result for one environment. unread: why a rule's index could not be read, by the rule's configured_in."""

    findings: list[Finding]
    unread: dict[str, str]

    @property
    def is_clean(self) -> bool:
        """True if no distribution came from elsewhere."""
        return all(one.verdict != "elsewhere" for one in self.findings)


class Question(NamedTuple):
    """One distribution and one rule. credential: for the rule's index, or the error. is_routed: `packages` names it."""

    distribution: Installed
    rule: Rule
    credential: Credential | AuthpipError | None
    is_routed: bool


def audit(site: Path, settings: Settings, environ: Mapping[str, str]) -> Audit:
    """A Finding for each distribution in a site-packages directory that a rule names, or whose index has it."""
    network, found = pip_network(environ), Audit([], {})
    credentials = _credentials([rule for rule in settings.rules if rule.scope], settings, environ)
    for distribution in installed(site):
        routed = closest(settings.rules, distribution.name)
        rules = routed or [rule for rule in settings.rules if rule.scope]
        asked = (
            Question(distribution, rule, credentials.get(rule.configured_in), is_routed=bool(routed)) for rule in rules
        )
        findings = [one for question in asked if (one := _examine(question, network, found.unread)) is not None]
        found.findings.extend(sorted(findings, key=lambda one: _BEST_FIRST.index(one.verdict))[:1])
    return found


def as_json(found: Audit) -> dict[str, Any]:
    """{"ok", "packages": [{"name", "version", "rule": {"name", "configured_in"}, "verdict", "why"}],
    "unread": [{"configured_in", "why"}]}."""
    packages = [
        {
            "name": one.name,
            "version": one.version,
            "rule": {"name": one.rule.name, "configured_in": one.rule.configured_in},
            "verdict": one.verdict,
            "why": visible(one.why),
        }
        for one in found.findings
    ]
    unread = [{"configured_in": place, "why": visible(why)} for place, why in found.unread.items()]
    return {"ok": found.is_clean and not unread, "packages": packages, "unread": unread}


def _credentials(
    rules: list[Rule], settings: Settings, environ: Mapping[str, str]
) -> dict[str, Credential | AuthpipError | None]:
    indexes = [Index(str(rule.scope), rule.scope, rule.configured_in) for rule in rules if rule.scope]
    answers = resolve(indexes, settings, environ)
    return {rule.configured_in: answer.error or answer.credential for rule, answer in zip(rules, answers, strict=True)}


def _examine(question: Question, network: Network, unread: dict[str, str]) -> Finding | None:
    """The finding for one distribution and one rule; None if the rule does not apply to it.

    unread: a rule whose index cannot be read is added to it; an index that failed is not asked again.
    """
    distribution, rule = question.distribution, question.rule
    found = Finding(distribution.name, distribution.version, rule, "same")
    direct = distribution.direct_url
    if question.is_routed and direct is not None and not _is_inside(direct, rule):
        return found._replace(verdict="elsewhere", why=f"it was installed from {shown_url(direct)}")
    try:
        files = _files(question, network) if rule.configured_in not in unread else None
    except AuthpipError as error:
        unread[rule.configured_in] = str(error)
    if rule.configured_in in unread:
        why = unread[rule.configured_in]
        return found._replace(verdict="unknown", why=why) if question.is_routed else None
    if files is None and not question.is_routed:
        return None
    why = _difference(files, distribution)
    if why:
        return found._replace(verdict="elsewhere", why=why)
    return found if _is_proved(files or (), distribution) else found._replace(verdict="unknown", why=_UNPROVED)


def _files(question: Question, network: Network) -> tuple[File, ...] | None:
    """The files that the rule's index lists for the project. Raises AuthpipError if it cannot be read."""
    import http.client

    name, rule, scope = question.distribution.name, question.rule, question.rule.scope
    if isinstance(question.credential, AuthpipError):
        raise question.credential
    if scope is None:
        return None
    try:
        return read(Index(str(scope), scope, rule.configured_in), name, question.credential, network)
    except (OSError, ValueError, http.client.HTTPException) as error:
        why = str(error) or type(error).__name__
        raise AuthpipError(f"{scope} could not be read", why, "see `authpip auth check`") from None


def _difference(files: tuple[File, ...] | None, distribution: Installed) -> str:
    """Why this distribution cannot be one of these files; "" if it can."""
    if files is None:
        return "the index does not have this package"
    same = _of_version(files, distribution.version)
    if not same:
        return f"the index does not have version {distribution.version}"
    listed, own = {file.metadata for file in same}, distribution.metadata
    if own and "" not in listed and own not in listed:
        return "its metadata is not that of any file on the index"
    return ""


def _is_proved(files: tuple[File, ...], distribution: Installed) -> bool:
    """True if the index lists the hash of the installed metadata."""
    own = distribution.metadata
    return own != "" and own in {file.metadata for file in _of_version(files, distribution.version)}


def _of_version(files: tuple[File, ...], version: str) -> list[File]:
    from packaging.utils import canonicalize_version

    return [file for file in files if file.version == canonicalize_version(version)]


def _is_inside(url: str, rule: Rule) -> bool:
    try:
        return is_index_url(url) and rule.scope is not None and rule.scope.covers(parse_scope(url))
    except RefusedURL:
        return False
