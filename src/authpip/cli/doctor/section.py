"""The parts of `auth doctor`: a section of facts, and what is wrong in it."""

from __future__ import annotations

from typing import NamedTuple

from authpip.core.errors import AuthpipError
from authpip.core.redaction import visible


class Problem(NamedTuple):
    """One thing that is wrong, and what to do: "type: …" wherever a command does it."""

    what: str
    remedy: str


class Section(NamedTuple):
    """facts: (name, text) each."""

    name: str
    facts: list[tuple[str, str]]
    problems: list[Problem]

    def add(self, name: str, text: str) -> None:
        """One more fact."""
        self.facts.append((name, visible(text)))

    def fails(self, what: str, remedy: str) -> None:
        """One more problem; said once."""
        problem = Problem(visible(what), visible(remedy))
        if problem not in self.problems:
            self.problems.append(problem)

    def raised(self, error: AuthpipError) -> None:
        """The problem that an error describes."""
        self.fails(error.what + (f": {error.why}" if error.why else ""), error.remedy)


def empty(name: str) -> Section:
    """A section without facts."""
    return Section(name, [], [])
