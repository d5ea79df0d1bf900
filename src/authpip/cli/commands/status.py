"""`authpip auth status`: each stored login, rule and cloud identity, and whether it works.

The JSON: {"version": 1, "ok", "entries": [{"kind", "subject", "verdict", "status", "why", "remedy"}]}; kind: "login",
"rule" or "identity"; verdict: a word of report.diagnosis, "expired", or "no-credential".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from authpip.cli.arguments import Parser
from authpip.cli.report import as_text
from authpip.cli.report.standing import Standing, standings
from authpip.core.console import say
from authpip.launcher import find


def run(arguments: Sequence[str], environ: Mapping[str, str], *, called_as: str = "authpip") -> int:
    """Print one line for each; exit status 1 if one does not work. Raises AuthpipError for broken settings."""
    parser = Parser(
        "status",
        "Say whether each stored login, rule and cloud identity works: authpip reads its secret and asks its index. "
        "Exit status 1: one does not work.",
    )
    parser.add_argument("--json", action="store_true", help="the same as JSON; never a secret")
    options = parser.parse(arguments)
    environ = {name: value for name, value in environ.items() if name != "AUTHPIP_DISABLE"}
    found = standings(find(called_as, environ), environ)
    good = all(one.verdict.is_good for one in found)
    if options.json:
        as_text.print_json({"version": 1, "ok": good, "entries": [_as_object(one) for one in found]})
    elif not found:
        say("there is no login, no rule and no cloud identity; `authpip auth login URL` makes a login")
    else:
        as_text.print_rows(map(_row, found), environ)
    return 0 if good else 1


def _row(one: Standing) -> as_text.Row:
    verdict = one.verdict
    remedy = f"; {verdict.remedy}" if verdict.remedy else ""
    text = f"{one.subject}: {verdict.word}: {verdict.why}{remedy}"
    return as_text.Row(one.kind, text, as_text.GOOD if verdict.is_good else as_text.BAD)


def _as_object(one: Standing) -> dict[str, str | int | None]:
    verdict = one.verdict
    return {
        "kind": one.kind,
        "subject": one.subject,
        "verdict": verdict.word,
        "status": verdict.status,
        "why": verdict.why,
        "remedy": verdict.remedy,
    }
