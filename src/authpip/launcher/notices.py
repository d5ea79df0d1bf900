"""Notices about settings without effect, at most once a day: a rule that matches no index, a variable that nothing
reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from authpip.config.settings import Rule, Settings
from authpip.config.unread_variables import OURS, unread_variables
from authpip.core.console import say
from authpip.core.errors import UsageError
from authpip.core.index import Index
from authpip.files import once_a_day

REMEDY = "pip asks it only where --index-url, PIP_INDEX_URL or pip.conf names it"


def tell(indexes: Sequence[Index], settings: Settings, environ: Mapping[str, str]) -> None:
    """Print each notice that was not printed today. indexes: all that this command uses."""
    if not settings.rules and not any(name.startswith(OURS) for name in environ):
        return
    for problem in (*unmatched(indexes, settings, environ), *unread_variables(environ, settings)):
        if once_a_day.is_new_today(str(problem), environ):
            say(str(problem))


def unmatched(indexes: Sequence[Index], settings: Settings, environ: Mapping[str, str]) -> Iterator[UsageError]:
    """A notice for each rule that matches no index of this command, nor of an earlier one on this machine."""
    matching = [settings.rule_for(index.scope) for index in indexes] if settings.rules else []
    for rule in settings.rules if indexes else ():
        if rule in matching:
            once_a_day.note(_mark(rule), environ)
        elif is_unmatched(rule, environ):
            yield UsageError(f"rule {rule.name} matches no index of this command", rule.configured_in, REMEDY)


def is_unmatched(rule: Rule, environ: Mapping[str, str]) -> bool:
    """True for a rule about pip's indexes that has matched no index of any command on this machine."""
    return _is_for_reading(rule) and not once_a_day.has_happened(_mark(rule), environ)


def _is_for_reading(rule: Rule) -> bool:
    """False for a rule that has an effect without matching an index: it names packages, or says never."""
    return not rule.packages and rule.authenticate != "never"


def _mark(rule: Rule) -> str:
    return f"rule {rule.name} {rule.scope or ' '.join(rule.hosts)}"
