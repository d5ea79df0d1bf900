"""The .netrc parser, held against Python's own."""

from __future__ import annotations

import netrc
import re
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from authpip.files.netrc import MalformedNetrc, parse


def entries(text: str) -> dict[str | None, tuple[str, str]]:
    return {entry.host: (entry.login, entry.password) for entry in parse(text)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("machine a login b password c", {"a": ("b", "c")}),
        ('machine "a" login "b c" password "d\\"e"', {"a": ("b c", 'd"e')}),
        (
            "machine a login b password #c # comment\nmachine d password é%:@+/=",
            {"a": ("b", "#c"), "d": ("", "é%:@+/=")},
        ),
        ("# login machine\n#\n#a b\nmachine a\n\tuser b\n\taccount x\n\tpassword c\\ d\n", {"a": ("b", "c d")}),
        ("machine a account b password c", {"a": ("b", "c")}),
        ("macdef init\ncd /x\nmachine no\n\nmachine a password c", {"a": ("", "c")}),
        ("machine a password b\nmachine a password c", {"a": ("", "c")}),
        ("default login b password c", {None: ("b", "c")}),
        ("\n \t", {}),
    ],
)
def test_parse(text: str, expected: dict[str | None, tuple[str, str]]) -> None:
    """Quotes, escapes, comments, macros, odd passwords: exact to the character (F20)."""
    assert entries(text) == expected


@pytest.mark.parametrize(
    ("text", "line"),
    [("login a", 1), ("machine", 1), ('machine a\n""', 2), ("machine a login b\n\npass c", 3), ('"', 1)],
)
def test_malformed(text: str, line: int) -> None:
    """What is no .netrc is told by its line alone."""
    with pytest.raises(MalformedNetrc, match=f"line {line}$"):
        parse(text)


WORDS = st.lists(
    st.sampled_from(
        [
            "machine",
            "a",
            "b",
            "login",
            "user",
            "account",
            "password",
            "default",
            "\n",
            "#",
            "# x",
            "#\n",
            '"q r"',
            "\\x",
            "é",
            "%:",
            "\t",
        ]
    ),
    max_size=14,
).map(" ".join)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="not run: the parser of 3.10 is another one")
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=WORDS)
@example("machine a login b # x \n password c")
def test_as_python_does(tmp_path: Path, text: str) -> None:
    """Where Python's own parser reads a file, ours reads the same in it; but Python reads on in a comment that
    begins with a lone # after an empty line."""
    assume(not re.search(r"(?:\A|\n)[ \t]*\n\s*#(?=\s)", text))
    path = tmp_path / "netrc"
    path.write_text(text, encoding="utf-8")
    try:
        theirs = {host: (entry[0] or entry[1], entry[2]) for host, entry in netrc.netrc(str(path)).hosts.items()}
    except netrc.NetrcParseError:
        return
    assert {host or "default": pair for host, pair in entries(text).items()} == theirs
