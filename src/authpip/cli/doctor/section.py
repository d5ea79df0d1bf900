"""The parts of `auth doctor`: a section with facts and problems."""

from __future__ import annotations

from typing import NamedTuple

from authpip.core.errors import AuthpipError
from authpip.core.redaction import visible


class Problem(NamedTuple):
    """One problem and what to do: "type: …" if a command does it."""

    what: str
    remedy: str


class Section(NamedTuple):
    """One section. facts: (name, text)."""

    name: str
    facts: list[tuple[str, str]]
    problems: list[Problem]

    def add(self, name: str, text: str) -> None:
        """Add a fact."""
        self.facts.append((name, visible(text)))

    def fails(self, what: str, remedy: str) -> None:
        """Add a problem, unless it is there already."""
        problem = Problem(visible(what), visible(remedy))
        if problem not in self.problems:
            self.problems.append(problem)

    def raised(self, error: AuthpipError) -> None:
        """Add the problem that an error describes."""
        self.fails(error.what + (f": {error.why}" if error.why else ""), error.remedy)


def empty(name: str) -> Section:
    """A section without facts."""
    return Section(name, [], [])
