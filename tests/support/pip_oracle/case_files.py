"""Random files for pip to read: requirements, constraints and configuration (hypothesis strategies).

BASE stands for the directory that a case is laid out in; pip is run in BASE/work.
"""

from __future__ import annotations

from hypothesis import strategies as st

from support.pip_oracle.case_words import REFERENCES, VALUES, pages, urls

CONFIG_FILES = (
    "etc-one/pip/pip.conf",
    "etc-two/pip/pip.conf",
    "home/.pip/pip.conf",
    "home/.config/pip/pip.conf",
    "xdg/pip/pip.conf",
    "prefix/pip.conf",
    "work/own.conf",
)
INCLUDES = {
    "work/r.txt": ("-r base.txt", "--requirement sub/r.txt", "-c c.txt", "-r file://BASE/work/base.txt", "-rsub/r.txt"),
    "work/base.txt": ("-c c.txt", "--constraint=sub/c.txt", "-r https://remote.example/base.txt -i https://no.example"),
    "work/sub/r.txt": ("-r c.txt", "-c ../c.txt", "-r../base.txt", "--constraint file://BASE/work/c.txt"),
    "work/sub/c.txt": ("-c https://remote.example/c.txt",),
    "work/c.txt": (),
}
"""Requirements files, and the lines by which each may include another."""

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


def _lines(name: str) -> st.SearchStrategy[str]:
    """One line, or a few that belong together, for the requirements file of this name."""
    return st.one_of(
        st.builds("{} {}".format, st.sampled_from(["-i", "--index-url", "--index ", "--pypi-url"]), urls()),
        st.builds("{}={}".format, st.sampled_from(["--index-url", "--extra-index-url", "--ext"]), urls()),
        st.builds("{} {}".format, st.sampled_from(["--extra-index-url", "--extra"]), urls()),
        st.builds("-i{} --extra-index-url {} --extra-index-url={}".format, urls(), urls(), urls()),
        st.builds("-f {} --find-links {}".format, pages(), pages()),
        st.builds("--find-links '{}'".format, pages()),
        st.builds("-i {} \\\n --extra-index-url {}".format, urls(), urls()),
        st.builds("--extra {} \\\n# note\n --extra-index-url {}".format, urls(), urls()),
        st.builds("{} # note\n{}\n   # note\n".format, st.sampled_from(REFERENCES), st.just("pkg")),
        st.builds("--extra {}# no note\n\n--pre\t# note".format, urls()),
        st.builds("--extra https://${{{}}}.example/${{TOKEN}}".format, st.sampled_from(["TOKEN", "token", "NOTSET"])),
        st.builds("-e git+https://vcs.example/repo#egg=x -i {}".format, urls()),
        st.builds("pkg --hash=sha256:{} -i {}".format, st.just("0" * 64), urls()),
        st.builds("-i {}\t--trusted-host host{}".format, urls(), st.integers(0, 3)),
        st.sampled_from(REFERENCES),
        st.sampled_from(INCLUDES[name] or ("pkg",)),
        st.sampled_from(INCLUDES[name] or ("pkg",)),
        st.sampled_from(_ODD),
    )


_ODD = (
    *("--no-index", "--no-index -i https://six.example/", "--no-ind --extra https://eight.example", "\\", "-"),
    *("--trusted-host seven.example", "-- -i https://no.example", "pkg==1 \\", "--extra https://a.example \\"),
    *("\x0c--extra https://ff.example", '--extra "https://quoted.example"'),
    *("--extra 'unbalanced", "\t --extra \t https://blanks.example  ", "--use-feature=inprocess-build-deps"),
)
_ENCODINGS = (
    *(("", "utf-8"), ("", "utf-8"), ("\ufeff", "utf-8"), ("\ufeff", "utf-16-le"), ("\ufeff", "utf-16-be")),
    *(("# -*- coding: latin-1 -*-\n# é\n", "latin-1"), ("#!x\n# vim: set fileencoding=utf-8 :\n", "utf-8")),
)


@st.composite
def requirement_files(draw: st.DrawFn, name: str, least: int = 0) -> bytes:
    """One requirements or constraints file, with so many entries at least."""
    first, encoding = draw(st.sampled_from(_ENCODINGS))
    ending = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    lines = draw(st.lists(_lines(name), min_size=least, max_size=5))
    return (first + ending.join(lines)).encode(encoding)


_SECTIONS = ("global", "global", "install", "download", "list", "DEFAULT", ":env:", "Global")
_SPELLINGS = (str, str, str.upper, lambda key: key.replace("-", "_"), lambda key: "--" + key)


@st.composite
def configurations(draw: st.DrawFn) -> bytes:
    """One pip.conf."""
    lines = []
    for section in draw(st.lists(st.sampled_from(_SECTIONS), min_size=1, max_size=4)):
        if f"[{section}]" in lines:
            continue
        lines.append(f"[{section}]")
        for key in draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=3, unique=True)):
            spelled, value = draw(st.sampled_from(_SPELLINGS))(key), draw(VALUES[key])
            is_flag = key.startswith("no-")
            blank = draw(st.sampled_from([" ", "\n    ", "\n\n  # note\n  "]))
            lines.append(spelled + draw(_EQUALS if is_flag else _EQUALS_OR_BREAK) + value.replace(" ", blank))
            lines.extend(draw(st.sampled_from([[], [], ["# note"], ["  ; note"]])))
    return "\n".join(lines).encode()


_EQUALS = st.sampled_from([" = ", ":", "="])
_EQUALS_OR_BREAK = _EQUALS | st.just("=\n  ")
