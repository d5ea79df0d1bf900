"""Random pip invocations: argv, environment, configuration files, requirements files (hypothesis strategies).

BASE stands for the directory that the case is laid out in; the command is run in BASE/work.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

from hypothesis import strategies as st

CONFIG_FILES = (
    "etc-one/pip/pip.conf",
    "etc-two/pip/pip.conf",
    "home/.pip/pip.conf",
    "home/.config/pip/pip.conf",
    "xdg/pip/pip.conf",
    "prefix/pip.conf",
    "work/own.conf",
)
FILES = ("r.txt", "base.txt", "c.txt", "sub/r.txt")

URLS = (
    "https://one.example/simple",
    "https://two.example/simple/",
    "https://u:p@three.example/x/",
    "http://localhost:1/s",
    "file:///srv/index",
    "pages/index.html",
    "https://name@four.example/a%20b/",
    "https://five.example/#fragment",
)


FIXED_FILES = {
    "work/pyproject.toml": b"""
[dependency-groups]
dev = ["one @ https://group.example/one-1.zip", {include-group = "Test.More"}, "two>1"]
test-more = ["three @ https://u:p@group.example/three-1.zip ; python_version > '3'"]
""",
    "work/sub/pyproject.toml": b"""
[dependency-groups]
all-of-it = ["four@https://group.example/four-1.zip"]
""",
    "work/script.py": b"""#!/usr/bin/env python3
# /// script
# requires-python = ">=3.8"
# dependencies = [
#   "five @ https://script.example/five-1.zip",
#   "six",
# ]
# ///
import six
""",
    "work/pylock.toml": b"""
lock-version = "1.0"
created-by = "hand"
[[packages]]
name = "seven"
version = "1"
archive = {url = "https://lock.example/seven-1.tar.gz", hashes = {sha256 = "00"}}
""",
    "work/sub/pylock.dev.toml": b"""
lock-version = "1.0"
created-by = "hand"
extras = ["extra"]
[[packages]]
name = "eight"
archive = {url = "https://lock.example/eight-1.tar.gz", hashes = {sha256 = "00"}}
""",
}


class Case(NamedTuple):
    """One invocation. files: path below BASE → content."""

    args: tuple[str, ...]
    environ: dict[str, str] = {}
    files: dict[str, bytes] = {}

    def lay_out(self, base: Path) -> tuple[list[str], dict[str, str]]:
        """Write the files below an emptied `base`; argv and environment for it."""
        shutil.rmtree(base, ignore_errors=True)
        for directory in ("work/sub", "work/pages", "home", "prefix"):
            (base / directory).mkdir(parents=True)
        for name, content in (FIXED_FILES | self.files).items():
            path = base / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.replace(b"BASE", bytes(base)))
        here = str(base)
        common = {"HOME": f"{here}/home", "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        environ = {name: value.replace("BASE", here) for name, value in self.environ.items()}
        return [arg.replace("BASE", here) for arg in self.args], common | environ


def urls() -> st.SearchStrategy[str]:
    """URLs and paths as people write them for indexes and pages."""
    return st.sampled_from(URLS)


def _option(*names: str, value: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    """One option in one of its spellings, its value apart or attached, alone or at the end of a cluster."""

    def spell(name: str, text: str, how: int) -> list[str]:
        if name.startswith("--"):
            return [f"{name}={text}"] if how % 2 else [name, text]
        cluster = "-q" + name[1:] if how > 1 else name
        return [cluster + text] if how % 2 and text else [cluster, text]

    return st.builds(spell, st.sampled_from(names), value, st.integers(0, 3))


def _words(*lines: str) -> st.SearchStrategy[list[str]]:
    return st.sampled_from([line.split() for line in lines])


_PATHS = st.sampled_from(["r.txt", "sub/r.txt", "BASE/work/base.txt", "file://BASE/work/r.txt", "sub/../base.txt"])
_REFERENCES = (
    "pkg",
    "pkg[extra]>=1,<2; python_version>'3'",
    "name @ https://direct.example/name-1.tar.gz",
    "name@https://u:p@direct.example/name-1.tar.gz",
    "name[x] @ https://direct.example/n.zip#sha256=00 ; python_version>'3'",
    "https://direct.example/other-1.0.tar.gz#egg=other",
    "https://direct.example/pkg-1.0-py3-none-any.whl ; python_version>'3'",
    "git+https://vcs.example/repo#egg=repo",
    "repo @ git+https://vcs.example/repo",
    "file:///srv/f-1.0.tar.gz#egg=f",
)

_INDEX_OPTIONS = st.one_of(
    _option("-i", "--index-url", "--index", "--in", "--pypi-url", "--pyp", value=st.one_of(urls(), st.just(""))),
    _option("--extra-index-url", "--extra", "--ext", value=urls()),
    _option("-f", "--find-links", "--find", value=st.one_of(urls(), st.sampled_from(["~/pages", "~none/x", "pages"]))),
    _words("--no-index", "--no-ind", "-v", "-q", "-qv", "--pre", "--isolated", "--isol", "--no-input"),
)
_OTHER_OPTIONS = st.one_of(
    _option("--proxy", value=st.sampled_from(["http://proxy:3128", ""])),
    _option("--cert", "--cer", value=st.just("~/ca.pem")),
    _option("--client-cert", value=st.just("~/client.pem")),
    _option("--trusted-host", value=st.sampled_from(["one.example", "localhost:1"])),
    _option("--timeout", "--default-timeout", value=st.just("7")),
    _words("--no-cache-dir", "--disable-pip-version-check", "--no-color", "--debug", "--use-feature fast-deps"),
    _words("--no-binary x", "--only-binary=:all:", "--prefer-binary", "--exists-action i", "--retries 2"),
)
_REQUIREMENT_OPTIONS = st.one_of(
    _option("-r", "--requirement", value=_PATHS),
    _option("-c", "--constraint", "--con", value=_PATHS),
    _words("--no-deps", "--no-build-isolation", "--src s", "--require-hashes", "--progress-bar off", "--no-clean"),
    _words("--group dev", "--group sub/pyproject.toml:All_Of-it", "--requirements-from-script script.py"),
    _words("-r pylock.toml", "-r sub/pylock.dev.toml[extra]"),
    _words("--build-constraint base.txt", "--use-feature inprocess-build-deps", "--report out"),
    _words("-U", "-t target", "--install-option x", "--global-option --no-index", "-d dest", "-w dest", "-I"),
    st.sampled_from(_REFERENCES).map(lambda text: [text]),
)
_COMMANDS = st.sampled_from(
    [("install",)] * 4 + [("download",), ("wheel",), ("lock",), ("list", "-o"), ("index", "versions")]
)


@st.composite
def arguments(draw: st.DrawFn) -> tuple[str, ...]:
    """One command line; most are ones that pip takes."""
    command, *fixed = draw(_COMMANDS)
    kinds = _INDEX_OPTIONS | _OTHER_OPTIONS
    if command not in {"list", "index"}:
        kinds |= _REQUIREMENT_OPTIONS
    pieces = [word for piece in draw(st.lists(kinds, max_size=5)) for word in piece]
    before = [word for piece in draw(st.lists(_OTHER_OPTIONS, max_size=1)) for word in piece if command != "list"]
    last = ["pkg"] if draw(st.booleans()) or command == "index" else ["--", "pkg"]
    return (*before, command, *fixed, *pieces, *([] if command == "list" else last))


_VALUES = {
    "index-url": st.one_of(urls(), st.just("")),
    "pypi-url": urls(),
    "extra-index-url": st.lists(urls(), max_size=3).map(" ".join),
    "find-links": st.lists(urls(), max_size=2).map("  ".join),
    "no-index": st.sampled_from(["1", "0", "true", "No", ""]),
    "no-input": st.sampled_from(["yes", "off"]),
    "trusted-host": st.sampled_from(["one.example two.example", "x"]),
    "proxy": st.just("http://proxy:1"),
    "cert": st.just("~/ca.pem"),
    "requirement": st.sampled_from(["r.txt", "r.txt base.txt", "https://remote.example/r.txt"]),
    "constraint": st.sampled_from(["c.txt", "file://BASE/work/c.txt"]),
    "isolated": st.just("1"),
    "index": urls(),
    "extra-index": urls(),
    "timeout": st.just("3"),
}
_SPELLINGS = (str, str.upper, lambda key: key.replace("-", "_"), lambda key: "--" + key)


@st.composite
def environments(draw: st.DrawFn) -> dict[str, str]:
    """PIP_* variables, and those that say where configuration files are."""
    environ = {}
    for key in draw(st.lists(st.sampled_from(sorted(_VALUES)), max_size=3)):
        spell = draw(st.sampled_from([str.upper, str.upper, str.upper, str, lambda name: "__" + name]))
        environ["PIP_" + spell(key).replace("-", "_")] = draw(_VALUES[key])
    places = {
        "PIP_CONFIG_FILE": ["/dev/null", "own.conf", "missing.conf", "BASE/work/own.conf"],
        "XDG_CONFIG_DIRS": ["BASE/etc-one:BASE/etc-two", "BASE/etc-two", " "],
        "XDG_CONFIG_HOME": ["BASE/xdg", ""],
        "TOKEN": ["secret", ""],
    }
    for name, values in places.items():
        if draw(st.booleans()):
            environ[name] = draw(st.sampled_from(values))
    return environ


@st.composite
def configurations(draw: st.DrawFn) -> bytes:
    """One pip.conf."""
    lines = []
    for section in draw(
        st.lists(st.sampled_from(["global", "install", "list", "DEFAULT", ":env:", "Global"]), unique=True)
    ):
        lines.append(f"[{section}]")
        for key in draw(st.lists(st.sampled_from(sorted(_VALUES)), max_size=3, unique=True)):
            spelled = draw(st.sampled_from(_SPELLINGS))(key)
            value = draw(_VALUES[key]).replace(" ", draw(st.sampled_from([" ", "\n    ", "\n\n  # note\n  "])))
            lines.append(spelled + draw(st.sampled_from([" = ", ":", "=\n  ", "="])) + value)
            lines.extend(draw(st.sampled_from([[], [], ["# note"], ["  ; note"], [""]])))
    return "\n".join(lines).encode()


_FILE_LINES = st.one_of(
    st.sampled_from(_REFERENCES),
    st.builds("{} {}".format, st.sampled_from(["-i", "--index-url", "--index ", "--pypi-url"]), urls()),
    st.builds("--index-url={}".format, urls()),
    st.builds("-i{}".format, urls()),
    st.builds("{} {}".format, st.sampled_from(["--extra-index-url", "--extra"]), urls()),
    st.builds("--extra-index-url {} --extra-index-url={}".format, urls(), urls()),
    st.builds("-f {} --find-links {}".format, urls(), urls()),
    st.builds("--find-links '{}'".format, st.sampled_from(["pages", "sub dir", "~/x"])),
    st.builds("-i https://${{{}}}.example/simple".format, st.sampled_from(["TOKEN", "token", "NOTSET"])),
    st.builds("{} {}".format, st.sampled_from(["-c", "--constraint", "-r"]), st.sampled_from(["c.txt", "../c.txt", "file://BASE/work/c.txt"])),
    st.builds("-r {} -i {}".format, st.just("https://remote.example/r.txt"), urls()),
    st.builds("pkg --hash=sha256:{} -i {}".format, st.just("0" * 64), urls()),
    st.builds("-e {}#egg=x -i {}".format, st.just("git+https://vcs.example/repo"), urls()),
    st.builds("-i {} \\\n --extra-index-url {}".format, urls(), urls()),
    st.builds("-i {} \\\n# note\n --extra-index-url {}".format, urls(), urls()),
    st.builds("-i {}# no comment\n--pre # comment".format, urls()),
    st.builds("-i {}\t--trusted-host h{}".format, urls(), st.just("ost")),
    st.sampled_from(["--no-index", "--no-index -i https://six.example/", "", "# note", "   # note", "--pre", "\\"]),
    st.sampled_from(["--trusted-host seven.example", "-- -i https://no.example", "pkg==1 \\", "--no-ind", "-"]),
    st.sampled_from(["-i https://a.example -i https://b.example", "\x0c-i https://ff.example"]),
    st.sampled_from(["-i\xa0https://nbsp.example", "--index-url=\"https://quoted.example\"", "-i 'unbalanced"]),
)  # fmt: skip

_ENCODINGS = (
    ("", "utf-8"), ("", "utf-8"), ("\ufeff", "utf-8"), ("\ufeff", "utf-16-le"), ("\ufeff", "utf-16-be"),
    ("# -*- coding: latin-1 -*-\n", "latin-1"), ("#!x\n# vim: set fileencoding=utf-8 :\n", "utf-8"),
)  # fmt: skip


@st.composite
def requirement_files(draw: st.DrawFn) -> bytes:
    """One requirements or constraints file."""
    first, encoding = draw(st.sampled_from(_ENCODINGS))
    ending = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    return (first + ending.join(draw(st.lists(_FILE_LINES, max_size=4)))).encode(encoding)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A whole invocation with the files it may read."""
    files = {f"work/{name}": draw(requirement_files()) for name in FILES}
    for name in draw(st.lists(st.sampled_from(CONFIG_FILES), max_size=3, unique=True)):
        files[name] = draw(configurations())
    return Case(draw(arguments()), draw(environments()), files)
