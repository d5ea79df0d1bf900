"""What a project's files can cost authpip: the readers that replace regular expressions of pip's find the same."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authpip.discovery.metadata_files import _blocks, _without_extras, is_lock, script_requirements
from authpip.discovery.references import reference

PEP_723 = re.compile(r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)+)^# ///$")
EXTRAS = re.compile(r"^(.+?)\s*(\[[^\]]+\])$")
LINES = st.sampled_from(["# /// script", "# /// other", "# ///", "#", "# x = 1", "#x", "", "x", "# /// a b"])


@given(st.lists(LINES, max_size=14))
def test_script_blocks_are_those_of_the_specification(lines: list[str]) -> None:
    """audit 14: the blocks are those that PEP 723's own expression finds, as pip reads them."""
    text = "\n".join(lines)
    assert list(_blocks(text)) == [(match["type"], match["content"]) for match in PEP_723.finditer(text)]


@given(st.text(alphabet="a.[] ", max_size=12))
def test_extras_are_those_that_pip_takes_off(name: str) -> None:
    """audit 14: a name without its extras is what pip's own expression leaves of it."""
    match = EXTRAS.match(name)
    assert _without_extras(name) == (match[1] if match else name)


@pytest.mark.parametrize(
    "work",
    [
        lambda path: reference("a" + " " * 100_000 + "x"),
        lambda path: is_lock("a" + " " * 100_000 + "x]"),
        lambda path: is_lock("[" * 100_000 + "]x"),
        lambda path: script_requirements(str(path)),
    ],
)
def test_a_hostile_file_is_read_quickly(work, tmp_path: Path) -> None:
    """P11, audit 14: 40 KB of blanks took 45 s, as they take pip; the processor time is bounded."""
    script = tmp_path / "script.py"
    script.write_text("# /// script\n" * 20_000)
    started = time.process_time()
    work(script)
    assert time.process_time() - started < 5
