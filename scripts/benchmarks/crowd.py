"""Many pips at once with one index of a cloud: one of them asks gcloud, the others wait for its answer."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from measuring import BIN, Case, Limit, Run, Way, run, spawn
from places import place

from support.programs.fake_cli import GOOD, TOKEN, URLS, count, counting, fake_cli
from support.samples import packages
from support.servers.connect_proxy import ConnectProxy

SIZES = (1, 20, 200)
HOST, INDEX, USER = "europe-west1-python.pkg.dev", "/project/repo/simple/", "oauth2accesstoken"
ASKING = 0.5  # seconds that gcloud takes


@contextmanager
def crowd() -> Iterator[list[Case]]:
    """As many downloads at once as a build farm starts on one machine; none has a token beforehand."""
    with place(names=[HOST]) as found, ConnectProxy({HOST: found.server.port}) as proxy:
        found.server.add(INDEX, [packages.wheel(found.base, "thing")], username=USER, password=TOKEN)
        calls = found.base / "calls"
        fake_cli(found.base / "bin", "gcloud", stdout=GOOD["gcloud"], before=counting(calls, ASKING))
        ours = {**found.environ, **proxy.environ, "PIP_INDEX_URL": URLS["gcloud"], "NO_GCE_CHECK": "true"}
        ours["PATH"] = f"{found.base}/bin:{ours['PATH']}"
        plain = {**ours, "PIP_INDEX_URL": URLS["gcloud"].replace("://", f"://{USER}:{TOKEN}@")}

        def one_mint(size: int) -> Callable[[], Run]:
            def measure() -> Run:
                run([str(BIN / "authpip"), "auth", "cache", "clear"], ours)
                before = count(calls, "calls")
                measured = together(size, "authpip", ours)
                if count(calls, "calls") - before != 1 or count(calls, "overlaps"):
                    sys.exit(f"{size} at once: gcloud was asked {count(calls, 'calls') - before} times")
                return measured

            return measure

        def case(size: int) -> Case:
            ways = [
                Way("pip, token in the URL", lambda: together(size, "pip", plain)),
                Way("authpip", one_mint(size)),
            ]
            limit = Limit(times=1.1) if size == max(SIZES) else Limit()
            return Case("at once", f"{size} at once", ways, limit, size, rounds=1 if size > 20 else 5)

        yield [case(size) for size in SIZES]


def together(size: int, program: str, environ: Mapping[str, str]) -> Run:
    """Start so many downloads and wait for the last. Ends the bench where one fails."""
    with tempfile.TemporaryDirectory() as directory, tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        argv = [str(BIN / program), "download", "-q", "--no-deps", "--no-cache-dir", "thing", "-d"]
        children = [
            spawn([*argv, os.path.join(directory, str(number))], environ, output.fileno()) for number in range(size)
        ]
        ends = [os.wait4(child, 0) for child in children]
        elapsed = time.perf_counter() - start
        output.seek(0)
        if any(status for _, status, _ in ends):
            sys.exit(f"{program}, {size} at once: {output.read().decode()[:2000]}")
    used = [each for _, _, each in ends]
    cpu = sum(each.ru_utime + each.ru_stime for each in used)
    return Run(elapsed, cpu, max(each.ru_maxrss for each in used) / 1024)
