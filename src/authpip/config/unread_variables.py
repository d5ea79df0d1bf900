"""Variables that look like authpip's and that nothing reads: misspelt, or of a rule that does not exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from authpip.config.rule_variables import PREFIX
from authpip.config.settings import Settings
from authpip.core.errors import UsageError

_OURS = "AUTHPIP_"
_KNOWN = ("AUTH_FILE", "BUILDS_HIDE", "BUILD_SECRET", "CONFIG", "DEPTH", "DISABLE", "ID_TOKEN", "LOG", "TIMEOUT")


def unread_variables(environ: Mapping[str, str], settings: Settings) -> Iterator[UsageError]:
    """A problem for each, by name; the keys of rules that exist are `rule_variables.unknown`'s."""
    prefixes = tuple(rule.variable_prefix for rule in settings.rules)
    for name in sorted(name for name in environ if name.startswith(_OURS)):
        word = name[len(_OURS) :]
        if name.startswith(PREFIX) and not name.startswith(prefixes):
            yield UsageError(name, "no rule has this name", _nearest_rule(name, prefixes))
        elif not name.startswith(PREFIX) and word not in _KNOWN:
            near = get_close_matches(word, _KNOWN, 1)
            remedy = f"did you mean {_OURS}{near[0]}?" if near else "unset it"
            yield UsageError(name, "authpip has no such variable", remedy)


def _nearest_rule(name: str, prefixes: Sequence[str]) -> str:
    """What to do about AUTHPIP_INDEX_<NAME>_<KEY>: name the rule that may be meant, or make one."""
    rules = [prefix[len(PREFIX) : -1] for prefix in prefixes]
    near = get_close_matches(name[len(PREFIX) :].partition("_")[0], rules, 1)
    return f"did you mean {PREFIX}{near[0]}_…?" if near else f"set {PREFIX}<NAME>_URL for the same NAME, or unset it"
