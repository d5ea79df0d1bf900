"""The sources of credentials, in the order in which they are asked."""

from __future__ import annotations

from authpip.providers import env, keyring, url
from authpip.providers.base import Provider

PROVIDERS: tuple[Provider, ...] = (url, env, keyring)
"""Asked for every index, in this order."""

BY_RULE: tuple[Provider, ...] = ()
"""Asked only where a rule names them."""
