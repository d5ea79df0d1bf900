"""Expected failures, as messages of three parts: what failed, why, what to type next."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

ON_INTERRUPT: list[Callable[[], None]] = []
"""Functions that ^C calls, each added by the module that starts programs."""


class AuthpipError(Exception):
    """An expected failure. `str()` is one line for stderr; never put a secret or a child's stdout into it.

    what: what failed; why: the cause; remedy: what to type next. `exit_code` is authpip's own exit status.
    """

    exit_code = 3

    def __init__(self, what: str, why: str = "", remedy: str = "") -> None:
        self.what, self.why, self.remedy = what, why, remedy
        super().__init__(what, why, remedy)

    def __str__(self) -> str:
        text = self.what + (f": {self.why}" if self.why else "")
        return text + (f"; {self.remedy}" if self.remedy else "")


class CredentialError(AuthpipError):
    """The provider that owns an index has no valid credential; no other provider may answer instead (P9)."""


class UsageError(AuthpipError):
    """authpip does not accept the command line, a configuration file or a URL."""

    exit_code = 2


class NoPipError(AuthpipError):
    """authpip finds no pip to run."""

    exit_code = 127


class CredentialNotFoundError(CredentialError):
    """No provider has a credential for an index that requires one."""


def end_what_runs() -> None:
    """Call everything in ON_INTERRUPT."""
    for end in ON_INTERRUPT:
        end()
