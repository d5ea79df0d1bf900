"""Which index may serve a package, and why: for `auth explain --name`.

The JSON: [{"name": normalised, "why", "indexes": [URLs in the order in which pip asks them], "rule": {"name",
"configured_in"} or null}].
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from authpip.cli.report.as_text import BAD, HEAD, Row
from authpip.config.package_patterns import closest
from authpip.config.settings import Rule
from authpip.core.index import is_index_url
from authpip.core.redaction import shown_url, visible
from authpip.core.text_forms import project_name
from authpip.launcher.plan import Plan, to_index


class Choice(NamedTuple):
    """The indexes for one package. indexes: URLs; () if two rules name one each. is_pips_own: no rule decides."""

    name: str
    why: str
    indexes: tuple[str, ...]
    rule: Rule | None = None
    is_pips_own: bool = False

    def __repr__(self) -> str:
        """Without the URLs, which may hold a password."""
        return f"Choice({self.name!r}, {self.why!r})"


def choice(name: str, plan: Plan) -> Choice:
    """The choice that a running pip makes (inside_pip/routes.py)."""
    name = project_name(name)
    all_urls = [configured.value for configured in plan.invocation.indexes]
    rules = closest(plan.settings.rules, name)
    if len(rules) > 1:
        places = " and ".join(f"{rule.name!r} ({rule.configured_in})" for rule in rules)
        return Choice(name, f"two rules name an index for it: {places}", ())
    if rules:
        return Choice(name, f"the rule {rules[0].name!r} names it in packages", _of(rules[0], plan), rules[0])
    if plan.settings.strategy == "first-index":
        return Choice(name, "the first of these that has it (strategy)", (*all_urls[1:], *all_urls[:1]))
    return Choice(name, "the highest version on any of these (pip's own way)", tuple(all_urls), is_pips_own=True)


def rows(found: Sequence[Choice]) -> Iterator[Row]:
    """The rows about the choices."""
    for one in found:
        yield Row("", "")
        yield Row("", one.name, HEAD)
        yield Row("comes from", ", ".join(map(shown_url, one.indexes)) or "no index", "" if one.indexes else BAD)
        yield Row("why", visible(one.why))
        if one.rule:
            yield Row("rule", visible(f"{one.rule.name!r} ({one.rule.configured_in})"))


def as_json(found: Sequence[Choice]) -> list[dict[str, Any]]:
    """The JSON that the module's docstring describes."""
    return [
        {
            "name": one.name,
            "why": visible(one.why),
            "indexes": [shown_url(url) for url in one.indexes],
            "rule": {"name": one.rule.name, "configured_in": one.rule.configured_in} if one.rule else None,
        }
        for one in found
    ]


def _of(rule: Rule, plan: Plan) -> tuple[str, ...]:
    remote = [configured for configured in plan.invocation.indexes if is_index_url(configured.value)]
    inside = [one.value for one in remote if rule.scope and rule.scope.covers(to_index(one)[0].scope)]
    return tuple(inside) or (str(rule.scope),)
