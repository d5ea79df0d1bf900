"""What standing in front of pip costs: a shim, a prompt, a start-up file."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from measuring import BIN, Case, Limit, Run, Way, run
from places import Place, place

PROMPTS, STARTS = 2000, 20
LOOPS = {
    "bash": ("bash", "--norc", "-c", "{on}; nothing() { :; }; for ((i = 0; i < {n}; i++)); do {what}; done"),
    "zsh": ("zsh", "-f", "-c", "{on}; nothing() { : }; for ((i = 0; i < {n}; i++)); do {what}; done"),
    "fish": ("fish", "--no-config", "-c", "{on}; function nothing; end; for i in (seq {n}); {what}; end"),
}


@contextmanager
def in_front() -> Iterator[list[Case]]:
    """The shim, one prompt of each shell, and `python -c pass` of an enabled environment."""
    with place() as found:
        authpip("shim", "install", environ=found.environ)
        yield [shim(found), *prompts(found), *start_up_files(found)]


def shim(found: Place) -> Case:
    """`pip --version`: pip's own, and through the shim."""
    shims = _shims(found.environ)
    first = {**found.environ, "PATH": f"{shims}{os.pathsep}{found.environ['PATH']}"}
    ways = [
        Way("pip", lambda: run([str(BIN / "pip"), "--version"], found.environ)),
        Way("shim", lambda: run([str(shims / "pip"), "--version"], first)),
    ]
    return Case("in front of pip", "shim: pip --version", ways, Limit(milliseconds=15), limited="shim")


def prompts(found: Place) -> Iterator[Case]:
    """One prompt of each shell: a function that does nothing, and the hook where nothing has come before it."""
    for shell, (program, *options, loop) in LOOPS.items():
        path = shutil.which(program)
        if path:
            hook = _shims(found.environ) / f"activate.{shell}"
            ways = [
                Way(name, _prompt([path, *options], loop, hook, function, found.environ))
                for name, function in (("an empty function", "nothing"), ("the hook", "_authpip_first"))
            ]
            yield Case("in front of pip", f"prompt: {shell}", ways, Limit(milliseconds=1), rounds=7, limited="the hook")


def _prompt(argv: list[str], loop: str, hook: Path, function: str, environ: Mapping[str, str]) -> Callable[[], Run]:
    words = {"{on}": f". {hook}", "{n}": str(PROMPTS), "{what}": function}
    text = loop
    for word, value in words.items():
        text = text.replace(word, value)

    def measure() -> Run:
        whole = run([*argv, text], environ)
        return Run(whole.seconds / PROMPTS, whole.cpu / PROMPTS, whole.memory)

    return measure


def start_up_files(found: Place) -> list[Case]:
    """`python -c pass` of an environment, and of one that is enabled; both have a .pth, as most have."""
    pythons = []
    for name in ("plain", "pth", "sitecustomize"):
        directory = found.base / name
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", directory], env=found.environ, check=True)
        next(directory.glob("lib/python*/site-packages")).joinpath("zz.pth").write_text("#\n")
        pythons.append(str(directory / "bin" / "python"))
    for name in ("pth", "sitecustomize"):
        authpip("venv", "enable", str(found.base / name), "--via", name, environ=found.environ)
    ways = [
        Way(name, _starts(python, found.environ))
        for name, python in zip(("plain", "enabled, pth", "enabled, sitecustomize"), pythons, strict=True)
    ]
    limit = Limit(milliseconds=0.3)
    return [Case("in front of pip", "python -c pass", ways, limit, limited="enabled, pth")]


def _starts(python: str, environ: Mapping[str, str]) -> Callable[[], Run]:
    """The mean of some starts: the difference is below what one start can tell."""

    def measure() -> Run:
        runs = [run([python, "-c", "pass"], environ) for _ in range(STARTS)]
        return Run(*(statistics.mean(column) for column in zip(*runs, strict=True)))

    return measure


def _shims(environ: Mapping[str, str]) -> Path:
    return Path(environ["XDG_DATA_HOME"], "authpip", "shims")


def authpip(*words: str, environ: Mapping[str, str]) -> None:
    """One command of the authpip beside this Python."""
    argv = [sys.executable, "-m", "authpip", "auth", *words]
    subprocess.run(argv, env=dict(environ), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
