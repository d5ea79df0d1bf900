"""A password that the user wrote into the index URL: it leaves the URL and travels in the handoff."""

from __future__ import annotations

from authpip.core.credential import Credential
from authpip.providers.base import NONE, Request, no_variables

NAME = "url"
HOSTS = OPTIONS = SOURCE_VARIABLES = NONE
RENEW = "correct it in {configured_in}"
source_variables = no_variables


def owns(request: Request) -> bool:
    """True if the URL holds a password."""
    return request.inline is not None


def find(request: Request) -> Credential | None:
    """The user name and password of the URL; discovery has removed them from it."""
    return request.inline
