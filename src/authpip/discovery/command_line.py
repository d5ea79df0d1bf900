"""A whole pip command line: the general options, the command, and the command's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from authpip.discovery.option_table import COMMANDS, MAIN
from authpip.discovery.options import Given, understand


class CommandLine(NamedTuple):
    """command: "" where pip ends before one. general: given before it. given: all that the command is given,
    places counted in the whole argv. isolated: the word --isolated stands among them, which pip takes literally.
    """

    command: str
    general: tuple[Given, ...]
    given: tuple[Given, ...]
    isolated: bool

    def has(self, name: str) -> bool:
        """True where the command was given this option."""
        return any(one.name == name for one in self.given)


def read_command_line(args: Sequence[str]) -> CommandLine:
    """argv as pip reads it: once for the general options, and again, without the command, for the rest."""
    general = understand(args, MAIN, interspersed=False)
    before = tuple(one for one in general if one.name)
    rest = [one.value for one in general if not one.name]
    if not rest or any(one.name in {"help", "version"} for one in before):
        return CommandLine("", before, (), False)
    command, where = rest[0], list(args).index(rest[0])
    others = [*args[:where], *args[where + 1 :]]
    given = understand(others, COMMANDS[command]) if command in COMMANDS else []
    placed = tuple(_moved(one, where) for one in given)
    return CommandLine(command, before, placed, "--isolated" in others)


def _moved(one: Given, removed: int) -> Given:
    """The same, its place counted with the command's word in."""
    at, offset = one.place
    return one._replace(place=(at + (at >= removed), offset))
