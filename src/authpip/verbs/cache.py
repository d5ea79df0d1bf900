"""`authpip auth cache clear|status`: the tokens that are kept for the next run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from authpip import token_cache
from authpip.console import say, visible


def run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Forget every kept token, or tell which there are. Exit status 0."""
    from argparse import ArgumentParser

    parser = ArgumentParser(prog="authpip auth cache", description="The tokens that are kept for the next run.")
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("clear", help="forget them all")
    status = actions.add_parser("status", help="what is kept, where and until when; never a token")
    status.add_argument("--json", action="store_true", help="print JSON")
    chosen = parser.parse_args(arguments)
    if chosen.action == "clear":
        count = token_cache.clear(environ)
        say(f"forgot {count} kept token{'' if count == 1 else 's'}")
    else:
        _show(token_cache.kept(environ), as_json=chosen.json)
    return 0


def _show(kept: Sequence[token_cache.Kept], *, as_json: bool) -> None:
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
