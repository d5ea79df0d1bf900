"""What a report may show: texts on one line, and URLs without what may be a secret."""

from __future__ import annotations

import re

from authpip.console import visible
from authpip.credential import Credential
from authpip.discovery.model import hide_userinfo

_QUERY = re.compile(r"(?<=[?#]).+")
_BARE_USERINFO = re.compile(r"[^\s=/@]+:[^\s/@]*@")  # --proxy user:password@host:3128


def shown_url(url: str) -> str:
    """A URL (or any other argument) without what may be a secret: userinfo, a query, a token in the path."""
    if "://" not in url:
        return shown_text(_BARE_USERINFO.sub("****@", url))
    return shown_text(_QUERY.sub("****", hide_userinfo(url)))


def shown_text(text: str) -> str:
    """A message's text on one line, without a token that stands in the path of a URL."""
    return visible(text)


def shown_identity(credential: Credential) -> str:
    """Whose it is. A user name without a password is the secret itself (https://TOKEN:@host)."""
    return shown_text(credential.identity) if credential.secret or not credential.identity else "****"
