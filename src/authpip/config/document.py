"""The content of one config.toml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from authpip.config.builds import Builds
from authpip.config.settings import Rule
from authpip.config.site import AuditTrail, MinimumVersion
from authpip.discovery.model import Setting


class Document(NamedTuple):
    """One file. A key that the file does not have is None, "" or (). timeout: seconds. pip: the indexes of `[pip]`.

    locked: words of site.LOCKABLE; only a site's file has them. places: FILE:LINE of each key that can be locked.
    """

    path: str
    rules: tuple[Rule, ...] = ()
    timeout: float | None = None
    storage: str = ""
    strategy: str = ""
    confusion: str = ""
    builds: Builds | None = None
    pip: tuple[Setting, ...] | None = None
    audit: AuditTrail | None = None
    minimum_version: MinimumVersion | None = None
    locked: tuple[str, ...] = ()
    places: Mapping[str, str] = {}

    def locks_alone(self) -> Document:
        """The keys that count even if AUTHPIP_CONFIG names another file: the locked ones and minimum-version."""
        kept = {key: getattr(self, key) for key in self.locked}
        return Document(
            self.path, minimum_version=self.minimum_version, locked=self.locked, places=self.places
        )._replace(**kept)
