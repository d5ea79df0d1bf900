"""`authpip auth indexes`: print or export index URLs for CI, without any secret."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from authpip.cli import azure_feeds
from authpip.cli.arguments import Parser


def run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Print NAME=VALUE lines, or set the variables for later steps; exit status 0. Raises UsageError."""
    parser = Parser("indexes", "Print index URLs for pip. authpip gets the credential when pip runs.")
    parser.add_argument(
        "--azure-feed",
        action="append",
        required=True,
        metavar="ORG/[PROJECT/]FEED,…",
        help="Azure Artifacts feeds; the first is the main index",
    )
    parser.add_argument("--extra-only", action="store_true", help="keep the main index: all feeds are extra indexes")
    parser.add_argument(
        "--export",
        action="store_true",
        help="for later steps: by GITHUB_ENV, Azure Pipelines' setvariable, or lines for a shell's eval",
    )
    options = parser.parse(arguments)
    feeds = [feed for words in options.azure_feed for feed in words.split(",") if feed.strip()]
    values = azure_feeds.variables(feeds, environ, extra_only=options.extra_only)
    if not options.export:
        print("".join(f"{name}={value}\n" for name, value in values.items()), end="")
        return 0
    file, text = azure_feeds.exported(values, environ)
    if file is None:
        print(text, end="")
    else:
        with open(file, "a", encoding="utf-8") as stream:
            stream.write(text)
    return 0
