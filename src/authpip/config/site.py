"""A site's settings beside its rules: locks, the oldest authpip that may run, an audit trail."""

from __future__ import annotations

from typing import NamedTuple

LOCKABLE = ("rules", "builds", "strategy", "confusion", "audit")
"""The words of `locked = […]`."""
UPDATE = "uv tool upgrade authpip, or with AUTHPIP_DISABLE=1: pip install --upgrade authpip"


class AuditTrail(NamedTuple):
    """`[audit]`. file: an absolute path, "" for none. on_error: "go-on" or "stop"."""

    file: str = ""
    syslog: bool = False
    on_error: str = "go-on"
    configured_in: str = ""


class MinimumVersion(NamedTuple):
    """`minimum-version`: numbers with dots."""

    text: str
    configured_in: str

    def is_newer_than(self, version: str) -> bool:
        """True if authpip's `version` ("0.2.0", "0.2.0rc1") is older than this minimum."""
        return _numbers(self.text) > _numbers(version)


def _numbers(version: str) -> tuple[int, ...]:
    """The release numbers of a version (PEP 440), without zeros at the end and without "rc1" and the like."""
    import re

    release = re.match(r"\d+(?:\.\d+)*", version)
    numbers = [int(number) for number in release[0].split(".")] if release else []
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
