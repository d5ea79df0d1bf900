"""The targets that `auth login` and `auth logout` accept, and their names in the keyring."""

from __future__ import annotations

from typing import NamedTuple

from authpip.core.errors import UsageError
from authpip.core.index import RefusedURL, Scope, parse_scope, split_userinfo
from authpip.storage.logins import wildcard


class LoginTarget(NamedTuple):
    """The index or hosts that a login is for.

    text: canonical URL or wildcard. scope: None for a wildcard. typed: the URL as given, without userinfo, query
    and fragment. username: the one in the URL, if any.
    """

    text: str
    scope: Scope | None
    typed: str
    username: str | None = None


def parse_target(text: str) -> LoginTarget:
    """Read an index URL or `*.corp.example`. Raises UsageError, which never repeats a secret."""
    if text.startswith("*"):
        return _parse_wildcard(text)
    try:
        url, username, password = split_userinfo(text)
        scope = parse_scope(url)
    except RefusedURL as error:
        raise UsageError("this URL is refused", str(error), "give the index URL as in pip's --index-url") from None
    if password is not None:
        raise UsageError(
            "there is a password in the URL",
            "do not put one on the command line: other users and the shell's history see it",
            "leave it out, and type it when asked or pipe it to --password-stdin",
        )
    return LoginTarget(str(scope), scope, url.partition("?")[0].partition("#")[0], username or None)


def service_names(target: LoginTarget, name: str) -> tuple[str, ...]:
    """The names under which the keyring stores the secret.

    pip asks for the URL as configured or with a final slash, uv and twine for the URL as configured. name: of one of
    several logins for a target, between which only authpip can choose.
    """
    if target.scope is None or name:
        return (f"{target.text}#{name}" if name else target.text,)
    urls = (target.text, target.text.rstrip("/"), target.typed.rstrip("/") + "/", target.typed.rstrip("/"))
    return tuple(dict.fromkeys(urls))


def _parse_wildcard(text: str) -> LoginTarget:
    try:
        pattern = wildcard(text)
    except RefusedURL as error:
        raise UsageError(f"{text} is refused", str(error), "give *.corp.example, or an index URL") from None
    return LoginTarget(pattern, None, pattern)
