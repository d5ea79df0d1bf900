"""discover() against the real pip, stopped just after it has made its session and its finder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from authpip.discovery import discover
from authpip.discovery.commands import uses_index
from authpip.discovery.option_table import COMMANDS, FILE, MAIN, options
from authpip.discovery.password_removal import clean
from support.machine.requirements import not_run
from support.pip_oracle.cases import Case, cases
from support.pip_oracle.corner_cases import CORNERS, FOUND
from support.pip_oracle.oracle import PipOracle
from support.programs import pip_venvs

pytestmark = pytest.mark.real

PIPS = ("22.3.1", "24.0", "26.3")
COMMON = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.fixture(scope="module")
def oracles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[PipOracle]]:
    """One process for each pip."""
    found = [version for version in ("3.11", "3.10") if pip_venvs.interpreter(version)]
    python = found[0] if found else not_run("no Python that both the oldest and the newest pip run on")
    directory = tmp_path_factory.mktemp("pips")
    venvs = [pip_venvs.make(directory / pip, python, pip) for pip in PIPS]
    oracles = [PipOracle(venv, {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"}) for venv in venvs]
    yield oracles
    for oracle in oracles:
        oracle.close()


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where every case is laid out, one after the other."""
    return tmp_path_factory.mktemp("case") / "base"


def differences(case: Case, oracles: list[PipOracle], base: Path) -> dict[str, tuple[Any, Any]]:
    """What discover says and what pip says, wherever they are not the same; {} also where all pips refuse."""
    args, environ = case.lay_out(base)
    prefix, cwd = str(base / "prefix"), str(base / "work")
    ours = as_pip_says(discover(args, environ, prefix=prefix, cwd=cwd))
    found = {}
    for oracle in oracles:
        theirs = oracle.ask(args, environ, prefix=prefix, cwd=cwd)
        if "error" not in theirs and not uses_index(args, environ):
            found[f"pip {oracle.version}"] = ("uses no index", theirs)
        for key in () if "error" in theirs else theirs:
            one, other = ours[key], theirs[key]
            if key == "links":
                one, other = sorted(one), sorted(set(other))
            if key == "trusted_hosts":
                one, other = list(dict.fromkeys(one)), list(dict.fromkeys(other))
            if one != other:
                found[f"pip {oracle.version}: {key}"] = (one, other)
    return found


def as_pip_says(invocation: Any) -> dict[str, Any]:
    """An Invocation in the words of the oracle."""
    lists = {name: [place.value for place in getattr(invocation, name)] for name in ("indexes", "find_links", "links")}
    return {
        **lists,
        "trusted_hosts": list(invocation.trusted_hosts),
        "proxy": invocation.proxy or None,
        "cert": invocation.cert,
        "client_cert": invocation.client_cert,
        "no_input": invocation.no_input,
    }


@pytest.mark.parametrize("number", range(len(PIPS)), ids=PIPS)
def test_the_option_table_is_that_of_pip(number: int, oracles: list[PipOracle]) -> None:
    """Every spelling of every option of every command that touches an index, and whether it takes a value."""
    major, minor = map(int, PIPS[number].split(".")[:2])
    theirs = oracles[number].tables()
    for command, text in {**COMMANDS, "": MAIN, "requirements file": FILE}.items():
        if command in theirs:
            ours = {spelling: list(option) for spelling, option in options(text, (major, minor)).items()}
            assert ours == theirs[command], command


@pytest.mark.parametrize("case", [*CORNERS, *FOUND])
def test_discovery_agrees_with_pip_in_corners(case: Case, oracles: list[PipOracle], base: Path) -> None:
    """Rules that are easy to miss, and every difference that was ever found."""
    assert not differences(case, oracles, base)


@given(case=cases())
@settings(COMMON, max_examples=200, derandomize=True)
def test_discovery_agrees_with_pip(case: Case, oracles: list[PipOracle], base: Path) -> None:
    """Issue 3, point 2: the same indexes and pages, in the same order, for every pip that takes the command."""
    assert not differences(case, oracles, base)


@given(case=cases())
@settings(COMMON, max_examples=100, derandomize=True)
def test_cleaning_takes_out_passwords_and_nothing_else(case: Case, oracles: list[PipOracle], base: Path) -> None:
    """P3: the same pip, given what clean() makes of its arguments and environment, uses the same without passwords."""
    args, environ = case.lay_out(base)
    cleaned, clean_environ = clean(args, environ)
    assert not any("u:p@" in text for text in (*cleaned, *clean_environ.values()))
    newest, places = oracles[-1], {"prefix": str(base / "prefix"), "cwd": str(base / "work")}
    before, after = newest.ask(args, environ, **places), newest.ask(cleaned, clean_environ, **places)
    assert without_passwords(after) == without_passwords(before)  # some are in files, which clean() leaves alone


def without_passwords(answer: dict[str, Any]) -> str:
    """An answer of the oracle as text."""
    return str(answer).replace("u:p@", "").replace("u:****@", "").replace("****@", "")


@pytest.mark.heavy
@pytest.mark.timeout(1800)
@given(case=cases())
@settings(COMMON, max_examples=2000)
def test_discovery_agrees_with_pip_at_length(case: Case, oracles: list[PipOracle], base: Path) -> None:
    """The same with ten times as many."""
    assert not differences(case, oracles, base)
