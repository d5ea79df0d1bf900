"""`packages` of a rule: names of projects, and patterns with `*` ("corp-*"), as PEP 503 normalises them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from authpip.config.settings import Rule

_NAME = re.compile(r"[A-Za-z0-9*](?:[A-Za-z0-9._*-]*[A-Za-z0-9*])?")  # packaging.python.org: name normalization


def canonical(pattern: str) -> str:
    """The pattern in its normalised form. Raises ValueError, which says why, if it is not the name of a package."""
    if not _NAME.fullmatch(pattern):
        raise ValueError("it is not the name of a package")
    if not pattern.strip("*.-_"):
        raise ValueError("it is every package; write index-only = true for that")
    return re.sub(r"[-_.]+", "-", pattern).lower()


def closest(rules: Iterable[Rule], name: str) -> list[Rule]:
    """The rules that match this project most precisely: locked before unlocked rules, the name itself before a pattern,
    a longer before a shorter pattern.

    name: normalised. inside_pip/rules.py makes the same choice.
    """
    matching = [
        ((rule.locked, "*" not in pattern, len(pattern)), rule)
        for rule in rules
        for pattern in rule.packages
        if re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), name)
    ]
    best = max((match for match, _ in matching), default=None)
    return [rule for match, rule in matching if match == best]
