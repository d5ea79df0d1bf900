"""`authpip auth check [--json] [URL… | -- PIP ARGS…]`: like explain, and send a request to each index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from authpip.cli.arguments import Parser
from authpip.cli.report import as_text, same_names
from authpip.cli.report.check import CheckedEntry, all_good, check, check_json, job_token
from authpip.cli.report.explanation import Explanation, explain, explain_urls
from authpip.launcher import find


def run(arguments: Sequence[str], environ: Mapping[str, str], *, called_as: str = "authpip") -> int:
    """Print each index and its answer; exit status 1 if one fails. Raises AuthpipError as explain does."""
    parser = Parser(
        "check",
        "Ask each index that `pip install` would use, or each URL, with the credential that it would get, through the "
        "proxy and with the certificates that pip would use. After `--`, a command of pip: warn of each package in it "
        "that a private and an open index both have. Exit status 1: an index does not let pip in.",
    )
    parser.add_argument("--json", action="store_true", help="the JSON of `authpip auth explain`, and the answers")
    parser.add_argument("-v", "--verbose", action="store_true", help="also the providers that had no answer")
    parser.add_argument("urls", nargs="*", metavar="URL", help="index URLs to ask in place of pip's own")
    own, pip_arguments = _split(arguments)
    options = parser.parse(own)
    environ = {name: value for name, value in environ.items() if name != "AUTHPIP_DISABLE"}
    pip = find(called_as, environ)
    found = explain_urls(pip, options.urls, environ) if options.urls else explain(pip, pip_arguments, environ)
    checked = check(found, environ)
    answers = [entry.answer for entry, _ in checked if entry.answer and entry.kind == "index"]
    twins = same_names.same_names(found.plan, answers, environ) if found.plan else []
    if options.json:
        document = {**check_json(found, checked, environ), "names_on_both_sides": same_names.as_json(twins)}
        as_text.print_json(document)
    else:
        rows = _rows(found, checked, environ, verbose=options.verbose)
        as_text.print_rows([*rows, *same_names.rows(twins, found.plan)], environ)
    return 0 if all_good(checked) else 1


def _split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """(authpip's arguments, pip's arguments after `--`; without these, `install`)."""
    words = list(arguments)
    at = words.index("--") if "--" in words else len(words)
    return words[:at], words[at + 1 :] or ["install"]


def _rows(
    explanation: Explanation, checked: Sequence[CheckedEntry], environ: Mapping[str, str], *, verbose: bool
) -> Iterator[as_text.Row]:
    yield from as_text.head_rows(explanation)
    for number, (entry, verdict) in enumerate(checked, start=1):
        yield as_text.Row("", "")
        yield from as_text.entry_rows(entry, number, verbose=verbose)
        for name, text in job_token(entry, explanation, environ).items():
            yield as_text.Row(name, f"{text} (of this job's token)")
        if verdict is None:
            continue
        yield as_text.Row("answer", f"{verdict.word}: {verdict.why}", as_text.GOOD if verdict.is_good else as_text.BAD)
        if verdict.remedy and not (entry.answer and entry.answer.error):
            yield as_text.Row("remedy", verdict.remedy, as_text.NOTE)
