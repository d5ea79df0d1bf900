"""Print facts as text: a label and a text on each line, coloured on a terminal, plain elsewhere."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from authpip.cli.report.explanation import Entry, Explanation
from authpip.core.redaction import shown_identity, shown_url, visible

_WIDTH = 14  # characters for the label
GOOD, BAD, NOTE, HEAD = "green", "bold red", "yellow", "bold"


class Row(NamedTuple):
    """One line. label: "" for a heading. style: of the text, as rich names it."""

    label: str
    text: str
    style: str = ""


def print_json(document: Mapping[str, Any]) -> None:
    """Print JSON."""
    print(json_text(document), end="")


def json_text(document: Mapping[str, Any]) -> str:
    """The document as indented JSON."""
    return json.dumps(document, indent=2) + "\n"


def plain_text(rows: Iterable[Row]) -> str:
    """One line for each row, without wrapping."""
    return "".join(f"{_plain(row)}\n" for row in rows)


def print_rows(rows: Iterable[Row], environ: Mapping[str, str]) -> None:
    """Print the rows, coloured by rich if stdout is a terminal."""
    if sys.stdout.isatty() and environ.get("TERM", "") not in {"", "dumb"}:
        _print_styled(rows)
        return
    print(plain_text(rows), end="")


def explanation_rows(explanation: Explanation, *, verbose: bool) -> Iterator[Row]:
    """The rows of `auth explain`. verbose: with the providers that had no credential."""
    yield from head_rows(explanation)
    for number, entry in enumerate(explanation.entries, start=1):
        yield Row("", "")
        yield from entry_rows(entry, number, verbose=verbose)


def head_rows(explanation: Explanation) -> Iterator[Row]:
    """The rows about pip, Python and the settings."""
    pip, plan = explanation.pip, explanation.plan
    python_version, pip_version = explanation.versions
    yield Row("", " ".join(["pip", *map(shown_url, explanation.arguments)]), HEAD)
    yield Row("pip", _with(" ".join(pip.command([])), pip_version))
    yield Row("python", _with(pip.python, python_version))
    if plan and plan.invocation.python:
        yield Row("environment", f"{plan.invocation.python} (--python)")
    if plan and plan.settings.files:
        yield Row("settings", ", ".join(plan.settings.files))
    if plan and plan.invocation.proxy:
        yield Row("proxy", shown_url(plan.invocation.proxy))
    if plan and plan.invocation.cert:
        yield Row("cert", plan.invocation.cert)
    for url, configured_in in plan.invocation.unread if plan else ():
        yield Row(
            "unread",
            f"{shown_url(url)} ({visible(configured_in)}): authpip asks about its indexes when pip reads it",
            NOTE,
        )
    if explanation.note:
        yield Row("note", explanation.note, NOTE)


def entry_rows(entry: Entry, number: int, *, verbose: bool) -> Iterator[Row]:
    """The rows about one index. verbose: with the providers that had no credential."""
    answer = entry.answer
    kind = "" if entry.kind == "index" else f" ({entry.kind})"
    yield Row("", f"{number}. {shown_url(answer.index.url if answer else entry.configured.value)}{kind}", HEAD)
    yield Row("configured", visible(entry.configured.configured_in))
    yield _credential_row(entry)
    if answer is None:
        return
    if entry.other_users:
        others = visible(", ".join(entry.other_users))
        yield Row("also there", f"{others}: used if the index URL (https://USER@…) or a rule names the user", NOTE)
    if answer.error:
        yield Row("why", visible(answer.error.why or answer.error.what), BAD)
        yield Row("remedy", visible(answer.error.remedy), NOTE)
    if answer.rule:
        yield Row("rule", f"{answer.rule.name!r} ({answer.rule.configured_in})")
    yield Row("authenticate", answer.authenticate)
    quiet = [name for name, outcome in answer.tried if outcome == "not mine"]
    if quiet and verbose:
        yield Row("no answer", ", ".join(quiet))


def _plain(row: Row) -> str:
    return f"  {row.label:<{_WIDTH}}{row.text}" if row.label else row.text


def _credential_row(entry: Entry) -> Row:
    credential = entry.answer.credential if entry.answer else None
    if credential is not None and entry.state == "credential":
        who = f" as {shown_identity(credential)}" if credential.identity else ""
        kind = " (Bearer)" if credential.scheme == "bearer" else ""
        return Row("credential", f"from {credential.provider}{who}{kind}{_until(credential.expires)}", GOOD)
    return {
        "local": Row("credential", "none: a local path"),
        "never": Row("credential", "none: the rule says never"),
        "no-credential": Row("credential", "MISSING: pip would not start", BAD),
    }.get(
        entry.state,
        Row(
            "credential",
            "none: no provider has one for this index; pip asks without one, and looks in the keyring after a 401",
        ),
    )


def _until(expires: float | None) -> str:
    if expires is None:
        return ""
    minutes = int((expires - time.time()) // 60)
    left = f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{max(minutes, 0)} min"
    return f", until {time.strftime('%Y-%m-%d %H:%M', time.localtime(expires))} (in {left})"


def _with(text: str, version: str | None) -> str:
    return f"{text} ({version})" if version else text


def _print_styled(rows: Iterable[Row]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False, emoji=False)
    for row in rows:
        if not row.label:
            console.print(Text(row.text, row.style), soft_wrap=True)
            continue
        grid = Table.grid(padding=(0, 0))
        grid.add_column(width=_WIDTH + 2)
        grid.add_column(overflow="fold")
        grid.add_row(Text("  " + row.label, "dim"), Text(row.text, row.style))
        console.print(grid)
