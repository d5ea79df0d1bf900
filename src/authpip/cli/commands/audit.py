"""`authpip auth audit [--json] [DIR]`: the installed packages that did not come from their rule's index."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from authpip.activation import environments
from authpip.cli.arguments import Parser
from authpip.cli.report import as_text
from authpip.cli.report.audit import Audit, as_json, audit
from authpip.config.loading import load_settings
from authpip.core.console import say
from authpip.core.errors import CredentialError
from authpip.core.redaction import visible


def run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Print the packages that came from elsewhere; exit status 1 if there are any, 3 if an index could not be read.

    Raises AuthpipError if there is no environment.
    """
    parser = Parser(
        "audit",
        "Compare what is installed in an environment with the indexes that rules name: a package that a rule names in "
        "packages, or that a rule's index offers, must come from that index. Exit status 1: a package came from "
        "elsewhere; 3: an index could not be read.",
    )
    parser.add_argument("--json", action="store_true", help="every package that a rule applies to, as JSON")
    parser.add_argument("directory", nargs="?", metavar="DIR", help="an environment; left out: the active one")
    options = parser.parse(arguments)
    directory = options.directory or environ.get("VIRTUAL_ENV") or environ.get("CONDA_PREFIX") or sys.prefix
    found = audit(environments.find(Path(directory)).site, load_settings(environ), environ)
    if options.json:
        as_text.print_json(as_json(found))
    else:
        _print(found)
    if not found.is_clean:
        return 1
    return CredentialError.exit_code if found.unread else 0


def _print(found: Audit) -> None:
    for one in found.findings:
        if one.verdict != "same":
            print(visible(f"{one.name} {one.version}: {one.verdict} (rule {one.rule.name!r}): {one.why}"))
    same = sum(one.verdict == "same" for one in found.findings)
    print(f"{same} of {len(found.findings)} packages that a rule applies to match its index")
    for place, why in found.unread.items():
        say(f"{why}: what this index offers is unknown (rule at {place})")
