"""`authpip auth explain [--json] [PIP ARGS…]`: what this pip command would use, and why."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence

from authpip.cli.arguments import Parser
from authpip.cli.report import as_text, explanation, routes
from authpip.launcher import find


def run(arguments: Sequence[str], environ: Mapping[str, str], *, called_as: str = "authpip") -> int:
    """Print the explanation; exit status 1 if a required credential is missing. Raises AuthpipError."""
    parser = Parser(
        "explain",
        "Say which pip would run, which indexes it would use, where each was configured, and which "
        "credential each index gets. No request goes to an index, and no secret is shown. Exit status 1: a "
        "required credential is missing.",
    )
    parser.add_argument("--json", action="store_true", help="the same as JSON")
    parser.add_argument("-v", "--verbose", action="store_true", help="also the providers that had no answer")
    parser.add_argument(
        "--name",
        action="append",
        default=[],
        metavar="PACKAGE",
        help="which index may serve this package, and why; left out: each one that the command names",
    )
    parser.add_argument(
        "pip_arguments",
        nargs=argparse.REMAINDER,
        metavar="PIP ARGS",
        help="pip's own command line (default: install); put -- before one that begins with an option",
    )
    options = parser.parse(arguments)
    found = explanation.explain(find(called_as, environ), pip_arguments(options.pip_arguments), environ)
    names = options.name or (found.plan.invocation.names if found.plan else ())
    choices = [routes.choice(name, found.plan) for name in names if found.plan]
    if options.json:
        as_text.print_json({**explanation.to_json(found), "names": routes.as_json(choices)})
    else:
        told = [one for one in choices if options.name or not one.is_pips_own]
        as_text.print_rows([*as_text.explanation_rows(found, verbose=options.verbose), *routes.rows(told)], environ)
    return 0 if found.starts else 1


def pip_arguments(given: Sequence[str]) -> list[str]:
    """pip's arguments to explain; `install` if there are none."""
    return list(given[1:] if given[:1] == ["--"] else given) or ["install"]
