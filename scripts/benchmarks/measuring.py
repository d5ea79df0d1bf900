"""One way to measure: ways of doing the same thing in turn, so that a busy machine slows all of them alike."""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

BIN = Path(sys.executable).parent


class Run(NamedTuple):
    """One run: seconds by the clock, seconds of processors, and MB of memory at the peak of one process.

    Linux counts the bench's own 46 MB as memory of what it starts: a smaller peak is not seen.
    """

    seconds: float
    cpu: float
    memory: float


class Way(NamedTuple):
    """One way of doing it."""

    name: str
    measure: Callable[[], Run]


class Limit(NamedTuple):
    """What authpip may cost over the first way; None: no limit.

    milliseconds: more by the clock. times: of the clock's time. cpu: times the processor time. memory: MB more.
    """

    milliseconds: float | None = None
    times: float | None = None
    cpu: float | None = None
    memory: float | None = None


class Case(NamedTuple):
    """One comparison. ways: the first is what the others are compared with. size: of what grows.

    rounds: at most so many, where one takes long. limited: the way that the limit is for.
    """

    group: str
    name: str
    ways: Sequence[Way]
    limit: Limit = Limit()
    size: int | None = None
    rounds: int = 1000
    limited: str = "authpip"


def command(
    program: str, arguments: Iterable[str], environ: Mapping[str, str], *, emptied: Path | None = None
) -> Callable[[], Run]:
    """Measures one command of the bench's environment; the directory `emptied` is removed before each run."""
    argv = [str(BIN / program), *arguments]

    def measure() -> Run:
        if emptied:
            shutil.rmtree(emptied, ignore_errors=True)
        return run(argv, environ)

    return measure


def run(argv: Sequence[str], environ: Mapping[str, str]) -> Run:
    """Run it once, without input. Ends the bench where it fails."""
    start = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        child = spawn(argv, environ, output.fileno())
        _, status, used = os.wait4(child, 0)
        elapsed = time.perf_counter() - start
        if status:
            output.seek(0)
            sys.exit(f"{' '.join(argv)} failed: {output.read().decode()}")
    return Run(elapsed, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def spawn(argv: Sequence[str], environ: Mapping[str, str], output: int) -> int:
    """Start it with both outputs to this descriptor; its process number."""
    quiet = [(os.POSIX_SPAWN_DUP2, output, number) for number in (1, 2)]
    quiet.insert(0, (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0))
    return os.posix_spawn(argv[0], list(argv), environ, file_actions=quiet)


def measured(case: Case, rounds: int) -> list[dict[str, Any]]:
    """One row for each way, see `row`. A first round fills every cache and is not counted."""
    rounds = min(rounds, case.rounds)
    turns = [[way.measure() for way in case.ways] for _ in range(rounds + (rounds > 1))][rounds > 1 :]
    return [row(case, place, turns) for place in range(len(case.ways))]


def row(case: Case, place: int, turns: Sequence[Sequence[Run]]) -> dict[str, Any]:
    """The figures of one way: medians, quartiles of the clock, and the median of its pairs with the first way."""
    runs, first = [turn[place] for turn in turns], [turn[0] for turn in turns]
    pairs = list(zip(runs, first, strict=True))
    seconds = [each.seconds for each in runs]
    added = 1000 * statistics.median(each.seconds - base.seconds for each, base in pairs)
    found = {
        "group": case.group,
        "case": case.name,
        "size": case.size,
        "way": case.ways[place].name,
        "rounds": len(turns),
        "seconds": round(statistics.median(seconds), 6),
        "quartiles": [round(value, 6) for value in quartiles(seconds)],
        "cpu": round(statistics.median(each.cpu for each in runs), 4),
        "memory": round(statistics.median(each.memory for each in runs), 1),
        "added_ms": round(added, 1),
        "times": round(statistics.median(each.seconds / base.seconds for each, base in pairs), 3),
        "cpu_times": round(statistics.median(each.cpu / base.cpu for each, base in pairs), 3),
        "memory_added": round(statistics.median(each.memory - base.memory for each, base in pairs), 1),
    }
    limits = case.limit if case.ways[place].name == case.limited else Limit()
    return {**found, "limit": {name: value for name, value in limits._asdict().items() if value is not None}}


def quartiles(values: Sequence[float]) -> tuple[float, float]:
    """The first and the third quartile."""
    if len(values) < 2:
        return values[0], values[0]
    first, _, third = statistics.quantiles(values, n=4, method="inclusive")
    return first, third


def exceeded(found: Mapping[str, Any]) -> list[str]:
    """The names of this row's limits that its figures exceed."""
    columns = {"milliseconds": "added_ms", "times": "times", "cpu": "cpu_times", "memory": "memory_added"}
    return [name for name, value in found["limit"].items() if found[columns[name]] > value]
