"""Index URLs of Azure Artifacts feeds, as the task PipAuthenticate sets them, without its token."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping

from authpip.core.errors import UsageError
from authpip.core.index import RefusedURL, parse_scope

HOST = "https://pkgs.dev.azure.com"
MAIN, EXTRA = "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"


def feed_url(feed: str) -> str:
    """The index URL of ORG/FEED or ORG/PROJECT/FEED. Raises UsageError."""
    from urllib.parse import quote

    names = [quote(name.strip(), safe="@") for name in feed.split("/")]
    url = "/".join([HOST, *names[:-1], "_packaging", names[-1], "pypi", "simple", ""])
    try:
        parse_scope(url)
        well_formed = len(names) in {2, 3} and all(names)
    except RefusedURL:
        well_formed = False
    if not well_formed:
        raise UsageError(f"{feed!r} is not a feed", "", "write ORG/FEED, or ORG/PROJECT/FEED for a feed of a project")
    return url


def variables(feeds: Iterable[str], environ: Mapping[str, str], *, extra_only: bool = False) -> dict[str, str]:
    """The new values of PIP_INDEX_URL and PIP_EXTRA_INDEX_URL for these feeds; "" empties a variable that is set.

    extra_only: the main index stays. Raises UsageError.
    """
    urls = [feed_url(feed) for feed in feeds]
    if not urls:
        raise UsageError("no feed is named", "", "write --azure-feed ORG/[PROJECT/]FEED")
    main, extra = ([], urls) if extra_only else (urls[:1], urls[1:])
    found = {MAIN: " ".join(main), EXTRA: " ".join(extra)}
    return {name: value for name, value in found.items() if value or (name == EXTRA and environ.get(name))}


def exported(values: Mapping[str, str], environ: Mapping[str, str]) -> tuple[str | None, str]:
    """(file or None, text): the text, added to the file or printed, sets the variables for later steps.

    GitHub Actions reads the file that GITHUB_ENV names, Azure Pipelines reads commands on stdout; any other shell
    evaluates `export` lines.
    """
    if environ.get("GITHUB_ACTIONS") == "true" and environ.get("GITHUB_ENV"):
        return environ["GITHUB_ENV"], "".join(f"{name}={value}\n" for name, value in values.items())
    if environ.get("TF_BUILD", "").lower() == "true":
        return None, "".join(f"##vso[task.setvariable variable={name}]{value}\n" for name, value in values.items())
    return None, "".join(f"export {name}={shlex.quote(value)}\n" for name, value in values.items())
