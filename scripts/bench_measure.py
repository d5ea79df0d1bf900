"""The measuring itself, run by scripts/bench in an environment that has authpip in it."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from support.machine.isolation import clean_environment
from support.programs.keyrings import SecretService
from support.samples import packages
from support.servers.index_server import Authority, IndexServer

BIN = Path(sys.executable).parent
PASSWORD = "correct-horse-battery-staple"
INSTALL = ("install", "--quiet", "--no-cache-dir", "--no-deps", "--force-reinstall", "thing")
BUILDS = (*INSTALL[:-1], "first-built", "second-built")  # a nested pip for each, which gets a build dependency


class Case(NamedTuple):
    """One comparison. budget: the milliseconds that authpip may add. server: the index, where one is used."""

    name: str
    arguments: tuple[str, ...]
    plain: Mapping[str, str]
    ours: Mapping[str, str]
    budget: float
    server: IndexServer | None = None


class Result(NamedTuple):
    """Medians in milliseconds; added: the median of the pairs' differences; added_cpu: the same of processor time,
    which a busy machine changes less."""

    name: str
    pip: float
    authpip: float
    added: float
    ratio: float
    added_cpu: float
    budget: float


def main() -> int:
    """Print the table, or JSON; 1 where a budget was exceeded."""
    parser = ArgumentParser(prog="scripts/bench", description="Measure what authpip adds to pip.")
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    parser.add_argument("--rounds", type=int, default=25, help="pairs of runs for each comparison")
    options = parser.parse_args()
    with surroundings() as cases:
        results = [measure(case, options.rounds + 2) for case in cases]
        where = {case.name: imports(case) for case in cases}
        connected = {case.name: connections(case, case.server) for case in cases if case.server}
    if options.json:
        figures = {"results": [result._asdict() for result in results], "imports_ms": where, "connections": connected}
        print(json.dumps(figures, indent=2))
    else:
        show(results, where)
        print("\nTLS connections of one run")
        for name, (pip, authpip) in connected.items():
            print(f"{name:28}pip {pip}, authpip {authpip}")
    return 0 if all(result.added <= result.budget for result in results) else 1


@contextmanager
def surroundings() -> Iterator[list[Case]]:
    """A private index over TLS and, where it can be had, a keyring with a login for it."""
    with tempfile.TemporaryDirectory(prefix="authpip-bench-") as directory:
        base = Path(directory).resolve()
        environ = clean_environment(base / "user")
        cases = [Case(f"pip {word}", (word,), environ, environ, 15) for word in ("--version", "list")]
        with IndexServer(Authority(base)) as server:
            server.add("/simple", files(base), username="alice", password=PASSWORD)
            environ |= server.environ
            by_url = environ | {"PIP_INDEX_URL": server.url("/simple/", userinfo=f"alice:{PASSWORD}")}
            if not all(map(shutil.which, ("dbus-daemon", "gnome-keyring-daemon"))):
                print("without GNOME Keyring: no install with a stored login", file=sys.stderr)
                yield cases
                return
            with SecretService(environ) as ring:
                log_in(ring.environ, server.url("/simple/"))
                by_login = ring.environ | {"PIP_INDEX_URL": server.url("/simple/")}
                cases.append(Case("pip install, stored login", INSTALL, by_url, by_login, 40, server))
                yield [*cases, Case("install, two nested builds", BUILDS, by_url, by_login, 0, server)]


def files(base: Path) -> list[Path]:
    """A wheel, and two source distributions whose builds need further wheels."""
    wheels = [packages.wheel(base, name) for name in ("thing", "first-tool", "second-tool")]
    report = base / "spy.jsonl"
    names = ("first", "second")
    return [*wheels, *(packages.spy_sdist(base, f"{name}-built", report, requires=[f"{name}-tool"]) for name in names)]


def log_in(environ: Mapping[str, str], url: str) -> None:
    """Store the login that the install will use."""
    argv = [str(BIN / "authpip"), "auth", "login", url, "--username", "alice", "--password-stdin"]
    subprocess.run(argv, env=environ, input=PASSWORD, text=True, capture_output=True, check=True)


def measure(case: Case, rounds: int) -> Result:
    """Time pip and authpip in turn; two pairs beforehand fill every cache."""
    pairs = [(run("pip", case.arguments, case.plain), run("authpip", case.arguments, case.ours)) for _ in range(rounds)]
    pip, authpip = (statistics.median(pair[i].elapsed for pair in pairs[2:]) for i in (0, 1))
    added = statistics.median(ours.elapsed - plain.elapsed for plain, ours in pairs[2:])
    cpu = statistics.median(ours.cpu - plain.cpu for plain, ours in pairs[2:])
    rounded = (round(value, 1) for value in (pip, authpip, added))
    return Result(case.name, *rounded, round(authpip / pip, 3), round(cpu, 1), case.budget)


def connections(case: Case, server: IndexServer) -> tuple[int, int]:
    """How many connections to the index one run of pip makes, and one of authpip."""
    before = server.connections
    run("pip", case.arguments, case.plain)
    between = server.connections
    run("authpip", case.arguments, case.ours)
    return between - before, server.connections - between


class Time(NamedTuple):
    """Milliseconds of one run: by the clock, and of processors."""

    elapsed: float
    cpu: float


def run(program: str, arguments: Sequence[str], environ: Mapping[str, str]) -> Time:
    """Run it once. Ends the bench where it fails."""
    argv, start = [str(BIN / program), *arguments], time.perf_counter()
    with tempfile.TemporaryFile() as output:
        quiet = [(os.POSIX_SPAWN_DUP2, output.fileno(), number) for number in (1, 2)]
        quiet.insert(0, (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0))
        child = os.posix_spawn(argv[0], argv, environ, file_actions=quiet)
        _, status, used = os.wait4(child, 0)
        elapsed = time.perf_counter() - start
        if status:
            output.seek(0)
            sys.exit(f"{program} {' '.join(arguments)} failed: {output.read().decode()}")
    return Time(elapsed * 1000, (used.ru_utime + used.ru_stime) * 1000)


def imports(case: Case) -> dict[str, float]:
    """Where authpip's own time goes before it becomes pip: module → milliseconds of its own, the largest first.

    -X importtime slows every import down; it is for comparing modules with one another.
    """
    argv = [sys.executable, "-X", "importtime", str(BIN / "authpip"), *case.arguments]
    done = subprocess.run(argv, env=case.ours, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    spent = {}
    for line in done.stderr.splitlines():
        fields = line.removeprefix("import time:").split("|")
        if len(fields) == 3 and fields[0].strip().isdigit():
            spent[fields[2].strip()] = int(fields[0]) / 1000
    return dict(sorted(spent.items(), key=lambda item: -item[1])[:8])


def show(results: Sequence[Result], where: Mapping[str, Mapping[str, float]]) -> None:
    """Two plain tables: the comparison, and the costliest imports of each case."""
    print(f"{'medians of pairs, ms':28}{'pip':>9}{'authpip':>9}{'added':>8}{'ratio':>8}{'cpu':>8}{'budget':>8}")
    for each in results:
        over = "" if each.added <= each.budget else "  OVER"
        print(
            f"{each.name:28}{each.pip:9}{each.authpip:9}{each.added:8}{each.ratio:8}{each.added_cpu:8}{each.budget:8}{over}"
        )
    print("\ncostliest imports before pip starts, ms (-X importtime)")
    for name, modules in where.items():
        print(f"{name:28}{', '.join(f'{module} {cost:.1f}' for module, cost in modules.items())}")


if __name__ == "__main__":
    sys.exit(main())
