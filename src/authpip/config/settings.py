"""The user's rules: config.toml and AUTHPIP_* variables. Never anything from a project (P6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from authpip.core.index import Scope


class Rule(NamedTuple):
    """One `[[index]]` of a configuration file, or the AUTHPIP_INDEX_<NAME>_URL of an environment.

    scope or hosts say what it matches. provider: the only one to ask (None: the whole chain).
    authenticate: "always", "auto" or "never". scheme: "basic" or "bearer". options: the provider tables,
    {"aws": {"profile": "build"}}. origin: "…/config.toml:12" or the variable's name.
    """

    name: str
    origin: str
    scope: Scope | None = None
    hosts: tuple[str, ...] = ()
    provider: str | None = None
    username: str | None = None
    authenticate: str = "always"
    allow_http: bool = False
    scheme: str = "basic"
    options: Mapping[str, Mapping[str, str]] = {}

    def matches(self, scope: Scope) -> bool:
        """True where the rule speaks of this index."""
        if self.scope is not None:
            return self.scope.covers(scope)
        return any(host_matches(pattern, scope.host) for pattern in self.hosts)

    @property
    def variable_prefix(self) -> str:
        """AUTHPIP_INDEX_<NAME>_, as the variables that belong to this rule begin."""
        letters = "".join(c if c.isascii() and c.isalnum() else "_" for c in self.name.upper())
        return f"AUTHPIP_INDEX_{letters}_"


class Settings(NamedTuple):
    """All that the user configured. timeout: seconds for one provider. storage: "keyring" or "file"."""

    rules: tuple[Rule, ...] = ()
    timeout: float = 30.0
    storage: str = "keyring"
    files: tuple[str, ...] = ()

    def rule_for(self, scope: Scope) -> Rule | None:
        """The rule that matches best: the longest URL, then an exact host, then the longest wildcard;
        of two alike the first (the user's file comes before the site's, variables before both)."""
        matching = [rule for rule in self.rules if rule.matches(scope)]
        return max(matching, key=_precision, default=None)


def host_matches(pattern: str, host: str) -> bool:
    """`*.corp.example` matches whole labels below corp.example, never corp.example itself; others match whole."""
    if pattern.startswith("*."):
        return host.endswith(pattern[1:]) and len(host) > len(pattern) - 1
    return host == pattern


def _precision(rule: Rule) -> tuple[bool, int]:
    if rule.scope is not None:
        return True, len(rule.scope.path)
    return False, max(len(pattern) + 1000 * (not pattern.startswith("*")) for pattern in rule.hosts)
