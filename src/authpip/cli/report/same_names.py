"""Find packages that a private and an open index both have: for `auth check`, which asks the indexes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from authpip.cli.report.as_text import NOTE, Row
from authpip.config.package_patterns import closest
from authpip.core.redaction import shown_url
from authpip.core.text_forms import project_name
from authpip.launcher.plan import Plan
from authpip.network.http_get import Network
from authpip.network.project_page import read
from authpip.providers.chain import Answer

MOST = 50
"""The most names to look up: each takes one request to each index."""


class SameName(NamedTuple):
    """One project. private, open: the URLs of the indexes that have it."""

    name: str
    private: tuple[str, ...]
    open: tuple[str, ...]

    def __repr__(self) -> str:
        """Without the URLs, which may hold a password."""
        return f"SameName({self.name!r})"


def same_names(plan: Plan, answers: Sequence[Answer], environ: Mapping[str, str]) -> list[SameName]:
    """The projects in the command that no rule names in packages, and that a private and an open index both have."""
    inv = plan.invocation
    network = Network(environ, inv.proxy, inv.cert, inv.client_cert, inv.trusted_hosts)
    private = [answer for answer in answers if answer.credential]
    others = [answer for answer in answers if not answer.credential and not answer.error]
    names = [name for name in map(project_name, inv.names) if not closest(plan.settings.rules, name)]
    found = []
    for name in names[:MOST] if private and others else []:
        sides = [tuple(_that_have(name, side, network)) for side in (private, others)]
        if all(sides):
            found.append(SameName(name, *sides))
    return found


def rows(found: Sequence[SameName], plan: Plan | None) -> Iterator[Row]:
    """A warning for each project, and a note if not all were looked up."""
    if plan and len(plan.invocation.names) > MOST:
        yield Row("names", f"only the first {MOST} packages that no rule names were looked up", NOTE)
    for one in found:
        places = ", ".join(map(shown_url, (*one.private, *one.open)))
        yield Row("warning", f"{one.name} is on more than one index: {places}; pip takes the highest version", NOTE)
        yield Row("remedy", f'add packages = ["{one.name}"] to the rule of the index that it is to come from', NOTE)


def as_json(found: Sequence[SameName]) -> list[dict[str, Any]]:
    """[{"name", "private": [URLs], "open": [URLs]}]."""
    return [
        {"name": one.name, "private": [*map(shown_url, one.private)], "open": [*map(shown_url, one.open)]}
        for one in found
    ]


def _that_have(name: str, answers: Sequence[Answer], network: Network) -> Iterator[str]:
    """The URLs of the indexes that list files of this project; an index that cannot be read is left out."""
    import http.client

    for answer in answers:
        try:
            if read(answer.index, name, answer.credential, network):
                yield answer.index.url
        except (OSError, ValueError, http.client.HTTPException):
            continue
