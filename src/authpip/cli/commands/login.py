"""`authpip auth login [URL]`: ask for a secret, prove it with a request, and store it."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Mapping, Sequence

from authpip.cli import login_store, prompt
from authpip.cli.arguments import Parser
from authpip.cli.login_target import LoginTarget, parse_target, service_names
from authpip.cli.login_url import chosen_url
from authpip.cli.pypi_token import examine, is_upload
from authpip.config.loading import load_settings
from authpip.config.settings import Settings
from authpip.core.console import say
from authpip.core.credential import Credential, Secret
from authpip.core.errors import CredentialError, UsageError
from authpip.core.index import Scope
from authpip.providers import services
from authpip.providers.services import token_user
from authpip.storage import logins
from authpip.storage.logins import Login

TYPE_CHECKING = False
if TYPE_CHECKING:
    from authpip.cli.login_proof import WrongURLError
    from authpip.network.http_get import Network

TOKEN_USER = "__token__"  # noqa: S105 (what PyPI and many others expect beside a token)
TRIES = 3  # how often a person may type a secret


def run(arguments: Sequence[str], environ: Mapping[str, str], *, called_as: str = "authpip") -> int:
    """Exit status 0 if the login is stored. Raises CredentialError if it is refused; nothing is stored then."""
    options = _parse(arguments)
    settings = load_settings(environ)
    options.asks = prompt.is_there() and not (options.password_stdin or options.token_stdin)
    options.url = chosen_url(options.url, settings, environ, called_as=called_as, asks=options.asks)
    options, target = _with_rule(options, settings)
    _check_users(target, options)
    network = _network(target, options, environ)
    if network:
        target = _looked_at(target, options, network)
    storage = login_store.storage_of(options, settings, environ)
    backend = login_store.try_out(storage, login_store.keyring_call(environ, settings))
    login = _login(target, options)._replace(storage=storage, backend=backend)
    login, secret, note = _proved(target, login, options, network)
    login = login._replace(services=service_names(parse_target(login.url), login.name) if backend else ())
    login_store.keep(login, secret, login_store.keyring_call(environ, settings))
    say(f"logged in to {login.url} as {login.username}; the secret is {login_store.where(login, environ)}")
    for line in filter(None, (note, _other_accounts(login, environ))):
        say(line)
    return 0


def _parse(arguments: Sequence[str]) -> Namespace:
    parser = Parser("login", "Store a credential for an index. The secret is asked for, or read from stdin.")
    parser.add_argument(
        "url",
        metavar="URL",
        nargs="?",
        help="the index URL as pip has it, or *.corp.example (default: a choice)",
    )
    parser.add_argument("--username", metavar="U", help="default: authpip asks; with a token: __token__")
    secret = parser.add_mutually_exclusive_group()
    secret.add_argument("--password-stdin", action="store_true", help="read the password from stdin")
    secret.add_argument("--token-stdin", action="store_true", help="read a token from stdin")
    parser.add_argument("--bearer", action="store_true", help="send the secret as `Authorization: Bearer`")
    parser.add_argument("--no-verify", action="store_true", help="store the login without asking the index")
    parser.add_argument(
        "--insecure-storage", action="store_true", help="store the secret in a file, not in the OS keyring"
    )
    parser.add_argument("--name", metavar="N", default="", help="a name, for one of several logins for one URL")
    parser.add_argument("--project", metavar="P", help="for uploads: the only project to use this token for")
    parser.add_argument("--allow-http", action="store_true", help="accept http://, which the network can read")
    options = parser.parse(arguments)
    if options.username is not None:
        _check_name(options.username)
    return options


def _with_rule(options: Namespace, settings: Settings) -> tuple[Namespace, LoginTarget]:
    """The options, completed by the user's rule for this index, and the target."""
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


def _network(target: LoginTarget, options: Namespace, environ: Mapping[str, str]) -> Network | None:
    """The network settings for requests to the index; None if no request is to be sent."""
    if options.no_verify or target.scope is None or is_upload(target.scope):
        return None
    from authpip.network.http_get import pip_network

    return pip_network(environ)


def _looked_at(target: LoginTarget, options: Namespace, network: Network) -> LoginTarget:
    """The target, or the index near it that the person chooses. Raises CredentialError if there is no index."""
    from authpip.cli import login_proof

    while target.scope:
        try:
            if login_proof.look(target.scope, network):
                say(f"{target.text}: the index answers without a credential as well, so a wrong secret is not noticed")
            return target
        except login_proof.WrongURLError as error:
            likely = _accepted(error, options)
            if not likely:
                raise
            target = parse_target(likely)._replace(username=target.username)
    return target


def _accepted(error: WrongURLError, options: Namespace) -> str:
    """The likely URL if a person accepts it, "" if nobody can be asked. Raises CredentialError for a no."""
    if not options.asks or not error.likely.startswith("https:"):
        return ""
    say(f"{error.what}: {error.why}")
    if not prompt.confirm(f"Log in to {error.likely} instead?", default=True, option=error.likely):
        raise CredentialError("nothing was stored", "", "check the URL, or add --no-verify")
    return error.likely


def _check_users(target: LoginTarget, options: Namespace) -> None:
    """Refuse a user name that cannot be right, before authpip asks or stores anything."""
    if options.username and target.username not in {None, options.username}:
        raise UsageError("the URL names another user than --username")
    username = options.username or target.username
    if username is not None:
        _check_name(username)
    if is_upload(target.scope) and username not in {None, TOKEN_USER}:
        raise UsageError("PyPI takes only API tokens, whose user name is __token__", "", "leave the user name out")


def _login(target: LoginTarget, options: Namespace) -> Login:
    """The login without its secret and store. Asks for the user name if no option, URL or rule names it."""
    username = options.username or target.username
    if username is None:
        token = options.token_stdin or options.bearer or is_upload(target.scope)
        username = _token_user(target) if token else _asked_name(target)
    scheme = "bearer" if options.bearer else "basic"
    return Login(target.text, username, scheme, created=time.time(), name=options.name)


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
        raise UsageError("this user name is refused", "it is empty, or has a colon or a control character")


def _checked(secret: Secret, login: Login) -> Secret:
    """Refuse a secret that no request can carry (RFC 6750), before an install fails with it."""
    if not secret:
        raise UsageError("the secret is empty", "", "nothing was stored")
    text = secret.expose()
    if _has_control(text):
        raise UsageError("the secret has a line break or another control character", "", "nothing was stored")
    if login.scheme == "bearer" and not (text.isascii() and text.isprintable() and " " not in text):
        raise UsageError("a bearer token has only letters, digits and -._~+/=", "", "nothing was stored")
    return secret


def _has_control(text: str) -> bool:
    """True for control characters, and for surrogates, which stand for undecodable bytes of an argument."""
    return any(c < " " or "\x7f" <= c < "\xa0" or "\ud800" <= c <= "\udfff" for c in text)


def _proved(
    target: LoginTarget, login: Login, options: Namespace, network: Network | None
) -> tuple[Login, Secret, str]:
    """(the login, its secret, a line about the proof or ""). A person may type a rejected secret again."""
    if network is None or target.scope is None:
        secret = _checked(_secret(options, login), login)
        if target.scope and is_upload(target.scope):
            login, note = examine(login, target.scope, secret, options.project)
            return login, secret, note
        wildcard = f"the login for {login.url} was not proved: a wildcard names no index to ask"
        return login, secret, "" if target.scope or options.no_verify else wildcard
    from authpip.cli import login_proof

    for left in reversed(range(TRIES)):
        secret = _checked(_secret(options, login), login)
        try:
            return _proved_at(target.scope, login, secret, options, network), secret, ""
        except login_proof.RejectedError:
            if not left or not options.asks:
                raise
            tries = f"{left} more {'try' if left == 1 else 'tries'}"
            say(f"{login.url} answered 401: wrong user name or secret for {login.username}; {tries}")
    raise AssertionError  # the last round returns or raises


def _proved_at(scope: Scope, login: Login, secret: Secret, options: Namespace, network: Network) -> Login:
    """The login, with the URL that accepted it. Raises CredentialError as login_proof.prove does."""
    from authpip.cli import login_proof

    credential = Credential(login.username, secret, "login", login.username, login.scheme)
    try:
        login_proof.prove(scope, services.as_sent(credential, scope), network)
        return login
    except login_proof.WrongURLError as error:
        likely = _accepted(error, options)
        near = parse_target(likely).scope if likely else None
        if near is None or not scope.covers(near):
            raise
        login_proof.prove(near, services.as_sent(credential, near), network)
        return login._replace(url=likely)


def _other_accounts(login: Login, environ: Mapping[str, str]) -> str:
    """A line about the logins of other users for the same URL; "" if there are none."""
    stored = logins.load(environ)
    others, first = logins.other_users(stored, login), logins.first_of(stored, login.url)
    if not others or not first:
        return ""
    return (
        f"{login.url} has another login, of {', '.join(others)}; the one of {first.username} is used, unless the index "
        f"URL or a rule names a user; `authpip auth logout {login.url} --username {others[0]}` deletes the other one"
    )
