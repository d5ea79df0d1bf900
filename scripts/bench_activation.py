"""What standing in front of pip costs: a shim, a prompt, a start-up file. Run by scripts/bench, as bench_measure.py is.

Processor time throughout: the differences are below what the clock of a busy machine can tell.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from support.machine.isolation import clean_environment

PROMPTS = 2000
LOOPS = {
    "bash": ("bash", "--norc", "-c", "{on}; nothing() { :; }; for ((i = 0; i < {n}; i++)); do {what}; done"),
    "zsh": ("zsh", "-f", "-c", "{on}; nothing() { : }; for ((i = 0; i < {n}; i++)); do {what}; done"),
    "fish": ("fish", "--no-config", "-c", "{on}; function nothing; end; for i in (seq {n}); {what}; end"),
}


class Result(NamedTuple):
    """Medians in milliseconds of processor time, without and with; added: the median of the pairs' differences."""

    name: str
    without: float
    with_it: float
    added: float
    budget: float


def main() -> int:
    """Print the table, or JSON; 1 where a budget was exceeded."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measure what standing in front of pip costs.")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=25)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="authpip-bench-") as directory:
        base = Path(directory).resolve()
        environ = clean_environment(base / "user")
        results = [shim(environ, options.rounds), *prompts(environ), *start_up_files(base, environ, options.rounds)]
    if options.json:
        print(json.dumps([result._asdict() for result in results], indent=2))
        return 0
    print(f"\n{'in front of pip, ms of processor':32}{'without':>10}{'with':>10}{'added':>9}{'budget':>8}")
    for each in results:
        over = "" if each.added <= each.budget else "  OVER"
        print(f"{each.name:32}{each.without:10.3f}{each.with_it:10.3f}{each.added:9.3f}{each.budget:8}{over}")
    return 0 if all(each.added <= each.budget for each in results) else 1


def shim(environ: Mapping[str, str], rounds: int) -> Result:
    """`pip --version`: pip's own, and through the shim."""
    authpip("shim", "install", environ=environ)
    shims = Path(environ["XDG_DATA_HOME"], "authpip", "shims")
    first = {**environ, "PATH": f"{shims}{os.pathsep}{environ['PATH']}"}
    real = str(Path(sys.executable).with_name("pip"))
    return pairs(
        "shim: pip --version",
        lambda: run([real, "--version"], environ),
        lambda: run([str(shims / "pip"), "--version"], first),
        rounds,
        10,
    )


def prompts(environ: Mapping[str, str]) -> list[Result]:
    """One prompt of each shell: a function that does nothing, and the hook where nothing has come before it."""
    found = []
    for shell, (program, *options, loop) in LOOPS.items():
        if not shutil.which(program):
            continue
        hook = Path(environ["XDG_DATA_HOME"], "authpip", "shims", f"activate.{shell}")

        def loops(what: str, argv: Sequence[str] = (program, *options), loop: str = loop, hook: Path = hook) -> float:
            words = {"{on}": f". {hook}", "{n}": str(PROMPTS), "{what}": what}
            text = loop
            for word, value in words.items():
                text = text.replace(word, value)
            return run([shutil.which(argv[0]) or argv[0], *argv[1:], text], environ) / PROMPTS

        one = pairs(f"prompt: {shell}", lambda: loops("nothing"), lambda: loops("_authpip_first"), 7, 1)
        found.append(one)
    return found


def start_up_files(base: Path, environ: Mapping[str, str], rounds: int) -> list[Result]:
    """`python -c pass` of an environment, and of one that is enabled; both have a .pth, as most have."""
    pythons = []
    for name in ("plain", "pth", "sitecustomize"):
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", base / name], env=environ, check=True)
        next((base / name).glob("lib/python*/site-packages")).joinpath("zz.pth").write_text("#\n")
        pythons.append(str(base / name / "bin" / "python"))
    for name in ("pth", "sitecustomize"):
        authpip("venv", "enable", str(base / name), "--via", name, environ=environ)
    plain = pythons[0]
    return [
        pairs(
            f"python -c pass: {name}",
            lambda: run([plain, "-c", "pass"], environ),
            lambda enabled=enabled: run([enabled, "-c", "pass"], environ),  # type: ignore[misc]
            rounds * 8,
            0.3,
        )
        for name, enabled in zip(("pth", "sitecustomize"), pythons[1:], strict=True)
    ]


def pairs(name: str, without: Callable[[], float], with_it: Callable[[], float], rounds: int, budget: float) -> Result:
    """Both in turn, two pairs beforehand, so that a busy machine slows both alike."""
    times = [(without(), with_it()) for _ in range(rounds + 2)][2:]
    medians = [statistics.median(pair[place] for pair in times) for place in (0, 1)]
    return Result(name, *medians, statistics.median(after - before for before, after in times), budget)


def run(argv: Sequence[str], environ: Mapping[str, str]) -> float:
    """Milliseconds of processor time of one run. Ends the bench where it fails."""
    quiet = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1, 2)]
    child = os.posix_spawn(argv[0], list(argv), environ, file_actions=quiet)
    _, status, used = os.wait4(child, 0)
    if status:
        sys.exit(f"{' '.join(argv)} failed")
    return (used.ru_utime + used.ru_stime) * 1000


def authpip(*words: str, environ: Mapping[str, str]) -> None:
    """One verb of the authpip beside this Python."""
    argv = [sys.executable, "-m", "authpip", "auth", *words]
    subprocess.run(argv, env=environ, stdout=subprocess.DEVNULL, check=True)


if __name__ == "__main__":
    sys.exit(main())
