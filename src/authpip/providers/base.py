"""What a provider is: a module with a NAME and a `find`.

The contract, which every provider keeps: *not mine* is None, and the chain asks the next one; *mine but
broken* raises CredentialError with the cause and the remedy, and nobody else is asked for that index.
A provider knows the floors below, never another provider.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from authpip.config.settings import Rule, Settings
from authpip.core.credential import Credential
from authpip.core.index import Index


class Request(NamedTuple):
    """One question to a provider: a credential for this index, please.

    rule: the user's rule that matches the index, if any. environ: the environment authpip was started with.
    inline: the credential that was written into the index URL itself, if any. deadline: a time.monotonic()
    value in seconds, by which the provider has answered or raised. fresh: the server has just rejected what
    was kept; forget it and ask anew. interactive: a person sits at the terminal and may be asked to unlock.
    """

    index: Index  # type: ignore[assignment]  # tuple.index is not used on a request
    settings: Settings
    environ: Mapping[str, str]
    deadline: float
    rule: Rule | None = None
    inline: Credential | None = None
    fresh: bool = False
    interactive: bool = False

    def __repr__(self) -> str:
        """Without environ, which holds secrets."""
        return f"Request({self.index!r}, rule={self.rule and self.rule.origin!r})"

    def option(self, provider: str, key: str) -> str | None:
        """A provider's own setting: `[index.<provider>] key = …` of the matching rule."""
        return self.rule.options.get(provider, {}).get(key) if self.rule else None

    def other_user(self, username: str) -> bool:
        """True where the URL or the rule asks for one user, and this is another."""
        wanted = self.index.username or (self.rule.username if self.rule else None)
        return bool(wanted and username and wanted != username)


class Provider(Protocol):
    """A source of credentials."""

    @property
    def NAME(self) -> str:  # noqa: N802 (a module's constant)
        """The word for it in configuration (`provider = "…"`) and in messages."""
        ...

    def find(self, request: Request) -> Credential | None:
        """The credential for request.index; None: not mine. Raises CredentialError: mine, but broken."""
        ...

    def owns(self, request: Request) -> bool:
        """True where this provider is responsible for the index, so that finding nothing is an error
        (a known cloud host, a stored login). Cheap: no program is started, nothing is unlocked."""
        ...
