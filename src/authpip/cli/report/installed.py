"""The distributions in a site-packages directory, by their own metadata."""

from __future__ import annotations

import hashlib
import json
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import NamedTuple

from authpip.core.text_forms import project_name


class Installed(NamedTuple):
    """One distribution. name: normalised. metadata: the sha256 of its METADATA in hexadecimal, "" if it has none.

    direct_url: the URL that it was installed from (PEP 610); None if it was installed by name.
    """

    name: str
    version: str
    metadata: str
    direct_url: str | None

    def __repr__(self) -> str:
        """Without the URL, which may hold a password."""
        return f"Installed({self.name!r}, {self.version!r})"


def installed(site: Path) -> list[Installed]:
    """All distributions, sorted by name. Broken or missing metadata files count as far as they can be read."""
    directories = [*site.glob("*.dist-info"), *site.glob("*.egg-info")]
    return sorted(_read(path) for path in directories if not path.name.startswith("~"))  # pip's leftovers have a "~"


def _read(path: Path) -> Installed:
    content = _content(path / "METADATA")
    fields = BytesHeaderParser().parsebytes(content or _content(path / "PKG-INFO") or _content(path))
    name, _, version = path.stem.partition("-")
    return Installed(
        name=project_name(str(fields["Name"] or name)),
        version=str(fields["Version"] or version),
        metadata=hashlib.sha256(content).hexdigest() if content else "",
        direct_url=_direct_url(path / "direct_url.json"),
    )


def _direct_url(path: Path) -> str | None:
    if not path.exists():
        return None
    try:
        return str(json.loads(_content(path))["url"])
    except (ValueError, LookupError, TypeError, RecursionError):
        return "a direct URL that cannot be read"


def _content(path: Path) -> bytes:
    """The bytes of a file; b"" if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError:
        return b""
