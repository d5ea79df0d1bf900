"""The parsers of discovery against those of the standard library, which pip uses."""

from __future__ import annotations

import configparser
import optparse
import shlex
from collections.abc import Mapping
from typing import Any, NoReturn

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from authpip.discovery.ini import MalformedINI, read_ini
from authpip.discovery.metadata_files import file_url_to_path
from authpip.discovery.option_table import COMMANDS, MAIN, PIP_VERSIONS, Option, options
from authpip.discovery.options import Rejected, parse
from authpip.discovery.requirements import split_options

INI_LINES = st.sampled_from(
    [
        *(
            "[global]",
            "[install]",
            "[DEFAULT]",
            " [install]",
            "[a]b]",
            "[]",
            "[x",
            "key = value",
            "key: value",
            "k=v = w",
        ),
        *(
            "other =",
            "other",
            "=no key",
            "  continued",
            "\tcontinued ; more",
            "# note",
            "  # note",
            "; note",
            "",
            "   ",
        ),
        *(
            "key\t=\tvalue  ",
            "k:ey = v",
            "k=ey: v",
            "index-url = https://h/#a",
            "x = # y",
            "x = a ; b",
            "\x0c",
            "\ufeff[q]",
        ),
    ]
)


@given(lines=st.lists(INI_LINES, max_size=8))
@settings(max_examples=1000, derandomize=True)
@example(lines=["[global]", "key =", "  one", "", "  # note", "  two", "", "other = x"])
def test_ini_files_are_read_as_by_configparser(lines: list[str]) -> None:
    """Whatever configparser takes, and pip with it, is read the same here."""
    text = "\n".join(lines)
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(text)
    except configparser.Error:
        try:
            read_ini(text)
        except MalformedINI:
            return
        return  # what configparser refuses may be read in any way, for pip ends there
    ours: dict[str, dict[str, str]] = {}
    for entry in read_ini(text):
        ours.setdefault(entry.section, {})[entry.key.lower()] = entry.value
    theirs = {section: dict(parser.items(section)) for section in parser.sections() if parser.items(section)}
    assert ours == theirs


def test_an_entry_knows_its_line() -> None:
    """`auth explain` names FILE:LINE."""
    found = read_ini("# note\n[global]\nindex-url =\n  https://h/\n\nother = x\n")
    assert [(entry.key, entry.value, entry.line) for entry in found] == [
        ("index-url", "\nhttps://h/", 3),
        ("other", "x", 6),
    ]


def optparse_reads(args: list[str], table: Mapping[str, Option], interspersed: bool) -> Any:
    """The values and the rest, in optparse's own reading; None where it refuses."""

    class Parser(optparse.OptionParser):
        def error(self, msg: str) -> NoReturn:
            raise Rejected(msg)

    parser = Parser(add_help_option=False)
    if not interspersed:
        parser.disable_interspersed_args()
    names: dict[str, list[str]] = {}
    for spelling, option in table.items():
        names.setdefault(option.name, []).append(spelling)
    for name, spellings in names.items():
        action = "append" if table[spellings[0]].kind else "count"
        parser.add_option(*spellings, dest=name, action=action)
    try:
        values, rest = parser.parse_args(args)
    except Rejected:
        return None
    return {name: value for name, value in vars(values).items() if value is not None}, rest


def we_read(args: list[str], table: Mapping[str, Option], interspersed: bool) -> Any:
    """The same in ours."""
    try:
        found = parse(args, table, interspersed=interspersed)
    except Rejected:
        return None
    values: dict[str, Any] = {}
    for one in found:
        at, offset = one.position
        assert not one.value or args[at][offset:] == one.value
        if one.name and table["--" + one.name].kind:
            values.setdefault(one.name, []).append(one.value)
        elif one.name:
            values[one.name] = values.get(one.name, 0) + 1
    return values, [one.value for one in found if not one.name]


SPELLINGS = sorted({spelling for text in (*COMMANDS.values(), MAIN) for spelling in options(text, PIP_VERSIONS[0])})
WORDS = st.one_of(
    st.sampled_from(SPELLINGS),
    st.builds(lambda spelling, length: spelling[: length + 3], st.sampled_from(SPELLINGS), st.integers(0, 9)),
    st.builds("{}={}".format, st.sampled_from(SPELLINGS), st.sampled_from(["", "x", "a=b"])),
    st.builds("-{}{}".format, st.text("qvihfrceUt", min_size=1, max_size=3), st.sampled_from(["", "URL", "=x"])),
    st.sampled_from(["pkg", "--", "-", "", "---", "--=", "install", "-é", "--é"]),
)


@given(
    args=st.lists(WORDS, max_size=6),
    command=st.sampled_from(["", *COMMANDS]),
    version=st.sampled_from(PIP_VERSIONS),
    whole=st.booleans(),
)
@settings(max_examples=1000, derandomize=True)
def test_options_are_read_as_by_optparse(args: list[str], command: str, version: tuple[int, int], whole: bool) -> None:
    """The same values and the same positional arguments, or a refusal by both."""
    table = options(COMMANDS.get(command, MAIN), version)
    assert we_read(args, table, whole) == optparse_reads(args, table, whole)


@given(line=st.text("-ir ab'\"\\\t#\xa0é", max_size=12))
@settings(max_examples=500, derandomize=True)
def test_a_line_is_split_as_by_a_shell(line: str) -> None:
    """As shlex does it, which is imported only where quotes need it."""
    try:
        expected: list[str] | None = shlex.split(line)
    except ValueError:
        expected = None
    try:
        found: list[str] | None = split_options(line)
    except ValueError:
        found = None
    assert found == expected


@pytest.mark.parametrize("url", ["file:////host/x", "file://host/x", "file://[", "file:", "file:///%00"])
def test_an_odd_file_url_raises_nothing(url: str) -> None:
    """`-r file:////host/x` is left to pip: url2pathname raises OSError for it since Python 3.14."""
    assert isinstance(file_url_to_path(url), str)
