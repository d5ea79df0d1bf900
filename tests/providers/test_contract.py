"""Every provider keeps the contract of providers/base.py."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest

from authpip import providers
from authpip.providers.base import Provider

MEMBERS = {name for name in vars(Provider) if not name.startswith("_")}
ALL = pytest.mark.parametrize("provider", providers.PROVIDERS, ids=lambda provider: provider.NAME)


@ALL
def test_all_members_are_there(provider: ModuleType) -> None:
    """P4: a provider has each member of the protocol; a missing SOURCE_VARIABLES leaves a token to every build."""
    assert set(vars(provider)) >= MEMBERS


@ALL
def test_the_options_are_those_it_reads(provider: ModuleType) -> None:
    """OPTIONS names each key of its table that the module asks for."""
    source = Path(provider.__file__ or "").read_text(encoding="utf-8")
    read = set(re.findall(r'request\.option\(NAME, "([a-z-]+)"\)', source))
    assert read <= set(provider.OPTIONS)


@ALL
def test_the_remedy_can_be_said(provider: ModuleType) -> None:
    """RENEW is one phrase whose places can all be filled."""
    assert provider.RENEW.format(configured_in="pip.conf:1", prefix="AUTHPIP_INDEX_A_", url="https://a.example/")
