"""Which rule answers for an index."""

from __future__ import annotations

import pytest

from authpip.config.settings import Rule, Settings
from authpip.core.index import parse_scope


def url_rule(url: str) -> Rule:
    return Rule(url, "config.toml:1", scope=parse_scope(url))


def hosts_rule(*hosts: str) -> Rule:
    return Rule(",".join(hosts), "config.toml:1", hosts=hosts)


@pytest.mark.parametrize(
    ("rules", "url", "wanted"),
    [
        ([("*.example.com", "exact.other.org"), ("*.team.example.com",)], "https://pkg.team.example.com/", 1),
        ([("*.example.com", "exact.other.org"), ("x.example.com",)], "https://x.example.com/", 1),
        ([("*.example.com", "a-very-long-name.other.org"), ("*.b.example.com",)], "https://a.b.example.com/", 1),
        ([("*.example.com",), ("*.example.com",)], "https://a.example.com/", 0),
        ([("*.example.com", "x.example.com"), ("*.example.com",)], "https://x.example.com/", 0),
    ],
)
def test_the_pattern_that_matches_ranks_the_rule(rules: list[tuple[str, ...]], url: str, wanted: int) -> None:
    """P1: a rule with several hosts is ranked by the one that matches, not by its longest one: an exact host before a
    wildcard, a longer wildcard before a shorter one, of equals the first."""
    settings = Settings(tuple(hosts_rule(*hosts) for hosts in rules))
    assert settings.rule_for(parse_scope(url)) is settings.rules[wanted]


def test_a_url_wins_over_a_host() -> None:
    """A rule for a URL wins over one for its host, and the longest path over a shorter one."""
    rules = (hosts_rule("a.example"), url_rule("https://a.example/"), url_rule("https://a.example/team/"))
    settings = Settings(rules)
    assert settings.rule_for(parse_scope("https://a.example/team/simple/")) is rules[2]
    assert settings.rule_for(parse_scope("https://a.example/simple/")) is rules[1]
    assert settings.rule_for(parse_scope("https://b.example/")) is None
