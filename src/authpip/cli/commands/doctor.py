"""`authpip auth doctor [--report FILE] [--json]`: facts about this machine, its problems, and what to type.

The JSON: {"version": 1, "ok", "sections": [{"name", "facts": [{"name", "text"}]}], "problems": [{"section", "what",
"remedy"}]}. Text and JSON hold no secret, no user name, and no host name but those of indexes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from authpip.cli.arguments import Parser
from authpip.cli.doctor import configuration, front, programs, storage, ways
from authpip.cli.doctor.mask import Mask
from authpip.cli.doctor.section import Problem, Section
from authpip.cli.report import as_text
from authpip.core.errors import AuthpipError
from authpip.files.atomic import explained, write
from authpip.launcher import find
from authpip.launcher.which_pip import Pip


def run(arguments: Sequence[str], environ: Mapping[str, str], *, called_as: str = "authpip") -> int:
    """Print the report, or write it to a file; exit status 1 if something is wrong."""
    parser = Parser(
        "doctor",
        "Look at the programs, PATH, the configuration, the keyring, the proxy, the indexes and the clock, and say "
        "what is wrong and what to type. Each index gets one request without a credential. You can put the output "
        "into a ticket: it holds no secret, no user name, and no host name but those of the indexes.",
    )
    parser.add_argument("--report", type=Path, metavar="FILE", help="write it to this file")
    parser.add_argument("--json", action="store_true", help="the same as JSON")
    options = parser.parse(arguments)
    sections = _look(called_as, environ)
    is_good = not any(section.problems for section in sections)
    if options.report:
        text = as_text.json_text(_as_object(sections)) if options.json else as_text.plain_text(_rows(sections))
        with explained():
            write(options.report, text.encode(), mode=0o600)
        print(f"{options.report}: " + ("nothing is wrong" if is_good else f"{_count(sections)}; see its end"))
    elif options.json:
        as_text.print_json(_as_object(sections))
    else:
        as_text.print_rows(_rows(sections), environ)
    return 0 if is_good else 1


def _look(called_as: str, environ: Mapping[str, str]) -> list[Section]:
    """Each section, masked."""
    pip = _pip(called_as, environ)
    prefix = pip.prefix if isinstance(pip, Pip) and pip.python else sys.prefix
    configured, settings = configuration.look(environ, prefix)
    network = ways.look(environ, prefix)
    mask = Mask(environ, network.index_hosts, network.proxy_hosts)
    found = [
        programs.look(pip, environ),
        front.look(environ),
        configured,
        storage.look(settings, environ),
        network.section,
    ]
    return [_masked(section, mask) for section in found]


def _pip(called_as: str, environ: Mapping[str, str]) -> Pip | AuthpipError:
    try:
        return find(called_as, environ)
    except AuthpipError as error:
        return error


def _masked(section: Section, mask: Mask) -> Section:
    return Section(
        section.name,
        [(name, mask.apply(text)) for name, text in section.facts],
        [Problem(mask.apply(problem.what), mask.apply(problem.remedy)) for problem in section.problems],
    )


def _rows(sections: Sequence[Section]) -> Iterator[as_text.Row]:
    for section in sections:
        yield as_text.Row("", section.name, as_text.HEAD)
        for name, text in section.facts:
            yield as_text.Row(name, text)
        yield as_text.Row("", "")
    problems = [problem for section in sections for problem in section.problems]
    if not problems:
        yield as_text.Row("", "nothing is wrong", as_text.GOOD)
        return
    yield as_text.Row("", _count(sections), as_text.BAD)
    for number, problem in enumerate(problems, start=1):
        yield as_text.Row("", "")
        yield as_text.Row(f"{number}.", problem.what, as_text.BAD)
        yield as_text.Row(" ", problem.remedy, as_text.NOTE)


def _count(sections: Sequence[Section]) -> str:
    count = sum(len(section.problems) for section in sections)
    return "1 problem" if count == 1 else f"{count} problems"


def _as_object(sections: Sequence[Section]) -> dict[str, Any]:
    return {
        "version": 1,
        "ok": not any(section.problems for section in sections),
        "sections": [
            {"name": section.name, "facts": [{"name": name, "text": text} for name, text in section.facts]}
            for section in sections
        ],
        "problems": [
            {"section": section.name, **problem._asdict()} for section in sections for problem in section.problems
        ],
    }
