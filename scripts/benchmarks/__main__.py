"""The measuring itself, run by scripts/bench in an environment that has authpip and its peers in it."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

import chart
import crowd
import growth
import measuring
import peers
import report

import activation

DOCS = ROOT / "docs"
TABLE, END = "<!-- the table of scripts/bench --docs -->", "<!-- end of the table -->"
GROUPS = {
    "commands": peers.launcher,
    "install": peers.peers,
    "in-front": activation.in_front,
    **{group.__name__.replace("_", "-"): group for group in growth.GROUPS},
    "at-once": crowd.crowd,
}


def main() -> int:
    """Print the table, and write JSON and a chart where asked for; 1 where a limit was exceeded."""
    parser = ArgumentParser(prog="scripts/bench", description="Measure authpip beside pip and its other users.")
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"only these: {', '.join(GROUPS)}")
    parser.add_argument("--rounds", type=int, default=15, help="rounds of each comparison (15); long ones have fewer")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures")
    parser.add_argument("--chart", type=Path, metavar="FILE", help="write a chart of them as SVG")
    parser.add_argument("--docs", action="store_true", help="write the figures of docs/performance.md")
    options = parser.parse_args()
    unknown = sorted(set(options.groups) - set(GROUPS))
    if unknown:
        parser.error(f"there is no group {unknown[0]}; there are {', '.join(GROUPS)}")
    figures = measure(options.groups or list(GROUPS), options.rounds)
    over = {f"{row['case']}, {row['way']}": measuring.exceeded(row) for row in figures["rows"]}
    print(*report.table(figures["rows"], over), sep="\n")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")
    if options.chart:
        options.chart.write_text(chart.drawn(figures))
    if options.docs:
        write_docs(figures)
    return int(any(over.values()))


def write_docs(figures: dict[str, Any]) -> None:
    """The figures, the chart and the table, which tests/house/test_performance_page.py compares with one another."""
    (DOCS / "performance.json").write_text(json.dumps(figures, indent=1) + "\n")
    (DOCS / "pictures" / "performance.svg").write_text(chart.drawn(figures))
    page = DOCS / "performance.md"
    before, _, rest = page.read_text().partition(TABLE)
    page.write_text(f"{before}{TABLE}\n\n{chr(10).join(report.markdown(figures))}\n{END}{rest.partition(END)[2]}")


def measure(groups: list[str], rounds: int) -> dict[str, Any]:
    """{"machine": …, "load_after": the load at the end, "rows": one for each way of each comparison}."""
    about, rows = report.machine(), []
    for name in groups:
        print(f"measuring {name}", file=sys.stderr, flush=True)
        with GROUPS[name]() as cases:
            rows += [row for case in cases for row in measuring.measured(case, rounds)]
    return {"machine": about, "load_after": report.machine()["load"], "rows": rows}


if __name__ == "__main__":
    sys.exit(main())
