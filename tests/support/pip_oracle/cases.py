"""Random pip invocations: argv, environment, and the files that they read (hypothesis strategies)."""

from __future__ import annotations

import shutil
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from hypothesis import strategies as st

from support.pip_oracle.case_files import CONFIG_FILES, FIXED_FILES, INCLUDES, configurations, requirement_files
from support.pip_oracle.case_words import (
    GENERAL_OPTIONS,
    INDEX_OPTIONS,
    OWN_OPTIONS,
    REQUIREMENT_OPTIONS,
    SELECTION_OPTIONS,
    VALUES,
)


class Case(NamedTuple):
    """One invocation. files: path below BASE → content."""

    args: tuple[str, ...]
    environ: dict[str, str] = {}
    files: dict[str, bytes] = {}

    def lay_out(self, base: Path) -> tuple[list[str], dict[str, str]]:
        """Write the files below an emptied `base`; argv and environment for it."""
        shutil.rmtree(base, ignore_errors=True)
        for directory in ("work/pages", "work/sub/near", "home/pages", "prefix"):
            (base / directory).mkdir(parents=True)
        for name, content in (FIXED_FILES | self.files).items():
            path = base / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.replace(b"BASE", bytes(base)))
        here = str(base)
        common = {"HOME": f"{here}/home", "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        environ = {name: value.replace("BASE", here) for name, value in self.environ.items()}
        return [arg.replace("BASE", here) for arg in self.args], common | environ


_COMMANDS = ("install", "install", "install", "download", "wheel", "lock", "list", "index")
_FIXED = {"list": ["-o"], "index": ["versions", "pkg"]}


@st.composite
def arguments(draw: st.DrawFn, least: int = 0, most: int = 5) -> tuple[str, ...]:
    """One command line with so many options; most are ones that pip takes."""
    command = draw(st.sampled_from(_COMMANDS))
    kinds = INDEX_OPTIONS | GENERAL_OPTIONS | OWN_OPTIONS[command]
    if command not in _FIXED:
        kinds |= INDEX_OPTIONS | REQUIREMENT_OPTIONS | SELECTION_OPTIONS
    pieces = draw(st.lists(kinds, min_size=least, max_size=most))
    before = draw(st.lists(GENERAL_OPTIONS, max_size=1))
    fixed = _FIXED.get(command, draw(st.sampled_from([["pkg"], ["--", "pkg"]])))
    return (*chain(*before), command, *chain(*pieces), *fixed)


@st.composite
def environments(draw: st.DrawFn, least: int = 0) -> dict[str, str]:
    """PIP_* variables, so many at least, and what says where configuration files are."""
    environ = {}
    for key in draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=least, max_size=3)):
        spell = draw(st.sampled_from([str.upper, str.upper, str.upper, str, lambda name: "__" + name]))
        environ["PIP_" + spell(key).replace("-", "_")] = draw(VALUES[key])
    places = {
        "PIP_CONFIG_FILE": ["own.conf", "BASE/work/own.conf", "missing.conf", "/dev/null"],
        "XDG_CONFIG_DIRS": ["BASE/etc-one:BASE/etc-two", "BASE/etc-two:BASE/etc-one", "BASE/etc-two", " "],
        "XDG_CONFIG_HOME": ["BASE/xdg", ""],
        "TOKEN": ["secret", ""],
    }
    for name, values in places.items():
        if draw(st.booleans()):
            environ[name] = draw(st.sampled_from(values))
    return environ


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """An invocation that has much of one thing: options, variables and configuration files, or requirements files."""
    much = draw(st.sampled_from(["options", "configuration", "requirements"]))
    most_files = 4 if much == "configuration" else 1
    files = {name: draw(requirement_files(name, 2 if much == "requirements" else 0)) for name in INCLUDES}
    least_files = 2 if much == "configuration" else 0
    for name in draw(st.lists(st.sampled_from(CONFIG_FILES), min_size=least_files, max_size=most_files, unique=True)):
        files[name] = draw(configurations())
    if much == "options":
        return Case(draw(arguments(least=2)), draw(environments()), files)
    if much == "configuration":
        return Case(draw(arguments(most=1)), draw(environments(least=1)), files)
    command = draw(st.sampled_from(["install", "install", "download", "wheel"]))
    args = draw(st.sampled_from([["-r", "r.txt"], ["-rsub/r.txt", "-c", "c.txt"], ["-r", "r.txt", "-r", "sub/r.txt"]]))
    return Case((command, *args, *draw(INDEX_OPTIONS | st.just([]))), draw(environments()), files)
