"""`authpip auth cache clear|status`: the tokens that are cached for the next run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from authpip.cli.arguments import Parser
from authpip.core.console import say
from authpip.core.redaction import visible
from authpip.storage import token_cache


def run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Delete all cached tokens, or list them. Exit status 0."""
    parser = Parser("cache", "The tokens that are cached for the next run: delete or list them.")
    parser.add_argument("action", choices=("clear", "status"), help="delete them, or list them")
    parser.add_argument("--json", action="store_true", help="status as JSON; never a token")
    chosen = parser.parse(arguments)
    if chosen.action == "clear":
        count = token_cache.clear(environ)
        say(f"deleted {count} cached token{'' if count == 1 else 's'}")
    else:
        _show(token_cache.kept(environ), as_json=chosen.json)
    return 0


def _show(tokens: Sequence[token_cache.CachedToken], *, as_json: bool) -> None:
    from datetime import datetime, timezone

    if as_json:
        import json

        print(json.dumps([token._asdict() for token in tokens], indent=2))
        return
    for token in tokens:
        until = datetime.fromtimestamp(token.until, timezone.utc).astimezone()
        provider = token.name.partition("-")[0]
        print(visible(f"{provider}: {token.label}, in the {token.store} until {until:%Y-%m-%d %H:%M:%S}"))
    if not tokens:
        say("no token is cached")
