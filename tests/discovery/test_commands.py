"""Which commands may touch an index, from argv alone."""

from __future__ import annotations

import subprocess
import sys

import pytest

from authpip.discovery.commands import uses_index

pytestmark = pytest.mark.real

ASKING = """
install x
--proxy p install x
--proxy=p install x
--prox p install x
-v install
-qv install
--python X install x
--py X install x
--isolated --log install install x
-- install x
--no-input download x
wheel .
lock .
index versions x
search x
list -o
list --outdated
list --out
list -lo
list -u
list --upto
list --format json --outdated
-v list -o
uninstall -r https://h/r.txt
--timeout 5 install --version x
""".strip().splitlines()

SILENT = """
--version
-V
-V install x
-qV install x
--vers install x
--help
-h install
--he install x
list
list -l
list --format json
list --user
list --only-binary x
list -fo
list -io
list --path /o
freeze
freeze -r requirements.txt
show x
help install
check
config set global.index-url https://h/
cache purge
hash f
completion --bash
inspect
debug
uninstall x
uninstall -r requirements.txt
unknown install
--proxy
--proxy install
--
-v
--log install
""".strip().splitlines()


@pytest.mark.parametrize("line", ASKING)
def test_a_command_that_may_ask_an_index(line: str) -> None:
    """F17: a credential is looked for where pip may need one."""
    assert uses_index(line.split())


@pytest.mark.parametrize("line", SILENT)
def test_a_command_that_asks_none(line: str) -> None:
    """F17: nothing is looked for, and nothing unlocked, for a command that needs no index."""
    assert not uses_index(line.split())


def test_a_list_of_updates_by_a_variable() -> None:
    """PIP_OUTDATED is the option in another spelling."""
    assert uses_index(["list"], {"PIP_OUTDATED": "1"})
    assert not uses_index(["show", "x"], {"PIP_OUTDATED": "1"})


def test_no_command() -> None:
    """`pip` alone prints its help."""
    assert not uses_index([])


def test_the_question_imports_nothing() -> None:
    """It stands before every pip command, `pip --version` too."""
    code = (
        "import sys, authpip, __future__; before = set(sys.modules); import authpip.discovery.commands; "
        "print(sorted(set(sys.modules) - before))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "['authpip.discovery', 'authpip.discovery.commands']"
