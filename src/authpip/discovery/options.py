"""Read arguments as pip does: abbreviated, attached and clustered options, before and after the command and `--`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from authpip.discovery.option_table import COMMANDS, MAIN, PIP_VERSIONS, Option, options


class ParsedArgument(NamedTuple):
    """One option or positional argument as it was given.

    name: the option's name without dashes, "" for a positional argument. value: "" for a flag. typed: the option as
    the user spelled it. position: (number of the argument that holds the value, offset of the value in it).
    """

    name: str
    value: str
    typed: str
    position: tuple[int, int]

    def __repr__(self) -> str:
        """Without the value, which may be a URL with a password in it."""
        return f"ParsedArgument({self.name!r}, {self.position!r})"


class Rejected(ValueError):  # noqa: N818 (the name says what happened to the arguments)
    """This version of pip rejects the arguments."""


class CommandLine(NamedTuple):
    """pip's arguments, in two parts.

    command: "" if pip ends before a command. general: the options before the command. given: the command's own
    arguments and the general options, with positions in the whole argv. isolated: one argument is exactly `--isolated`
    (pip does not accept an abbreviation of it).
    """

    command: str
    general: tuple[ParsedArgument, ...]
    given: tuple[ParsedArgument, ...]
    isolated: bool

    def has(self, name: str) -> bool:
        """True if the command has this option."""
        return any(one.name == name for one in self.given)


def read_command_line(args: Sequence[str]) -> CommandLine:
    """argv as pip reads it: first for the general options, then, without the command, for all options."""
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


def _moved(one: ParsedArgument, removed: int) -> ParsedArgument:
    """The argument with its position in the argv that has the command in it."""
    at, offset = one.position
    return one._replace(position=(at + (at >= removed), offset))


def understand(args: Sequence[str], text: str, *, interspersed: bool = True) -> list[ParsedArgument]:
    """The arguments as the newest pip that accepts them reads them; if no pip does, without the unknown options.

    text: an option table. interspersed: False if the first positional argument ends the options.
    """
    for version in PIP_VERSIONS:
        try:
            return parse(args, options(text, version), interspersed=interspersed)
        except Rejected:
            continue
    return parse(args, options(text, PIP_VERSIONS[0]), interspersed=interspersed, strict=False)


def parse(
    args: Sequence[str], table: Mapping[str, Option], *, interspersed: bool = True, strict: bool = True
) -> list[ParsedArgument]:
    """All arguments in order. Raises Rejected if `strict` and pip would reject them."""
    found: list[ParsedArgument] = []
    at = 0
    while at < len(args):
        arg = args[at]
        if arg == "--":
            at += 1
            break
        try:
            if arg[:2] == "--":
                at = _long(args, at, table, found)
            elif arg[:1] == "-" and len(arg) > 1:
                at = _short(args, at, table, found)
            elif interspersed:
                found.append(ParsedArgument("", arg, "", (at, 0)))
                at += 1
            else:
                break
        except Rejected:
            if strict:
                raise
            at += 1
    found.extend(ParsedArgument("", args[number], "", (number, 0)) for number in range(at, len(args)))
    return found


def _long(args: Sequence[str], at: int, table: Mapping[str, Option], found: list[ParsedArgument]) -> int:
    typed, equals, value = args[at].partition("=")
    option = _match(typed, table)
    if not option.kind:
        if equals:
            raise Rejected(typed)
        found.append(ParsedArgument(option.name, "", typed, (at, 0)))
        return at + 1
    if equals:
        found.append(ParsedArgument(option.name, value, typed, (at, len(typed) + 1)))
        return at + 1
    return _next_value(args, at, option, typed, found)


def _match(typed: str, table: Mapping[str, Option]) -> Option:
    if typed in table:
        return table[typed]
    names = [name for name in table if name.startswith(typed)]
    if len(names) != 1:
        raise Rejected(typed)
    return table[names[0]]


def _short(args: Sequence[str], at: int, table: Mapping[str, Option], found: list[ParsedArgument]) -> int:
    """A cluster such as -qiURL: flags, then at most one option with its value, which may be the next argument."""
    arg = args[at]
    for number, letter in enumerate(arg[1:], start=2):
        typed = "-" + letter
        option = table.get(typed)
        if option is None:
            raise Rejected(typed)
        if not option.kind:
            found.append(ParsedArgument(option.name, "", typed, (at, 0)))
        elif number < len(arg):
            found.append(ParsedArgument(option.name, arg[number:], typed, (at, number)))
            break
        else:
            return _next_value(args, at, option, typed, found)
    return at + 1


def _next_value(args: Sequence[str], at: int, option: Option, typed: str, found: list[ParsedArgument]) -> int:
    if at + 1 == len(args):
        raise Rejected(typed)
    found.append(ParsedArgument(option.name, args[at + 1], typed, (at + 1, 0)))
    return at + 2
