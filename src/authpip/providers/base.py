"""The contract of a provider: a module that may have the credential for an index."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from authpip.config.settings import Rule, Settings
from authpip.core.credential import Credential
from authpip.core.index import Index


class Request(NamedTuple):
    """A request to a provider for the credential of one index.

    rule: the user's rule that matches the index, if any. environ: the environment that authpip was started with.
    inline: the credential in the index URL itself, if any. deadline: time.monotonic(), by which the provider must have
    answered or raised. fresh: the index has just rejected the cached token; delete it and get a new one. interactive:
    a person at the terminal may be asked to unlock the keyring.
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
        return f"Request({self.index!r}, rule={self.rule and self.rule.configured_in!r})"

    def option(self, provider: str, key: str) -> str | None:
        """A provider's own setting: `[index.<provider>] key = …` of the matching rule."""
        return self.rule.options.get(provider, {}).get(key) if self.rule else None

    def other_user(self, username: str) -> bool:
        """True if the URL or the rule names another user than this one."""
        wanted = self.index.username or (self.rule.username if self.rule else None)
        return bool(wanted and username and wanted != username)


class Provider(Protocol):
    """A module of this folder. Every provider has all of these members; nothing else of it is used.

    What each outcome of `find` means for the caller, providers/chain.py:

    - a Credential: it is sent, and no other provider is asked.
    - None, *not mine*: the next provider MUST be asked. A provider MUST answer so without starting a program or
      unlocking anything.
    - CredentialError, *mine but broken*: no other provider may be asked for this index (P9). The error MUST say what
      failed, why, and what to type next, and MUST NOT hold anything that may be a secret.
    """

    @property
    def NAME(self) -> str:  # noqa: N802 (a module's constant)
        """The provider's name in configuration (`provider = "…"`) and in messages."""
        ...

    @property
    def HOSTS(self) -> tuple[str, ...]:  # noqa: N802
        """URL prefixes, or `re:^…$` for a whole host, for which a running pip asks authpip if it finds an index that
        the plan does not have."""
        ...

    @property
    def OPTIONS(self) -> tuple[str, ...]:  # noqa: N802
        """The keys of `[index.NAME]`; config/schema.py lists the same ones."""
        ...

    @property
    def SOURCE_VARIABLES(self) -> tuple[str, ...]:  # noqa: N802
        """Variables that hold a secret which this provider may read: pip and what it builds MUST NOT inherit them."""
        ...

    @property
    def RENEW(self) -> str:  # noqa: N802
        """What the user does if an index rejects the provider's credential.

        {configured_in}: where the index is configured; {prefix}: how the variables of its rule begin; {url}: the index.
        """
        ...

    def owns(self, request: Request) -> bool:
        """True if this provider is responsible for the index (a known cloud host, a stored login), so that an index
        without a credential is an error. It MUST NOT start a program or unlock anything."""
        ...

    def find(self, request: Request) -> Credential | None:
        """The credential for request.index; None: not mine. Raises CredentialError: mine, but broken.

        It MUST have answered or raised by request.deadline, and SHOULD import heavy modules only when it needs them.
        """
        ...

    def source_variables(self, rule: Rule) -> tuple[str, ...]:
        """Further variables that hold a secret by this rule; the same duty as for SOURCE_VARIABLES."""
        ...


NONE: tuple[str, ...] = ()
"""For a provider without HOSTS, OPTIONS or SOURCE_VARIABLES of its own."""
LOGIN = "type: authpip auth login {url}"
"""RENEW of a provider whose credentials `auth login` stores."""


def no_variables(rule: Rule) -> tuple[str, ...]:
    """`source_variables` of a provider whose rules name no variables."""
    return ()
