"""Credentials, and secrets that cannot be printed."""

from __future__ import annotations

from typing import NamedTuple, NoReturn

HIDDEN = "<secret>"


class Secret:
    """A secret text; str, repr, format and pickle hide it. `expose()` is the one way to the value."""

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value

    def expose(self) -> str:
        """The value itself: for the handoff, a request header or the keyring, and for nothing else."""
        return self.__value

    def __repr__(self) -> str:
        return HIDDEN

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return HIDDEN

    def __bool__(self) -> bool:
        return bool(self.__value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        from hmac import compare_digest

        # A variable may hold bytes that are not UTF-8: Python has them as surrogates (PEP 383).
        return compare_digest(
            self.__value.encode("utf-8", "surrogatepass"), other.__value.encode("utf-8", "surrogatepass")
        )

    def __hash__(self) -> int:
        return hash((Secret, self.__value))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret cannot be pickled or copied to another process")


class Credential(NamedTuple):
    """The user name and secret that authenticate one request.

    scheme: "basic" (username and secret), "bearer" (secret alone) or "s3" (inside_pip/sigv4.py). provider: the
    provider's name. identity: the account, profile or user, for messages. expires: POSIX seconds, None if unknown.
    cached: an earlier command got this token. renew: what the user does if an index rejects it; "": the provider's
    RENEW.
    """

    username: str
    secret: Secret
    provider: str
    identity: str = ""
    scheme: str = "basic"
    expires: float | None = None
    cached: bool = False
    renew: str = ""

    def __repr__(self) -> str:
        """A user name without a password is the secret itself (https://TOKEN:@host)."""
        username = self.username if self.secret or not self.username else HIDDEN
        return f"Credential({username!r}, {self.secret!r}, {self.provider!r}, {self.scheme!r})"

    def unsendable(self) -> str:
        """Why no header can carry it; "" where one can."""
        secret = self.secret.expose()
        if self.scheme == "bearer":
            return "" if secret.isascii() and secret.isprintable() else "a bearer token is visible ASCII alone"
        try:
            f"{self.username}{secret}".encode()
        except UnicodeEncodeError:  # bytes of a variable that are not UTF-8 are surrogates (PEP 383)
            return "it has bytes that are not UTF-8"
        return ""

    def authorization(self) -> Secret:
        """The value of the Authorization header (RFC 7617, RFC 6750). Raises ValueError for keys that sign (S3)."""
        if self.scheme not in {"basic", "bearer"}:
            raise ValueError("this credential is no header: it signs each request")
        if self.scheme == "bearer":
            return Secret("Bearer " + self.secret.expose())
        from base64 import b64encode

        pair = f"{self.username}:{self.secret.expose()}".encode()
        return Secret("Basic " + b64encode(pair).decode("ascii"))
