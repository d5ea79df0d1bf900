"""AUTHPIP_* variables that authpip does not read: misspelt, or of a rule that does not exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from authpip.config.rule_variables import PREFIX
from authpip.config.settings import Settings
from authpip.core.errors import UsageError

OURS = "AUTHPIP_"
_KNOWN = ("AUTH_FILE", "BUILDS_HIDE", "BUILD_SECRET", "CONFIG", "DEPTH", "DISABLE", "ID_TOKEN", "LOG", "TIMEOUT")


def unread_variables(environ: Mapping[str, str], settings: Settings) -> Iterator[UsageError]:
    """A problem for each such variable, by name. `rule_variables.unknown` checks the variables of existing rules."""
    prefixes = tuple(rule.variable_prefix for rule in settings.rules)
    for name in sorted(name for name in environ if name.startswith(OURS)):
        word = name[len(OURS) :]
        if name.startswith(PREFIX) and not name.startswith(prefixes):
            yield UsageError(name, "no rule has this name", _nearest_rule(name, prefixes))
        elif not name.startswith(PREFIX) and word not in _KNOWN:
            near = _nearest(word, _KNOWN)
            remedy = f"did you mean {OURS}{near[0]}?" if near else "unset it"
            yield UsageError(name, "authpip has no such variable", remedy)


def _nearest_rule(name: str, prefixes: Sequence[str]) -> str:
    """The remedy for AUTHPIP_INDEX_<NAME>_<KEY>: the rule with a similar name, or how to make a rule."""
    rules = [prefix[len(PREFIX) : -1] for prefix in prefixes]
    near = _nearest(name[len(PREFIX) :].partition("_")[0], rules)
    return f"did you mean {PREFIX}{near[0]}_…?" if near else f"set {PREFIX}<NAME>_URL for the same NAME, or unset it"


def _nearest(word: str, known: Sequence[str]) -> list[str]:
    from difflib import get_close_matches  # a run of pip needs it only where something is wrong

    return get_close_matches(word, known, 1)
