"""The index URLs that pip's configuration and the user's rules name, for `auth login` and `auth import`."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from typing import NamedTuple

from authpip.config.settings import Settings
from authpip.core.errors import AuthpipError, UsageError
from authpip.core.index import Index, is_index_url
from authpip.discovery import discover
from authpip.discovery.model import Configured
from authpip.launcher import find
from authpip.launcher.plan import to_index
from authpip.providers import PROVIDERS
from authpip.providers.base import Request


class NamedIndex(NamedTuple):
    """One index. text: its URL, with the user name that is configured in it."""

    text: str
    index: Index  # type: ignore[assignment]  # tuple.index is not used on it

    @property
    def line(self) -> str:
        """The URL and where it is configured, for a list."""
        return f"{self.text}  ({self.index.configured_in})"


def named_indexes(settings: Settings, environ: Mapping[str, str], called_as: str) -> list[NamedIndex]:
    """The indexes of pip's configuration and variables, then those of the rules; each scope once; no pip default."""
    prefix = _prefix(environ, called_as)
    found = discover(["install"], environ, prefix=prefix, cwd=os.path.abspath(os.sep))
    of_pip = [one for one in (*found.indexes, *found.find_links) if one.configured_in != "pip's default"]
    of_rules = [Configured(str(rule.scope), rule.configured_in) for rule in settings.rules if rule.scope]
    named: dict[object, NamedIndex] = {}
    for configured in filter(lambda one: is_index_url(one.value), (*of_pip, *of_rules)):
        try:
            index, _ = to_index(configured)
        except UsageError:
            continue  # the next run of pip tells the user
        start = f"{index.scope.scheme}://"
        at = f"{index.username}@" if index.username else ""
        named.setdefault(index.scope, NamedIndex(f"{start}{at}{str(index.scope)[len(start) :]}", index))
    return list(named.values())


def for_a_login(named: list[NamedIndex], settings: Settings, environ: Mapping[str, str]) -> list[NamedIndex]:
    """The indexes that a stored login could serve: not pypi.org, and none with a provider by a rule or a cloud host."""
    return [one for one in named if one.index.scope.host != "pypi.org" and _wants_login(one.index, settings, environ)]


def _wants_login(index: Index, settings: Settings, environ: Mapping[str, str]) -> bool:
    rule = settings.rule_for(index.scope)
    if rule and (rule.authenticate == "never" or rule.provider not in {None, "keyring"}):
        return False
    request = Request(index, settings, environ, time.monotonic(), rule)
    return not any(provider.owns(request) for provider in PROVIDERS if provider.NAME != "keyring")


def _prefix(environ: Mapping[str, str], called_as: str) -> str:
    try:
        return find(called_as, environ).prefix
    except AuthpipError:
        return sys.prefix
