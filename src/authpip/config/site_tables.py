"""Read and check `locked`, `[pip]`, `minimum-version` and `[audit]` of config.toml."""

from __future__ import annotations

import os
import re

from authpip.config.site import LOCKABLE, AuditTrail, MinimumVersion
from authpip.config.toml_table import Table, nearest
from authpip.core.index import RefusedURL, parse_scope, split_userinfo
from authpip.core.redaction import visible
from authpip.discovery.model import Setting

TOP_KEYS = ("locked", "pip", "minimum-version", "audit")
_VERSION = re.compile(r"\d+(\.\d+)*")


def locked(table: Table, *, is_site: bool) -> tuple[str, ...]:
    """The settings that the users of this machine cannot change."""
    words = table.texts("locked")
    if words and not is_site:
        table.problem("locked", "locked counts in the site's file alone", "take it out")
        return ()
    for word in words:
        if word not in LOCKABLE:
            table.problem("locked", f"{visible(word)!r} cannot be locked", nearest(word, LOCKABLE))
    return tuple(word for word in words if word in LOCKABLE)


def pip_indexes(table: Table) -> tuple[Setting, ...] | None:
    """The indexes that pip gets if its own configuration names none; None if the file has no table `[pip]`."""
    if "pip" not in table.data:
        return None
    pip = Table(table.get("pip", dict) or {}, table.report, "pip")
    pip.only(("index-url", "extra-index-url"))
    index_url = pip.get("index-url", str)
    urls = {"index-url": [index_url] if index_url else [], "extra-index-url": pip.texts("extra-index-url")}
    fit = {key: [url for url in found if _is_fit(pip, key, url)] for key, found in urls.items()}
    return tuple(Setting(key, " ".join(found), pip.report.where("pip", key)) for key, found in fit.items() if found)


def minimum_version(table: Table) -> MinimumVersion | None:
    """The oldest authpip that may run."""
    text = table.get("minimum-version", str)
    if text is None or _VERSION.fullmatch(text):
        return MinimumVersion(text, table.report.where("minimum-version")) if text else None
    table.problem("minimum-version", "minimum-version must be numbers with dots", 'write minimum-version = "1.2"')
    return None


def audit_trail(table: Table) -> AuditTrail | None:
    """Where authpip records each credential that a program gets; None if the file has no table `[audit]`."""
    if "audit" not in table.data:
        return None
    audit = Table(table.get("audit", dict) or {}, table.report, "audit")
    audit.only(("file", "syslog", "on-error"))
    file, syslog = audit.get("file", str) or "", bool(audit.get("syslog", bool))
    if file and not os.path.isabs(file):
        audit.problem("file", "file is relative to wherever pip is run", "write its absolute path")
    if syslog and os.name == "nt":
        audit.problem("syslog", "Windows has no syslog", 'write file = "…"')
    if not file and not syslog:
        audit.problem("", "[audit] says nowhere to write", 'add file = "…" or syslog = true')
    return AuditTrail(file, syslog, audit.word("on-error", ("go-on", "stop")) or "go-on", audit.configured_in)


def _is_fit(pip: Table, key: str, url: str) -> bool:
    try:
        clean, _, password = split_userinfo(url)
        parse_scope(clean)
    except RefusedURL as reason:
        pip.problem(key, f"a URL is refused: {reason}")
        return False
    if password is not None:
        pip.problem(key, "a secret does not belong in this file", "type: authpip auth login URL")
    return password is None
