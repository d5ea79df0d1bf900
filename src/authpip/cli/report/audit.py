"""Installed distributions that came from elsewhere than the index that a rule names: the work behind `auth audit`.

pip notes a direct URL (PEP 610), but not from which index a file came. So each distribution is compared with what the
index lists: whether it has that version, and whether the hash of its METADATA (PEP 714) is the installed one.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any, NamedTuple

from authpip.config.package_patterns import closest
from authpip.config.settings import Rule, Settings
from authpip.core.credential import Credential
from authpip.core.errors import AuthpipError
from authpip.core.index import Index, RefusedURL, is_index_url, parse_scope
from authpip.core.redaction import shown_url, visible
from authpip.core.text_forms import project_name
from authpip.network.http_get import Network, pip_network
from authpip.network.project_page import File, read
from authpip.providers.chain import resolve

_BEST_FIRST = ("same", "unknown", "elsewhere")
_UNPROVED = "the index has this version, and lists no hash of its metadata to compare"


class Finding(NamedTuple):
    """One distribution that a rule speaks of. verdict: "same", "elsewhere" or "unknown"; why: of the latter two."""

    name: str
    version: str
    rule: Rule
    verdict: str
    why: str = ""


class Audit(NamedTuple):
    """What is to be said of an environment. unread: why a rule's index could not be read, by where the rule stands."""

    findings: list[Finding]
    unread: dict[str, str]

    @property
    def is_clean(self) -> bool:
        """True where nothing came from elsewhere."""
        return all(one.verdict != "elsewhere" for one in self.findings)


class Question(NamedTuple):
    """One distribution and one rule. credential: for the rule's index, or why there is none."""

    distribution: Distribution
    name: str
    rule: Rule
    credential: Credential | AuthpipError | None
    is_routed: bool


def audit(site: Path, settings: Settings, environ: Mapping[str, str]) -> Audit:
    """A Finding for each distribution in a site-packages directory that a rule names, or whose index has it."""
    network, found = pip_network(environ), Audit([], {})
    credentials = _credentials([rule for rule in settings.rules if rule.scope], settings, environ)
    for distribution in sorted(distributions(path=[str(site)]), key=lambda one: project_name(one.name)):
        name = project_name(distribution.name)
        routed = closest(settings.rules, name)
        rules = routed or [rule for rule in settings.rules if rule.scope]
        asked = (
            Question(distribution, name, rule, credentials.get(rule.configured_in), is_routed=bool(routed))
            for rule in rules
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
    """What is to be said of one distribution and one rule; None where the rule does not speak of it.

    unread: takes the rules whose index cannot be read; an index that failed is not asked again.
    """
    distribution, rule = question.distribution, question.rule
    found = Finding(question.name, distribution.version, rule, "same")
    direct = _direct_url(distribution)
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
    """What the rule's index lists for the project. Raises AuthpipError where it cannot be asked."""
    import http.client

    rule, scope = question.rule, question.rule.scope
    if isinstance(question.credential, AuthpipError):
        raise question.credential
    if scope is None:
        return None
    try:
        return read(Index(str(scope), scope, rule.configured_in), question.name, question.credential, network)
    except (OSError, ValueError, LookupError, TypeError, http.client.HTTPException) as error:
        why = str(error) or type(error).__name__
        raise AuthpipError(f"{scope} could not be read", why, "see `authpip auth check`") from None


def _difference(files: tuple[File, ...] | None, distribution: Distribution) -> str:
    """Why this distribution cannot be one of these files; "" where it can."""
    if files is None:
        return "the index does not have this package"
    same = _of_version(files, distribution.version)
    if not same:
        return f"the index does not have version {distribution.version}"
    listed, own = {file.metadata for file in same}, _metadata_hash(distribution)
    if own and "" not in listed and own not in listed:
        return "its metadata is not that of any file on the index"
    return ""


def _is_proved(files: tuple[File, ...], distribution: Distribution) -> bool:
    """True where the index lists the very metadata that is installed."""
    own = _metadata_hash(distribution)
    return own != "" and own in {file.metadata for file in _of_version(files, distribution.version)}


def _of_version(files: tuple[File, ...], version: str) -> list[File]:
    from packaging.utils import canonicalize_version

    return [file for file in files if file.version == canonicalize_version(version)]


def _metadata_hash(distribution: Distribution) -> str:
    """The sha256 of METADATA as RECORD has it, in hexadecimal; "" where it has none."""
    for file in distribution.files or ():
        if file.name == "METADATA" and file.parent.name.endswith(".dist-info") and file.hash:
            value = file.hash.value
            return urlsafe_b64decode(value + "=" * (-len(value) % 4)).hex() if file.hash.mode == "sha256" else ""
    return ""


def _direct_url(distribution: Distribution) -> str | None:
    """The URL of direct_url.json (PEP 610); None where it was installed by name."""
    text = distribution.read_text("direct_url.json")
    if text is None:
        return None
    try:
        return str(json.loads(text)["url"])
    except (ValueError, LookupError, TypeError):
        return "a direct URL that cannot be read"


def _is_inside(url: str, rule: Rule) -> bool:
    try:
        return is_index_url(url) and rule.scope is not None and rule.scope.covers(parse_scope(url))
    except RefusedURL:
        return False
