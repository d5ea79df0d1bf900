"""The user's rules: config.toml and AUTHPIP_* variables. Never anything from a project (P6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from authpip.config.builds import Builds
from authpip.config.host_patterns import host_matches
from authpip.config.rule_variables import PREFIX, letters
from authpip.core.index import Scope


class Match(NamedTuple):
    """How closely a rule matches an index; the greater one wins. length: of the URL's path or the host pattern."""

    by_url: bool = False
    exact_host: bool = False
    length: int = 0


class Rule(NamedTuple):
    """One `[[index]]` of a configuration file, or the AUTHPIP_INDEX_<NAME>_URL of an environment.

    scope or hosts say what it matches. provider: the only one to ask (None: the whole chain).
    authenticate: "always", "auto" or "never". scheme: "basic" or "bearer". links: where files that its pages
    link to may lie, to get its credential: "same-origin" or "same-path". options: the provider tables,
    {"aws": {"profile": "build"}}. configured_in: "…/config.toml:12" or the variable's name.

    packages: normalised names and patterns ("corp-*") that come from this index and from nowhere else. required: an
    answer other than 200 or 404 ends the run; None: not said. index_only: a pip command that uses this index may use
    no index that no rule names.
    """

    name: str
    configured_in: str
    scope: Scope | None = None
    hosts: tuple[str, ...] = ()
    provider: str | None = None
    username: str | None = None
    authenticate: str = "always"
    allow_http: bool = False
    scheme: str = "basic"
    links: str = "same-origin"
    options: Mapping[str, Mapping[str, str]] = {}
    packages: tuple[str, ...] = ()
    required: bool | None = None
    index_only: bool = False

    def match(self, scope: Scope) -> Match | None:
        """How closely the rule matches this index; None where it does not."""
        if self.scope is not None:
            return Match(by_url=True, length=len(self.scope.path)) if self.scope.covers(scope) else None
        matching = [pattern for pattern in self.hosts if host_matches(pattern, scope.host)]
        closest = [Match(exact_host=not pattern.startswith("*"), length=len(pattern)) for pattern in matching]
        return max(closest, default=None)

    @property
    def is_required(self) -> bool:
        """True where no other index may answer in place of this one: by default where it must have a credential."""
        return self.authenticate == "always" if self.required is None else self.required

    @property
    def variable_prefix(self) -> str:
        """AUTHPIP_INDEX_<NAME>_, as the variables that belong to this rule begin."""
        return variable_prefix(self.name)


def variable_prefix(name: str) -> str:
    """AUTHPIP_INDEX_<NAME>_ of a rule's name."""
    return f"{PREFIX}{letters(name)}_"


class Settings(NamedTuple):
    """All that the user configured. timeout: seconds for one provider. storage: "keyring" or "file".

    strategy: "best-match" (pip's own) or "first-index". confusion: "error", "warn" or "ignore".
    """

    rules: tuple[Rule, ...] = ()
    timeout: float = 30.0
    storage: str = "keyring"
    files: tuple[str, ...] = ()
    strategy: str = "best-match"
    confusion: str = "warn"
    builds: Builds = Builds()

    def rule_for(self, scope: Scope) -> Rule | None:
        """The rule that matches best: the longest URL, then an exact host, then the longest wildcard;
        of two alike the first (the user's file comes before the site's, variables before both)."""
        matching = [(match, rule) for rule in self.rules if (match := rule.match(scope))]
        return max(matching, key=lambda pair: pair[0], default=(None, None))[1]
