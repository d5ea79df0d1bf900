"""The hosts whose secrets `auth import` stores: a .netrc also has the secrets of git and curl."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from authpip.cli.configured_indexes import named_indexes
from authpip.config.host_patterns import host_matches
from authpip.config.settings import Settings
from authpip.core.errors import UsageError
from authpip.core.index import RefusedURL, parse_scope


class NamedHosts(NamedTuple):
    """patterns: host names and *.wildcards that pip's configuration, a rule, a .pypirc or the command line names."""

    patterns: frozenset[str]

    def why_not(self, target: str) -> str:
        """Why a secret for this URL or wildcard is not stored; "" if its host is named."""
        if target.startswith("*"):
            host = target
            is_named = host in self.patterns or any(host_matches(host, name) for name in self.patterns)
        else:
            host = parse_scope(target).host
            is_named = any(host_matches(pattern, host) for pattern in self.patterns)
        why = "no pip configuration, rule or .pypirc names this host"
        return "" if is_named else f"{why}; to store it anyway, type: authpip auth import {host}"


def named_hosts(
    given: Sequence[str], settings: Settings, environ: Mapping[str, str], kinds: Sequence[str]
) -> NamedHosts:
    """The hosts whose secrets are stored. Raises UsageError for a word that is neither a host nor one of `kinds`."""
    from authpip.cli.import_files import find, servers

    patterns = {_host(word, kinds) for word in given}
    patterns |= {one.index.scope.host for one in named_indexes(settings, environ, "authpip")}
    for rule in settings.rules:
        patterns |= set(rule.hosts)
    patterns |= set(servers(environ)) | {parse_scope(found.target).host for found in find("pip", environ)}
    return NamedHosts(frozenset(patterns))


def _host(word: str, kinds: Sequence[str]) -> str:
    if word.startswith("*."):
        return word.lower()
    try:
        host = parse_scope(word if "://" in word else f"https://{word}/").host
    except RefusedURL as reason:
        raise UsageError("this host is refused", str(reason), "type: authpip auth import --help") from None
    if "." in host or ":" in host or host == "localhost":
        return host
    raise UsageError(f"{word} is not a host", "", f"give a host name, or one of {', '.join(kinds)}, keyringrc")
