"""`authpip auth logout URL | --all`: forget logins, and any token kept for them."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Mapping, Sequence

from authpip import keyring_client, logins, terminal
from authpip.arguments import Parser
from authpip.config_file import load_settings
from authpip.console import say
from authpip.errors import CredentialError, CredentialNotFoundError, UsageError
from authpip.keyring_client import Ask
from authpip.login_place import parse_place
from authpip.logins import Login


def run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Exit status 0 when it is gone. Raises CredentialError for what could not be forgotten; the rest is."""
    options = _parse(arguments)
    chosen = _chosen(options, logins.load(environ))
    ask = Ask(environ, time.monotonic() + load_settings(environ).timeout, terminal.is_there())
    failures = [failure for login in chosen if (failure := _forget(login, ask))]
    if failures:
        raise failures[0]
    return 0


def _parse(arguments: Sequence[str]) -> Namespace:
    parser = Parser("logout", "Forget a login: its secret, its place on the list, and any token kept for it.")
    parser.add_argument("url", metavar="URL", nargs="?", help="as in `authpip auth list`")
    parser.add_argument("--all", action="store_true", help="forget every login")
    parser.add_argument("--username", metavar="U", help="this user's only")
    parser.add_argument("--name", metavar="N", help="the login of this name only")
    options = parser.parse(arguments)
    if bool(options.url) == options.all:
        raise UsageError("`authpip auth logout` wants a URL or --all", "", "see `authpip auth list`")
    return options


def _chosen(options: Namespace, stored: Sequence[Login]) -> list[Login]:
    if options.all:
        return list(stored)
    place = parse_place(options.url)
    username = options.username or place.username
    chosen = [
        login
        for login in stored
        if login.url == place.text and username in {None, login.username} and options.name in {None, login.name}
    ]
    if not chosen:
        raise CredentialNotFoundError(f"there is no login for {place.text}", "", "see `authpip auth list`")
    return chosen


def _forget(login: Login, ask: Ask) -> CredentialError | None:
    """The secret first: an interrupted logout can be repeated, a forgotten secret cannot come back."""
    try:
        if login.storage == "keyring":
            keyring_client.delete(login.services, login.username, login.backend, ask)
        logins.remove(ask.environ, [login])
    except CredentialError as error:
        say(str(error))
        return CredentialError(
            f"the login of {login.username} for {login.url} is not forgotten", error.what, error.remedy
        )
    say(f"logged {login.username} out of {login.url}")
    return None
