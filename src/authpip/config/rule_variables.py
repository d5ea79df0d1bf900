"""Variables in place of a rule of config.toml: AUTHPIP_INDEX_<NAME>_<KEY>, AUTHPIP_INDEX_<NAME>_<TABLE>_<KEY>.

A CI job needs no file: AUTHPIP_INDEX_CORP_PROVIDER=oidc, AUTHPIP_INDEX_CORP_OIDC_EXCHANGE=jfrog. If a file has a rule
of this name, the variable replaces one key of it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from authpip.core.errors import UsageError

PREFIX = "AUTHPIP_INDEX_"
CREDENTIALS = ("USERNAME", "USERNAME_FILE", "PASSWORD", "PASSWORD_FILE")
_PLACES = ("_URL", "_HOSTS")  # the URL or hosts that a rule matches: such a variable makes a rule
_SWITCHES = {"true": True, "1": True, "false": False, "0": False}
Tables = Mapping[str, Sequence[str]]


class VariableText(str):
    """The value of a variable, which knows the variable's name."""

    variable: str

    def __new__(cls, value: str, variable: str) -> VariableText:
        text = super().__new__(cls, value)
        text.variable = variable
        return text

    def read_as(self, kind: type) -> object:
        """The value as a switch, a number, or a list separated by commas or spaces; the text itself if it has another
        form."""
        if kind is bool:
            return _SWITCHES.get(self.strip().lower(), self)
        if kind is list:
            return [word for word in re.split(r"[\s,]+", self) if word]
        if kind is float:
            try:
                return float(self)
            except ValueError:
                return self
        return str(self)


@functools.cache  # each rule needs the same keys in this form
def letters(name: str) -> str:
    """A name or key in the form for variables: upper case, with "_" for all but ASCII letters and digits."""
    return "".join(c if c.isascii() and c.isalnum() else "_" for c in name.upper())


def rule_names(environ: Mapping[str, str], tables: Tables) -> dict[str, str]:
    """<NAME> of each rule that variables make → the variable that makes it: that of its URL, or else of its hosts."""
    of_a_table = tuple(f"_{suffix}" for suffix in _table_suffixes(tables))  # …_OIDC_TOKEN_URL is the key of a table
    found: dict[str, str] = {}
    for suffix in _PLACES:
        for variable in sorted(environ):
            name = variable[len(PREFIX) : -len(suffix)]
            is_place = variable.startswith(PREFIX) and variable.endswith(suffix) and not variable.endswith(of_a_table)
            if is_place and name and environ[variable]:
                found.setdefault(name, variable)
    return found


def merged(
    entry: Mapping[str, Any], prefix: str, environ: Mapping[str, str], keys: Iterable[str], tables: Tables
) -> dict[str, Any]:
    """A rule's table with the values of its variables in place of its own. An empty variable is ignored.

    prefix: AUTHPIP_INDEX_<NAME>_. keys: those that variables may replace. tables: the keys of each table.
    """
    found = {**entry, **_texts(prefix, environ, keys)}
    for table, its_keys in tables.items():
        texts, own = _texts(f"{prefix}{letters(table)}_", environ, its_keys), entry.get(table, {})
        if texts and isinstance(own, dict):
            found[table] = {**own, **texts}
    return found


def replacing(prefix: str, environ: Mapping[str, str], keys: Iterable[str], tables: Tables) -> list[str]:
    """The variables that replace a rule's own keys. prefix, keys, tables: as for `merged`."""
    suffixes = [*map(letters, keys), *_table_suffixes(tables)]
    return [prefix + suffix for suffix in suffixes if environ.get(prefix + suffix)]


def unknown(
    environ: Mapping[str, str], prefixes: Sequence[str], keys: Iterable[str], tables: Tables
) -> Iterator[UsageError]:
    """A problem for each variable of a rule with an unknown key, which may be misspelt."""
    known = sorted({*map(letters, keys), *CREDENTIALS, *_table_suffixes(tables)})
    ends = tuple(f"_{suffix}" for suffix in known)  # a known key of a rule that does not exist counts as known
    for variable in sorted(name for name in environ if name.startswith(PREFIX) and not name.endswith(ends)):
        prefix = max((prefix for prefix in prefixes if variable.startswith(prefix)), key=len, default=None)
        if prefix is not None:
            from difflib import get_close_matches

            near = get_close_matches(variable[len(prefix) :], known, n=1)
            remedy = f"did you mean {prefix}{near[0]}?" if near else "unset it"
            yield UsageError(variable, "a rule has no such key", remedy)


def _texts(prefix: str, environ: Mapping[str, str], keys: Iterable[str]) -> dict[str, VariableText]:
    variables = {key: prefix + letters(key) for key in keys}
    return {key: VariableText(environ[name], name) for key, name in variables.items() if environ.get(name)}


def _table_suffixes(tables: Tables) -> list[str]:
    return [f"{letters(table)}_{letters(key)}" for table, keys in tables.items() for key in keys]
