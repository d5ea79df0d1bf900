"""The settings of config.toml and AUTHPIP_* variables as values. Nothing in them is from a project (P6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from authpip.config.builds import Builds
from authpip.config.host_patterns import host_matches
from authpip.config.rule_variables import PREFIX, letters
from authpip.config.site import AuditTrail
from authpip.core.errors import UsageError
from authpip.core.index import Scope

if TYPE_CHECKING:
    from authpip.discovery.model import Setting


class Match(NamedTuple):
    """How closely a rule matches an index; the greater one wins. length: of the URL's path or of the host pattern."""

    by_url: bool = False
    exact_host: bool = False
    length: int = 0


class Rule(NamedTuple):
    """One `[[index]]` of a configuration file, or the AUTHPIP_INDEX_<NAME>_URL of an environment.

    scope or hosts say what it matches. provider: the only one to ask (None: the whole chain).
    authenticate: "always", "auto" or "never". scheme: "basic" or "bearer". links: which files that the index's pages
    link to get its credential, "same-origin" or "same-path". options: the provider tables,
    {"aws": {"profile": "build"}}. configured_in: "…/config.toml:12" or the variable's name.

    packages: normalised names and patterns ("corp-*") that come from this index and from nowhere else. required: an
    answer other than 200 or 404 ends the run; None: not set. index_only: a pip command that uses this index may use
    only indexes that a rule names. locked: the site has locked this rule, so no setting of the user replaces it.
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
    locked: bool = False

    def match(self, scope: Scope) -> Match | None:
        """How closely the rule matches this index; None where it does not."""
        if self.scope is not None:
            return Match(by_url=True, length=len(self.scope.path)) if self.scope.covers(scope) else None
        matching = [pattern for pattern in self.hosts if host_matches(pattern, scope.host)]
        closest = [Match(exact_host=not pattern.startswith("*"), length=len(pattern)) for pattern in matching]
        return max(closest, default=None)

    @property
    def is_required(self) -> bool:
        """True if no other index may answer in place of this one; by default, if it must have a credential."""
        return self.authenticate == "always" if self.required is None else self.required

    @property
    def variable_prefix(self) -> str:
        """The beginning of the names of this rule's variables, AUTHPIP_INDEX_<NAME>_."""
        return variable_prefix(self.name)


def variable_prefix(name: str) -> str:
    """AUTHPIP_INDEX_<NAME>_ for the name of a rule."""
    return f"{PREFIX}{letters(name)}_"


class Overruled(NamedTuple):
    """A setting of the user that is not used, because the site has locked it. rule: the rule that is not used."""

    configured_in: str
    what: str
    why: str
    remedy: str
    rule: Rule | None = None

    @property
    def problem(self) -> UsageError:
        """The message, which names both places."""
        where = self.configured_in if self.what in self.configured_in else f"{self.configured_in}: {self.what}"
        return UsageError(f"{where} is not used", self.why, self.remedy)


class Settings(NamedTuple):
    """All settings of the user. timeout: seconds for one provider. storage: "keyring" or "file".

    strategy: "best-match" (pip's own) or "first-index". confusion: "error", "warn" or "ignore". pip: indexes for a pip
    whose own configuration names none. overruled: what the user set and the site has locked.
    """

    rules: tuple[Rule, ...] = ()
    timeout: float = 30.0
    storage: str = "keyring"
    files: tuple[str, ...] = ()
    strategy: str = "best-match"
    confusion: str = "warn"
    builds: Builds = Builds()
    pip: tuple[Setting, ...] = ()
    audit: AuditTrail | None = None
    overruled: tuple[Overruled, ...] = ()

    def rule_for(self, scope: Scope) -> Rule | None:
        """The rule that matches best: the longest URL, then an exact host, then the longest wildcard;
        of two alike the first (the user's file comes before the site's, variables before both)."""
        matching = [(match, rule) for rule in self.rules if (match := rule.match(scope))]
        return max(matching, key=lambda pair: pair[0], default=(None, None))[1]
