"""`authpip auth token URL`: print the credential that an index would get, for scripts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from authpip.cli import prompt
from authpip.cli.arguments import Parser
from authpip.cli.login_target import parse_target
from authpip.config.loading import load_settings
from authpip.core.credential import Credential
from authpip.core.errors import CredentialNotFoundError, UsageError
from authpip.core.index import Index
from authpip.providers.chain import resolve
from authpip.storage.audit_trail import record


def run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Print the secret, or the whole credential as JSON. Raises CredentialError if there is none."""
    parser = Parser("token", "Print only the secret for an index: the password or the token.")
    parser.add_argument("url", metavar="URL", help="the URL of the index")
    parser.add_argument("--json", action="store_true", help="username, secret, scheme, expires, source")
    options = parser.parse(arguments)
    credential = _credential(options.url, environ)
    print(json.dumps(_as_object(credential)) if options.json else credential.secret.expose())
    return 0


def _credential(url: str, environ: Mapping[str, str]) -> Credential:
    target = parse_target(url)
    if target.scope is None:
        raise UsageError("a wildcard names no index", "", "give the URL of an index")
    index = Index(target.typed, target.scope, "auth token", target.username)
    settings = load_settings(environ)
    [answer] = resolve([index], settings, environ, interactive=prompt.is_there())
    if answer.error:
        raise answer.error
    if answer.credential is None:
        why = "no provider has one" if answer.authenticate != "never" else "its rule says never"
        remedy = f"type: authpip auth login {target.text}"
        raise CredentialNotFoundError(f"there is no credential for {target.text}", why, remedy)
    record(settings, [(index.url, answer.credential)], "auth token")
    return answer.credential


def _as_object(credential: Credential) -> dict[str, str | float | None]:
    return {
        "username": credential.username,
        "secret": credential.secret.expose(),
        "scheme": credential.scheme,
        "expires": credential.expires,
        "source": credential.provider,
    }
