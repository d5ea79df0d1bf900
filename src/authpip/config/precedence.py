"""Which of several rules counts if they match the same URL, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from authpip.config.host_patterns import host_matches
from authpip.config.settings import Rule


class Stronger(NamedTuple):
    """A rule that counts before another rule if both match, and why."""

    rule: Rule
    why: str


def overlap(one: Rule, other: Rule) -> bool:
    """True if both rules match some URL."""
    if one.scope and other.scope:
        return one.scope.covers(other.scope) or other.scope.covers(one.scope)
    hosts = [(rule.scope.host,) if rule.scope else rule.hosts for rule in (one, other)]
    return any(_hosts_overlap(here, there) for here in hosts[0] for there in hosts[1])


def stronger(rule: Rule, rules: Sequence[Rule]) -> list[Stronger]:
    """The rules that count before this rule for some URL, in order. Settings.rule_for makes the same choice."""
    found = []
    for number, other in enumerate(rules):
        if other is not rule and overlap(rule, other):
            why = _why(other, rule, comes_first=number < rules.index(rule))
            found += [Stronger(other, why)] if why else []
    return found


def _why(other: Rule, rule: Rule, *, comes_first: bool) -> str:
    """Why `other` counts before `rule`; "" if it does not."""
    if other.scope and rule.scope:
        if other.scope == rule.scope:
            return "it is read first" if comes_first else ""
        return "its URL is longer" if rule.scope.covers(other.scope) else ""
    if other.scope or rule.scope:
        return "it names a URL" if other.scope else ""
    return _why_by_hosts(other, rule, comes_first=comes_first)


def _why_by_hosts(other: Rule, rule: Rule, *, comes_first: bool) -> str:
    pairs = [(here, there) for here in other.hosts for there in rule.hosts if _hosts_overlap(here, there)]
    if any(not here.startswith("*") and there.startswith("*") for here, there in pairs):
        return "it names the host itself"
    if any(len(here) > len(there) and there.startswith("*") for here, there in pairs):
        return "its wildcard is longer"
    return "it is read first" if comes_first and any(here == there for here, there in pairs) else ""


def _hosts_overlap(one: str, other: str) -> bool:
    """True if two hosts or patterns match some host. Two wildcards do if one is below the other or they are equal."""
    if one == other:
        return True
    if one.startswith("*.") and other.startswith("*."):
        return one.endswith(other[1:]) or other.endswith(one[1:])
    return host_matches(one, other) or host_matches(other, one)
