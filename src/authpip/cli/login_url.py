"""The URL for `auth login`: as typed, with https:// added, or chosen from the indexes of pip and the rules."""

from __future__ import annotations

from collections.abc import Mapping

from authpip.cli import prompt
from authpip.cli.login_target import parse_target
from authpip.config.settings import Settings
from authpip.core.errors import UsageError
from authpip.storage import logins
from authpip.storage.logins import Login


def chosen_url(typed: str | None, settings: Settings, environ: Mapping[str, str], *, called_as: str, asks: bool) -> str:
    """The URL or wildcard. typed: None if left out. asks: a person can answer; otherwise a question is a UsageError."""
    if typed is None:
        return _offered(settings, environ, called_as=called_as, asks=asks)
    if typed.startswith("*") or "//" in typed:
        return typed
    return _with_scheme(typed, asks=asks)


def _with_scheme(typed: str, *, asks: bool) -> str:
    if "." not in typed.partition("/")[0] and not typed.startswith("localhost"):
        return typed  # no host: the URL is refused as it is
    target = parse_target(f"https://{typed}")
    if not asks:
        raise UsageError("this URL has no scheme", "it is not of the form https://HOST[:PORT]/PATH", _type(target.text))
    if not prompt.confirm(f"Log in to {target.text}?", default=True, option=target.text):
        raise UsageError("this URL has no scheme", "", "type it with https:// in front")
    return f"https://{typed}"


def _offered(settings: Settings, environ: Mapping[str, str], *, called_as: str, asks: bool) -> str:
    from authpip.cli.configured_indexes import for_a_login, named_indexes

    found = for_a_login(named_indexes(settings, environ, called_as), settings, environ)
    if not found:
        raise UsageError(
            "no index is named",
            "neither pip's configuration nor a rule names one that needs a login",
            "type: authpip auth login https://HOST/PATH/simple/",
        )
    if not asks:
        listed = ", ".join(f"{one.text} ({one.index.configured_in})" for one in found)
        raise UsageError("no index is named", f"pip and your rules name {listed}", _type(found[0].text))
    which = "Log in to which one? [1]" if len(found) == 1 else f"Log in to which one? [1-{len(found)}]"
    heading = "pip and your rules name these indexes:"
    stored = logins.load(environ)
    lines = [one.line + _account(logins.first_of(stored, str(one.index.scope))) for one in found]
    return found[prompt.choose(heading, lines, which, "a URL")].text


def _account(login: Login | None) -> str:
    return f", logged in as {login.username}" if login else ""


def _type(url: str) -> str:
    return f"type: authpip auth login {url}"
