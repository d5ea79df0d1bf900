"""`authpip auth cache clear|status`: the tokens that are kept for the next run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from authpip.cli.arguments import Parser
from authpip.core.console import say
from authpip.core.redaction import visible
from authpip.storage import token_cache


def run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Forget every kept token, or tell which there are. Exit status 0."""
    parser = Parser("cache", "The tokens that are kept for the next run: forget them all, or tell which there are.")
    parser.add_argument("action", choices=("clear", "status"), help="delete them, or list them")
    parser.add_argument("--json", action="store_true", help="status as JSON; never a token")
    chosen = parser.parse(arguments)
    if chosen.action == "clear":
        count = token_cache.clear(environ)
        say(f"forgot {count} kept token{'' if count == 1 else 's'}")
    else:
        _show(token_cache.kept(environ), as_json=chosen.json)
    return 0


def _show(kept: Sequence[token_cache.CachedToken], *, as_json: bool) -> None:
    from datetime import datetime, timezone

    if as_json:
        import json

        print(json.dumps([entry._asdict() for entry in kept], indent=2))
        return
    for entry in kept:
        until = datetime.fromtimestamp(entry.until, timezone.utc).astimezone()
        provider = entry.name.partition("-")[0]
        print(visible(f"{provider}: {entry.label}, in the {entry.store} until {until:%Y-%m-%d %H:%M:%S}"))
    if not kept:
        say("no token is kept")
