"""`auth import`: keep what .netrc, .pypirc, pixi and pip.conf hold as logins of authpip's."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path

from authpip.cli import prompt
from authpip.cli.arguments import Parser
from authpip.cli.import_files import FILES, Found, find, why_not
from authpip.cli.import_rules import FILE, find_rules, keep
from authpip.cli.login_target import parse_target, service_names
from authpip.config.loading import load_settings
from authpip.core.credential import Secret
from authpip.core.errors import UsageError
from authpip.core.redaction import visible
from authpip.files import atomic
from authpip.storage import keyring_client, logins
from authpip.storage.logins import Login

BACKUP = ".authpip-backup"
_KINDS = ", ".join((*FILES, FILE))


def run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Print what is taken over and what is not, one line each. Raises AuthpipError where storing fails."""
    options = _parse(arguments)
    found = [each for kind in options.files or FILES if kind != FILE for each in find(kind, environ)]
    backend, storage = _storage(options, environ) if found else ("", "")
    taken: list[Found] = []
    for each in found:
        obstacle = why_not(each)
        outcome = f"left there: {obstacle}" if obstacle else _taken(each, backend, storage, options.dry_run, environ)
        taken += [] if outcome.startswith("left there") else [each]
        print(visible(f"{each.target} as {each.username or 'bearer'}, from {each.path}: {outcome}"))
    rules = list(find_rules(environ)) if not options.files or FILE in options.files else []
    for rule in rules:
        outcome = keep(rule, environ, options.dry_run)
        print(visible(f"{rule.target or 'codeartifact'}, from {rule.path}: {outcome}"))
    if not found and not rules:
        print("there is no secret in any of these files")
    if options.remove and not options.dry_run:
        _remove(taken)
    return 0


def _parse(arguments: Sequence[str]) -> Namespace:
    parser = Parser("import", "Keep what other tools' files hold in the OS keyring. Nothing is asked of any index.")
    parser.add_argument("files", nargs="*", choices=(*FILES, FILE, []), metavar="FILE", help=f"of {_KINDS}; all")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    parser.add_argument("--remove", action="store_true", help=f"take it out of the files, which are kept as *{BACKUP}")
    parser.add_argument("--insecure-storage", action="store_true", help="keep it in a file, not in the OS keyring")
    return parser.parse(arguments)


def _storage(options: Namespace, environ: Mapping[str, str]) -> tuple[str, str]:
    """(keyring backend, "keyring" or "file"). Raises CredentialError where there is no keyring to trust."""
    settings = load_settings(environ)
    if options.insecure_storage or settings.storage == "file" or environ.get(logins.AUTH_FILE):
        return "", "file"
    return ("", "keyring") if options.dry_run else (keyring_client.choose(_ask(environ)), "keyring")


def _login(found: Found, backend: str, storage: str) -> Login:
    target = parse_target(found.target)
    services = service_names(target, "") if storage == "keyring" else ()
    username = found.username or "__token__"
    return Login(target.text, username, found.scheme, services, backend, storage, created=time.time())


def _taken(found: Found, backend: str, storage: str, dry_run: bool, environ: Mapping[str, str]) -> str:
    """Keep it, the secret first and then the list; what came of it."""
    login = _login(found, backend, storage)
    for old in logins.load(environ):
        if old.key == login.key:
            same = _secret(old, environ) == found.secret
            return "stored already" if same else f"left there: another secret is stored for {login.url}"
    if dry_run:
        return "would be stored"
    if login.storage == "file":
        logins.add(environ, login, found.secret.expose())
    else:
        keyring_client.store(login.services, login.username, found.secret, login.backend, _ask(environ))
        logins.add(environ, login)
    return "stored"


def _secret(login: Login, environ: Mapping[str, str]) -> Secret | None:
    if login.storage == "file":
        return logins.read_secret(login, environ)
    kept = keyring_client.find(login.services, login.username, login.backend, _ask(environ))
    return kept[1] if kept else None


def _remove(taken: Sequence[Found]) -> None:
    """Replace each file by one without its secrets; a backup stays beside it."""
    for path in dict.fromkeys(Path(found.path).resolve() for found in taken):
        backup = path.with_name(path.name + BACKUP)
        try:
            content = path.read_bytes()
            atomic.write_new(backup, content, mode=0o600)
            text = content.decode("utf-8")
            for found in taken:
                if Path(found.path).resolve() == path:
                    text = found.without(text)
            atomic.write(path, text.encode(), mode=path.stat().st_mode & 0o777)
        except OSError as error:
            why = f"{backup} is there already" if isinstance(error, FileExistsError) else error.strerror or ""
            raise UsageError(f"nothing was removed from {path}", why, "the logins are stored") from None
        print(visible(f"{path}: removed; {backup} is as it was, delete it when all is well"))


def _ask(environ: Mapping[str, str]) -> keyring_client.KeyringCall:
    return keyring_client.KeyringCall(environ, time.monotonic() + 30, prompt.is_there())
