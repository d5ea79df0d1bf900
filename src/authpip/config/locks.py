"""Apply the site's locks: the user's settings that contradict a locked setting are left out and reported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os.path import dirname
from typing import TYPE_CHECKING

from authpip.config.precedence import overlap
from authpip.config.rule_variables import replacing
from authpip.config.schema import INDEX_KEYS, PLACE_KEYS, PROVIDER_KEYS
from authpip.config.settings import Overruled, Rule
from authpip.files.user_dirs import fixed_site_config_dir

if TYPE_CHECKING:
    from authpip.config.document import Document

_ASK = "take it out, or ask whoever keeps the site's file"


def unlocked(from_variables: Sequence[Rule], documents: Sequence[Document]) -> tuple[tuple[Rule, ...], list[Overruled]]:
    """(the rules that count, in order; the rules that are left out because a locked rule matches the same URLs)."""
    locked: list[Rule] = []
    kept: dict[str, list[Rule]] = {}
    overruled: list[Overruled] = []
    for document in _strongest_first(documents):
        kept[document.path], refused = _without_locked_places(document.rules, locked)
        locked += kept[document.path] if "rules" in document.locked else []
        overruled += refused
    from_variables, refused = _without_locked_places(from_variables, locked)
    rules = (*from_variables, *(rule for document in documents for rule in kept[document.path]))
    return rules, refused + overruled


def overruled_variables(rules: Sequence[Rule], environ: Mapping[str, str]) -> list[Overruled]:
    """The variables that try to replace a key of a locked rule. Variables may set its user name and password."""
    keys = [key for key in INDEX_KEYS if key not in {*PLACE_KEYS, "username"}]
    return [
        Overruled(name, name, f"the site's rule {rule.name!r} ({rule.configured_in}) is locked", "unset it")
        for rule in rules
        if rule.locked
        for name in replacing(rule.variable_prefix, environ, keys, PROVIDER_KEYS)
    ]


def locked_first(documents: Sequence[Document], key: str) -> tuple[list[Document], list[Overruled]]:
    """(the documents, first the one that locks this key; the settings of other documents that differ from it)."""
    lock = next(document for document in _strongest_first(documents) if key in document.locked)
    others = [document for document in documents if document is not lock]
    why = f"the site has locked it ({lock.places[key]})"
    differing = [document for document in others if getattr(document, key) != getattr(lock, key)]
    return [lock, *others], [Overruled(document.places[key], key, why, _ASK) for document in differing]


def _strongest_first(documents: Sequence[Document]) -> list[Document]:
    """The documents with locks, first those in the fixed directory of the site, then the others in their order."""
    fixed = fixed_site_config_dir()
    return sorted(documents, key=lambda document: (not document.locked, dirname(document.path) != fixed))


def _without_locked_places(rules: Sequence[Rule], locked: Sequence[Rule]) -> tuple[list[Rule], list[Overruled]]:
    kept, overruled = [], []
    for rule in rules:
        lock = next((one for one in locked if overlap(one, rule)), None)
        if lock is None:
            kept.append(rule)
            continue
        place = lock.scope or ", ".join(lock.hosts)
        why = f"the site's rule {lock.name!r} ({lock.configured_in}) speaks of {place} and is locked"
        overruled.append(Overruled(rule.configured_in, f"the rule {rule.name!r}", why, _ASK, rule))
    return kept, overruled
