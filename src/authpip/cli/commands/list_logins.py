"""`authpip auth list`: the stored logins; never a secret."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping, Sequence

from authpip.cli.arguments import Parser
from authpip.core.console import say
from authpip.core.redaction import visible
from authpip.storage import keyring_client, logins
from authpip.storage.logins import Login

HEADINGS = ("index", "user", "kind", "where", "expires")


def run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Print a table on a terminal, plain columns elsewhere, or JSON; exit status 0."""
    parser = Parser("list", "List the stored logins: index, user, kind, place and end.")
    parser.add_argument("--json", action="store_true", help="a list of objects")
    options = parser.parse(arguments)
    stored = logins.load(environ)
    if options.json:
        print(json.dumps([_as_object(login, stored) for login in stored], indent=2))
    elif not stored:
        say("no logins are stored; `authpip auth login URL` makes one")
    elif sys.stdout.isatty():
        _print_table([_row(login, stored) for login in stored])
    else:
        _print_columns([_row(login, stored) for login in stored])
    return 0


def _row(login: Login, stored: Sequence[Login]) -> tuple[str, ...]:
    notes = [login.name, _rank(login, stored)]
    user = login.username + "".join(f" ({note})" for note in notes if note)
    place = keyring_client.short_name(login.backend) if login.storage == "keyring" else "file"
    return tuple(map(visible, (login.url, user, login.scheme, place, _time(login.expires) or "-")))


def _rank(login: Login, stored: Sequence[Login]) -> str:
    """Whether this login is the one of several for its URL that is used; "" if it is the only one."""
    if not logins.other_users(stored, login):
        return ""
    return "used" if _is_used(login, stored) else "used if named"


def _is_used(login: Login, stored: Sequence[Login]) -> bool:
    first = logins.first_of(stored, login.url)
    return first is not None and first.username == login.username


def _as_object(login: Login, stored: Sequence[Login]) -> dict[str, str | bool | None]:
    return {
        "url": login.url,
        "username": login.username,
        "name": login.name or None,
        "scheme": login.scheme,
        "storage": login.storage,
        "backend": login.backend or None,
        "created": _time(login.created),
        "expires": _time(login.expires),
        "used": _is_used(login, stored),
    }


def _time(seconds: float | None) -> str | None:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds)) if seconds else None


def _print_columns(rows: Sequence[tuple[str, ...]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _print_table(rows: Sequence[tuple[str, ...]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    widths = [max(map(len, column)) for column in zip(HEADINGS, *rows, strict=True)]
    if sum(widths) + 2 * len(widths) > console.width:
        _print_stacked(rows)
        return
    table = Table(*HEADINGS, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(cell, overflow="fold") for cell in row))
    console.print(table)


def _print_stacked(rows: Sequence[tuple[str, ...]]) -> None:
    """Print the URL on a line of its own, so that it stays whole in a narrow terminal."""
    for url, *others in rows:
        print(f"{url}\n  {', '.join(cell for cell in others if cell != '-')}")
