"""What a page of 40,000 links costs, whose files lie beside the index path; run by scripts/bench.

Pairs of runs, pip with the password in its URL and authpip with a rule: medians of seconds and of peak memory.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from support.machine.isolation import clean_environment
from support.samples import packages
from support.servers.index_server import Authority, IndexServer

BIN = Path(sys.executable).parent
PASSWORD = "correct-horse-battery-staple"
LINKS = 40_000
RATIO, MEMORY = 1.02, 5.0  # what authpip may cost: times plain pip, and MB more


class Cost(NamedTuple):
    """One run: seconds by the clock, seconds of processors, and MB at its peak."""

    elapsed: float
    cpu: float
    memory: float


def main() -> int:
    """Print the medians; 1 where they are more than authpip may cost."""
    parser = ArgumentParser(prog="scripts/bench", description="Measure a page of many links.")
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    parser.add_argument("--rounds", type=int, default=9, help="pairs of runs")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="authpip-bench-") as directory:
        pairs = measure(Path(directory).resolve(), min(options.rounds, 9))
    pip, authpip = (
        Cost(*(statistics.median(column) for column in zip(*side, strict=True))) for side in zip(*pairs, strict=True)
    )
    ratio = statistics.median(ours.cpu / plain.cpu for plain, ours in pairs)
    figures = {"links": LINKS, "pip": pip._asdict(), "authpip": authpip._asdict(), "ratio": round(ratio, 3)}
    if options.json:
        print(json.dumps(figures, indent=2))
    else:
        print(
            f"\na page of {LINKS} links: pip {pip.elapsed:.2f} s {pip.memory:.0f} MB, authpip {authpip.elapsed:.2f} s"
        )
        print(f"{authpip.memory:.0f} MB, ratio of processor time {ratio:.3f}")
    return 0 if ratio <= RATIO and authpip.memory - pip.memory <= MEMORY else 1


def measure(base: Path, rounds: int) -> list[tuple[Cost, Cost]]:
    """Pairs of costs, after one pair that fills every cache."""
    environ = clean_environment(base / "user")
    wheel = packages.wheel(base, "thing")
    with IndexServer(Authority(base)) as server:
        index = server.add("/team/simple", [wheel], username="alice", password=PASSWORD, files_at="/pool/thing/")
        index.links["thing"] = [
            f"/pool/thing/thing-0.{number}-py3-none-any.whl#sha256={number:064x}" for number in range(LINKS)
        ]
        plain = environ | server.environ | {"PIP_INDEX_URL": server.url("/team/simple/", userinfo=f"alice:{PASSWORD}")}
        url = server.url("/team/simple/")
        rule = {"URL": url, "USERNAME": "alice", "PASSWORD": PASSWORD}
        ours = environ | server.environ | {"PIP_INDEX_URL": url}
        ours |= {f"AUTHPIP_INDEX_CORP_{key}": value for key, value in rule.items()}
        pairs = [(run("pip", base, plain), run("authpip", base, ours)) for _ in range(rounds + 1)]
    return pairs[1:]


def run(program: str, base: Path, environ: Mapping[str, str]) -> Cost:
    """Download the one real file. Ends the bench where that fails."""
    arguments = ["download", "-q", "--no-deps", "--no-cache-dir", "-d", str(base / "target"), "thing==1.0"]
    start = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen([str(BIN / program), *arguments], env=environ, stdout=output, stderr=output)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = status
        elapsed = time.perf_counter() - start
        if status:
            output.seek(0)
            sys.exit(f"{program} {' '.join(arguments)} failed: {output.read().decode()}")
    (base / "target" / "thing-1.0-py3-none-any.whl").unlink()
    return Cost(elapsed, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


if __name__ == "__main__":
    sys.exit(main())
