"""The `keyring` command of `auth shim install --keyring`: its `get` asks the chain of providers first.

It is called in three forms: `get URL USER` (pip, uv), `--mode=creds --output=json get URL [USER]` (pip) and
`get URL --mode creds` (uv). The real keyring answers if the chain has no credential, and for all other operations.
"""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence

from authpip.config.loading import load_settings
from authpip.core.credential import Credential
from authpip.core.errors import UsageError
from authpip.core.index import Index, RefusedURL, is_index_url, parse_scope, split_userinfo
from authpip.providers.chain import resolve
from authpip.storage.audit_trail import record

NOT_FOUND = 1
ANY_USER = frozenset({"VssSessionToken", "build"})  # Azure Artifacts takes every user name beside a token


def run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Print the answer, or become the real keyring. Raises CredentialError if a required credential is missing."""
    question = _question(arguments)
    credential = _find(question.service, question.username, environ) if question else None
    if question is None or credential is None:
        return _real_keyring(arguments, environ)
    pair = {"username": credential.username, "password": credential.secret.expose()}
    if question.mode != "creds":
        del pair["username"]
    print(json.dumps(pair) if question.output == "json" else "\n".join(pair.values()))
    return 0


def _question(arguments: Sequence[str]) -> Namespace | None:
    """The parsed arguments if they are a `get` for a user or for a pair; None for anything else."""
    parser = _Parser(add_help=False, allow_abbrev=False)
    parser.add_argument("--mode", choices=("password", "creds"), default="password")
    parser.add_argument("--output", choices=("plain", "json"), default="plain")
    parser.add_argument("operation", choices=("get",))
    parser.add_argument("service")
    parser.add_argument("username", nargs="?")
    try:
        question = parser.parse_args(arguments)
    except UsageError:
        return None
    return question if question.username or question.mode == "creds" else None


class _Parser(ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        raise UsageError(message)


def _find(service: str, username: str | None, environ: Mapping[str, str]) -> Credential | None:
    """The credential for an index URL, or for a host: pip and uv ask for the host if the URL had no answer."""
    url = service if is_index_url(service) else f"https://{service}/"
    try:
        url, named, _ = split_userinfo(url)
        index = Index(url, parse_scope(url), "keyring get", username or named or None)
    except RefusedURL:
        return None
    settings = load_settings(environ)
    [answer] = resolve([index], settings, environ)
    if answer.error and answer.authenticate == "always":
        raise answer.error
    credential = answer.credential
    if credential is None or credential.scheme != "basic":  # keyring's answer is a user name and a password
        return None
    if username and username != credential.username:
        if credential.username not in ANY_USER:
            return None
        credential = credential._replace(username=username)
    record(settings, [(index.url, credential)], "keyring get")
    return credential


def _real_keyring(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    from authpip.launcher import become
    from authpip.launcher.which_pip import first_on_path

    found = first_on_path("keyring", environ)
    return NOT_FOUND if found is None else become([os.path.abspath(found), *arguments], environ)
