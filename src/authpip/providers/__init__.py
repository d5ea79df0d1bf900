"""The providers of credentials: one module for each, in the order of order.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from authpip.providers.base import Provider

    PROVIDERS: tuple[Provider, ...]


def __getattr__(name: str) -> tuple[Provider, ...]:
    """PROVIDERS, loaded on first use: so the exchange worker, which imports this package, starts 20 ms earlier."""
    if name != "PROVIDERS":
        raise AttributeError(name)
    from authpip.providers import order

    return order.PROVIDERS


def by_name(name: str) -> Provider:
    """The provider of that NAME."""
    from authpip.providers import order

    return next(provider for provider in order.PROVIDERS if name == provider.NAME)
