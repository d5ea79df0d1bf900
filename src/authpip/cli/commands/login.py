"""`authpip auth login URL`: ask for a secret, prove it with one request, keep it."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Mapping, Sequence

from authpip.cli import prompt
from authpip.cli.arguments import Parser
from authpip.cli.login_target import LoginTarget, parse_target, service_names
from authpip.cli.pypi_token import examine, is_upload
from authpip.config.loading import load_settings
from authpip.config.settings import Settings
from authpip.core.console import say
from authpip.core.credential import Credential, Secret
from authpip.core.errors import CredentialError, UsageError
from authpip.providers import services
from authpip.providers.services import token_user
from authpip.storage import keyring_client, logins
from authpip.storage.keyring_client import KeyringCall
from authpip.storage.logins import Login

TOKEN_USER = "__token__"  # noqa: S105 (what PyPI and many others expect beside a token)


def run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Exit status 0 when the login is stored. Raises CredentialError when it was refused: nothing is stored then."""
    options = _parse(arguments)
    settings = load_settings(environ)
    options, target = _with_rule(options, settings)
    ask = KeyringCall(environ, time.monotonic() + settings.timeout, prompt.is_there())
    login = _login(target, options, _storage(options, settings, environ), ask)
    secret = _checked(_secret(options, login), login)
    if target.scope and is_upload(target.scope):
        login, note = examine(login, target.scope, secret, options.project)
    else:
        note = _prove(target, login, secret, options, environ)
    login = login._replace(services=service_names(target, login.name) if login.backend else ())
    _keep(login, secret, ask._replace(deadline=time.monotonic() + settings.timeout))
    say(f"logged in to {login.url}{_as_whom(login)}; the secret is {_where(login, environ)}")
    if note:
        say(note)
    return 0


def _parse(arguments: Sequence[str]) -> Namespace:
    parser = Parser("login", "Keep a credential for an index. The secret is asked for, or read from stdin.")
    parser.add_argument("url", metavar="URL", help="the index URL as pip has it, or *.corp.example")
    parser.add_argument("--username", metavar="U", help="asked for if not given; with a token: __token__")
    secret = parser.add_mutually_exclusive_group()
    secret.add_argument("--password-stdin", action="store_true", help="read the password from stdin")
    secret.add_argument("--token-stdin", action="store_true", help="read a token from stdin")
    parser.add_argument("--bearer", action="store_true", help="send it as `Authorization: Bearer`")
    parser.add_argument("--no-verify", action="store_true", help="store it without asking the index")
    parser.add_argument("--insecure-storage", action="store_true", help="keep it in a file, not in the OS keyring")
    parser.add_argument("--name", metavar="N", default="", help="tells several logins for one URL apart")
    parser.add_argument("--project", metavar="P", help="uploads: the one project to use this token for")
    parser.add_argument("--allow-http", action="store_true", help="accept a URL that is readable on the way")
    options = parser.parse(arguments)
    if options.username is not None:
        _check_name(options.username)
    return options


def _with_rule(options: Namespace, settings: Settings) -> tuple[Namespace, LoginTarget]:
    """The options, filled up with what the user's rule for this index says, and the target."""
    target = parse_target(options.url)
    rule = settings.rule_for(target.scope) if target.scope else None
    if rule:
        options.username = options.username or target.username or rule.username
        options.bearer = options.bearer or rule.scheme == "bearer"
        options.allow_http = options.allow_http or rule.allow_http
    if target.scope and target.scope.is_plain_http and not options.allow_http:
        why = "a credential would be readable on the way"
        raise UsageError(f"{target.text} is plain http", why, "use https, or --allow-http if you must")
    return options, target


def _storage(options: Namespace, settings: Settings, environ: Mapping[str, str]) -> str:
    by_file = options.insecure_storage or settings.storage == "file" or environ.get(logins.AUTH_FILE)
    return "file" if by_file else "keyring"


def _login(target: LoginTarget, options: Namespace, storage: str, ask: KeyringCall) -> Login:
    """The login but for its secret. The keyring is looked at before anybody types anything."""
    if options.username and target.username not in {None, options.username}:
        raise UsageError("the URL names another user than --username")
    username = options.username or target.username
    if username is not None:
        _check_name(username)
    backend = keyring_client.choose(ask) if storage == "keyring" else ""
    if is_upload(target.scope) and username not in {None, TOKEN_USER}:
        raise UsageError("PyPI takes API tokens alone, whose user name is __token__", "", "leave the user name out")
    if username is None:
        token = options.token_stdin or options.bearer or is_upload(target.scope)
        username = _token_user(target) if token else _asked_name(target)
    return Login(
        url=target.text,
        username=username,
        scheme="bearer" if options.bearer else "basic",
        backend=backend,
        storage=storage,
        created=time.time(),
        name=options.name,
    )


def _token_user(target: LoginTarget) -> str:
    return (token_user(target.scope) if target.scope else None) or TOKEN_USER


def _secret(options: Namespace, login: Login) -> Secret:
    if options.password_stdin or options.token_stdin:
        return prompt.read_secret()
    word = "Token" if login.scheme == "bearer" or login.username == TOKEN_USER else "Password"
    return prompt.ask_hidden(f"{word} for {login.username} at {login.url}: ")


def _asked_name(target: LoginTarget) -> str:
    username = prompt.ask(f"User name for {target.text}: ")
    _check_name(username)
    return username


def _check_name(username: str) -> None:
    """Refuse a name that Basic authentication cannot carry (RFC 7617), before anybody types a secret."""
    if not username or ":" in username or _has_control(username):
        raise UsageError("this user name is refused", "it is empty, or has a colon or a control character in it")


def _checked(secret: Secret, login: Login) -> Secret:
    """Refuse what no request can carry (RFC 6750): better now than at an install."""
    if not secret:
        raise UsageError("the secret is empty", "", "nothing was stored")
    text = secret.expose()
    if _has_control(text):
        raise UsageError("the secret has a line break or another control character in it", "", "nothing was stored")
    if login.scheme == "bearer" and not (text.isascii() and text.isprintable() and " " not in text):
        raise UsageError("a bearer token has letters, digits and -._~+/= only", "", "nothing was stored")
    return secret


def _has_control(text: str) -> bool:
    """Controls, and what stands for bytes of an argument that were no text."""
    return any(c < " " or "\x7f" <= c < "\xa0" or "\ud800" <= c <= "\udfff" for c in text)


def _prove(target: LoginTarget, login: Login, secret: Secret, options: Namespace, environ: Mapping[str, str]) -> str:
    """What is to be said about the proof, if anything. Raises CredentialError where the index says no."""
    if options.no_verify:
        return ""
    if target.scope is None:
        return f"the login for {login.url} was not proved: a wildcard names no index to ask"
    from authpip.network.http_get import pip_network
    from authpip.network.probe import probe

    network = pip_network(environ)
    credential = services.as_sent(Credential(login.username, secret, "login", scheme=login.scheme), target.scope)
    outcome = probe(target.scope, credential, network)
    if outcome.is_rejected:
        why = f"it answered {outcome.status}"
        # nginx says 403, too, for a directory that it may not list
        hidden = ", or with --no-verify where the index has no page of its own" if outcome.status == 403 else ""
        remedy = "nothing was stored; try again" + hidden
        raise CredentialError(f"{login.url} refused this login{_as_whom(login)}", why, remedy)
    if not outcome.is_welcome:
        why = outcome.why or f"it answered {outcome.status}"
        remedy = f"{outcome.remedy or 'try again later'}; or store it unproved with --no-verify"
        raise CredentialError(f"the login at {login.url} could not be proved", why, remedy)
    if probe(target.scope, None, network).is_welcome:
        return "the index answers without any credential, too: a wrong secret would not have been noticed"
    return ""


def _keep(login: Login, secret: Secret, ask: KeyringCall) -> None:
    """The secret first, then the list: whoever is killed in between leaves no login without a secret."""
    before = [old for old in _present(ask.environ) if old.key == login.key]
    if login.storage == "file":
        logins.add(ask.environ, login, secret.expose())
    else:
        keyring_client.store(login.services, login.username, secret, login.backend, ask)
        logins.add(ask.environ, login)
    for old in before:
        _forget_elsewhere(old, login, ask)


def _present(environ: Mapping[str, str]) -> tuple[Login, ...]:
    named = environ.get(logins.AUTH_FILE)
    return () if named else logins.load(environ)


def _forget_elsewhere(old: Login, new: Login, ask: KeyringCall) -> None:
    """What a replaced login had stored under names, or in a keyring, that the new one does not use."""
    same = old.backend == new.backend
    services = [service for service in old.services if not (same and service in new.services)]
    if old.storage == "keyring" and services:
        try:
            keyring_client.delete(services, old.username, old.backend, ask)
        except CredentialError as error:
            say(f"the earlier secret for {old.url} is still in the keyring: {error}")


def _as_whom(login: Login) -> str:
    return f" as {login.username}"


def _where(login: Login, environ: Mapping[str, str]) -> str:
    if login.storage == "keyring":
        return f"in the OS keyring ({keyring_client.short_name(login.backend)})"
    return f"in {logins.secrets_path(environ)}, not encrypted, readable by you alone"
