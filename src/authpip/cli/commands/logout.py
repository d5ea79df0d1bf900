"""`authpip auth logout URL | --all`: delete logins, and the tokens cached for them."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Mapping, Sequence

from authpip.cli import prompt
from authpip.cli.arguments import Parser
from authpip.cli.login_target import LoginTarget, parse_target
from authpip.config.loading import load_settings
from authpip.config.settings import Settings
from authpip.core.console import say
from authpip.core.errors import CredentialError, CredentialNotFoundError, UsageError
from authpip.core.index import Index
from authpip.providers.base import Request
from authpip.storage import keyring_client, logins
from authpip.storage.keyring_client import KeyringCall
from authpip.storage.logins import Login


def run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Exit status 0 if all is deleted. Raises CredentialError for a login that could not be deleted; the others are."""
    options = _parse(arguments)
    settings = load_settings(environ)
    target = parse_target(options.url) if options.url else None
    chosen = _chosen(target, options, logins.load(environ))
    if len(chosen) > 1 and not options.all:
        chosen = _which(chosen)
    count = _delete_tokens(target, settings, environ)
    if target and not (chosen or count):
        raise CredentialNotFoundError(f"there is no login for {options.url}", "", "see `authpip auth list`")
    ask = KeyringCall(environ, time.monotonic() + settings.timeout, prompt.is_there())
    failures = [failure for login in chosen if (failure := _delete(login, ask))]
    for failure in failures[:-1]:
        say(str(failure))
    if failures:
        raise failures[-1]
    return 0


def _parse(arguments: Sequence[str]) -> Namespace:
    parser = Parser("logout", "Delete a login: its secret, its entry in the list, and any token cached for it.")
    parser.add_argument("url", metavar="URL", nargs="?", help="the URL as in `authpip auth list`")
    parser.add_argument("--all", action="store_true", help="every login; with a URL: every login for it")
    parser.add_argument("--username", metavar="U", help="only the login of this user")
    parser.add_argument("--name", metavar="N", help="only the login with this name")
    options = parser.parse(arguments)
    if not (options.url or options.all):
        raise UsageError("`authpip auth logout` needs a URL or --all", "", "see `authpip auth list`")
    return options


def _chosen(target: LoginTarget | None, options: Namespace, stored: Sequence[Login]) -> list[Login]:
    if target is None:
        return list(stored)
    username = options.username or target.username
    return [
        login
        for login in stored
        if login.url == target.text and username in {None, login.username} and options.name in {None, login.name}
    ]


def _which(chosen: Sequence[Login]) -> list[Login]:
    """The logins for a URL that a person chooses: one, or all. Raises UsageError if nobody can be asked."""
    names = [f"{login.username} ({login.name})" if login.name else login.username for login in chosen]
    if not prompt.is_there():
        remedy = "add --username U, --name N, or --all for all of them"
        raise UsageError(f"there are several logins for {chosen[0].url}", ", ".join(names), remedy)
    heading, question = f"There are several logins for {chosen[0].url}:", f"Log out which one? [1-{len(chosen) + 1}]"
    number = prompt.choose(heading, [*names, "all of them"], question, "--username")
    return list(chosen) if number == len(chosen) else [chosen[number]]


def _delete_tokens(target: LoginTarget | None, settings: Settings, environ: Mapping[str, str]) -> int:
    """Delete the cached tokens of the target's provider, because a token serves many indexes; without a target, all.

    Returns their number.
    """
    from authpip.providers import PROVIDERS
    from authpip.storage import token_cache

    tokens = token_cache.kept(environ)
    if target is not None:
        owners = set()
        if tokens and target.scope is not None:
            index = Index(target.typed, target.scope, "auth logout", target.username)
            request = Request(index, settings, environ, time.monotonic(), settings.rule_for(target.scope))
            owners = {provider.NAME for provider in PROVIDERS if provider.owns(request)}
        tokens = [token for token in tokens if token.name.partition("-")[0] in owners]
    for token in tokens:
        token_cache.forget(token.name, environ)
        say(f"deleted the cached token of {token.label}")
    return len(tokens)


def _delete(login: Login, ask: KeyringCall) -> CredentialError | None:
    """Delete the secret, then the login: an interrupted logout can be repeated. Returns the error, if any."""
    try:
        if login.storage == "keyring":
            keyring_client.delete(login.services, login.username, login.backend, ask)
        logins.remove(ask.environ, [login])
    except CredentialError as error:
        what = f"the login of {login.username} for {login.url} is not deleted"
        return CredentialError(what, ": ".join(filter(None, (error.what, error.why))), error.remedy)
    say(f"logged {login.username} out of {login.url}")
    return None
