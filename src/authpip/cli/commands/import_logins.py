"""`auth import`: store the secrets of .netrc, .pypirc, pixi's file and pip.conf as logins of authpip.

The JSON: {"version": 1, "done", "entries": [{"target", "username", "path", "outcome"}]}. done: false if nothing was
changed. username: null for a bearer token and for a rule. outcome: as in the text.
"""

from __future__ import annotations

import sys
import time
from argparse import Namespace
from collections.abc import Mapping, Sequence
from shutil import get_terminal_size
from typing import NamedTuple

from authpip.cli import login_store, prompt
from authpip.cli.arguments import Parser
from authpip.cli.import_files import BACKUP, FILES, Found, find, remove, why_not
from authpip.cli.import_hosts import NamedHosts, named_hosts
from authpip.cli.import_rules import FILE, FoundRule, find_rules, keep
from authpip.cli.login_target import parse_target, service_names
from authpip.cli.report.as_text import print_json
from authpip.config.loading import load_settings
from authpip.config.settings import Settings
from authpip.core.console import say, wrapped
from authpip.core.credential import Secret
from authpip.core.redaction import visible
from authpip.storage import keyring_client, logins
from authpip.storage.logins import Login

_KINDS = (*FILES, FILE)
_REFUSED = 2


class Step(NamedTuple):
    """The plan for one secret or one rule. outcome: in words; it begins with "would" if something is to be done."""

    found: Found | FoundRule
    login: Login | None
    outcome: str

    @property
    def is_open(self) -> bool:
        """True if there is something to do."""
        return self.outcome.startswith("would")


def run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Print one line for each secret, stored or not; exit status 2 if nobody agreed. Raises AuthpipError."""
    options = _parse(arguments)
    settings = load_settings(environ)
    storage = login_store.storage_of(options, settings, environ)
    steps = _planned(options, storage, settings, environ)
    todo = [step for step in steps if step.is_open or (options.remove and step.outcome == "stored already")]
    if options.dry_run or not todo:
        return _end(steps, options, done=False)
    if not options.yes and not _is_wanted(steps, todo, options):
        say("nothing is changed")
        return _REFUSED
    backend = login_store.try_out(storage, login_store.keyring_call(environ, settings)) if _has_login(todo) else ""
    done = [_done(step, backend, settings, environ) for step in steps]
    _end(done if options.yes or options.json else [step for step in done if step not in steps], options, done=True)
    if options.remove:
        for line in remove([step.found for step in done if isinstance(step.found, Found) and _is_stored(step)]):
            _tell(line, options)
    return 0


def _parse(arguments: Sequence[str]) -> Namespace:
    parser = Parser(
        "import",
        "Store the secrets of other tools' files in the OS keyring, for the hosts that pip's configuration, a rule, a "
        ".pypirc or an argument names. No request is sent to an index.",
    )
    parser.add_argument(
        "words",
        nargs="*",
        metavar="HOST",
        help=f"a further host, or a kind of file (default: all): {', '.join(_KINDS)}",
    )
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--dry-run", action="store_true", help="print what would be done, and do nothing")
    parser.add_argument(
        "--remove", action="store_true", help=f"remove the secrets from the files; the old files stay as *{BACKUP}"
    )
    parser.add_argument(
        "--insecure-storage", action="store_true", help="store the secrets in a file, not in the OS keyring"
    )
    parser.add_argument("--json", action="store_true", help="the result as JSON; never a secret")
    options = parser.parse(arguments, more="words")
    options.files = [word for word in options.words if word in _KINDS]
    options.hosts = [word for word in options.words if word not in _KINDS]
    return options


def _planned(options: Namespace, storage: str, settings: Settings, environ: Mapping[str, str]) -> list[Step]:
    hosts = named_hosts(options.hosts, settings, environ, FILES)
    found = [each for kind in options.files or FILES if kind != FILE for each in find(kind, environ)]
    steps = [_planned_login(each, storage, hosts, settings, environ) for each in found]
    rules = list(find_rules(environ)) if not options.files or FILE in options.files else []
    return steps + [Step(rule, None, keep(rule, environ, dry_run=True)) for rule in rules]


def _planned_login(
    found: Found, storage: str, hosts: NamedHosts, settings: Settings, environ: Mapping[str, str]
) -> Step:
    obstacle = why_not(found) or hosts.why_not(found.target)
    if obstacle:
        return Step(found, None, f"left there: {obstacle}")
    target = parse_target(found.target)
    username = found.username or "__token__"
    login = Login(target.text, username, found.scheme, storage=storage, created=time.time())
    for old in logins.load(environ):
        if old.key == login.key:
            same = _secret(old, settings, environ) == found.secret
            other = f"left there: another secret is stored for {login.url}"
            return Step(found, old, "stored already" if same else other)
    return Step(found, login, "would be stored")


def _is_wanted(steps: Sequence[Step], todo: Sequence[Step], options: Namespace) -> bool:
    """Print the plan and ask; False without a terminal."""
    if not prompt.is_there():
        _end(steps, options, done=False)
        say("there is no terminal to ask at; add --yes to do what the list says")
        return False
    for step in steps:
        _tell(_line(step), options)
    count = "this login" if len(todo) == 1 else f"these {len(todo)}"
    question = f"Store {count}{' and take them out of the files' if options.remove else ''}?"
    return prompt.confirm(question, default=False, option="--yes")


def _done(step: Step, backend: str, settings: Settings, environ: Mapping[str, str]) -> Step:
    if not step.is_open:
        return step
    if isinstance(step.found, FoundRule):
        return step._replace(outcome=keep(step.found, environ, dry_run=False))
    assert step.login is not None
    services = service_names(parse_target(step.found.target), "") if backend else ()
    login = step.login._replace(backend=backend, services=services)
    login_store.keep(login, step.found.secret, login_store.keyring_call(environ, settings))
    return step._replace(outcome="stored")


def _end(steps: Sequence[Step], options: Namespace, *, done: bool) -> int:
    if options.json:
        print_json({"version": 1, "done": done, "entries": [_as_object(step) for step in steps]})
        return 0
    for step in steps:
        _tell(_line(step), options)
    if not steps and not done:
        print("there is no secret in any of these files")
    return 0


def _line(step: Step) -> str:
    found = step.found
    whose = f" as {found.username or 'bearer'}" if isinstance(found, Found) else ""
    return visible(f"{found.target or 'codeartifact'}{whose}, from {found.path}: {step.outcome}")


def _as_object(step: Step) -> dict[str, str | None]:
    found = step.found
    username = found.username or None if isinstance(found, Found) else None
    return {"target": found.target, "username": username, "path": found.path, "outcome": step.outcome}


def _tell(line: str, options: Namespace) -> None:
    if options.json:
        say(line)
        return
    width = get_terminal_size().columns if sys.stdout.isatty() else 0
    print(wrapped(visible(line), width))


def _has_login(todo: Sequence[Step]) -> bool:
    return any(isinstance(step.found, Found) and step.is_open for step in todo)


def _is_stored(step: Step) -> bool:
    return step.outcome in {"stored", "stored already"}


def _secret(login: Login, settings: Settings, environ: Mapping[str, str]) -> Secret | None:
    if login.storage == "file":
        return logins.read_secret(login, environ)
    ask = login_store.keyring_call(environ, settings)
    kept = keyring_client.find(login.services, login.username, login.backend, ask)
    return kept[1] if kept else None
