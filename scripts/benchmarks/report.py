"""What a bench says: about the machine, as a table, as JSON."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from typing import Any

HEAD = f"{'':34}{'ms':>10}{'quartiles':>20}{'added':>9}{'times':>8}{'cpu':>8}{'MB':>8}"


def machine() -> dict[str, Any]:
    """What the figures depend on: the system, its load now, and the versions that are compared."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "versions": {name: metadata.version(name) for name in ("authpip", "keyring", "pip", "uv")},
    }


def table(rows: Sequence[Mapping[str, Any]], exceeded: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """One block for each comparison; times and cpu are those of the pairs with the first way."""
    case = None
    for row in rows:
        if (row["group"], row["case"]) != case:
            case = (row["group"], row["case"])
            yield f"\n{row['group']}: {row['case']}, {row['rounds']} rounds"
            yield HEAD
        low, high = (milliseconds(value) for value in row["quartiles"])
        over = exceeded.get(f"{row['case']}, {row['way']}", ())
        figures = (
            f"{row['way']:34}{milliseconds(row['seconds']):>10}{f'{low} to {high}':>20}{row['added_ms']:9.1f}"
            f"{row['times']:8.3f}{row['cpu_times']:8.3f}{row['memory']:8.1f}"
        )
        yield figures + (f"  OVER: {', '.join(over)}" if over else "")


def markdown(figures: Mapping[str, Any]) -> Iterator[str]:
    """The rows as a table for docs/performance.md, after one line about the machine."""
    about = figures["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    yield (
        f"{about['system']}, {about['cores']} cores, load {about['load']} before and {figures['load_after']} after; "
        f"Python {about['python']}; {versions}."
    )
    yield "\n| what | way | ms | quartiles | added, ms | times | times, processor | MB at most |"
    yield "|---|---|---|---|---|---|---|---|"
    case = None
    for row in figures["rows"]:
        what = "" if (row["group"], row["case"]) == case else f"{row['group']}: {row['case']}"
        case = (row["group"], row["case"])
        low, high = (milliseconds(value) for value in row["quartiles"])
        yield (
            f"| {what} | {row['way']} | {milliseconds(row['seconds'])} | {low} to {high} | {row['added_ms']:.1f} | "
            f"{row['times']:.3f} | {row['cpu_times']:.3f} | {row['memory']:.0f} |"
        )


def milliseconds(seconds: float) -> str:
    """Seconds as milliseconds, with as many places as tell something."""
    return f"{1000 * seconds:.{1 if seconds >= 0.01 else 3}f}"
