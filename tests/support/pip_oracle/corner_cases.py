"""Invocations chosen by hand, for what random ones seldom come to: each is a rule of pip's that is easy to miss."""

from __future__ import annotations

from collections.abc import Mapping

from support.pip_oracle.cases import Case


def _file(text: str, *args: str, **environ: str) -> Case:
    """`pip install -r r.txt` with this content."""
    return Case(("install", "-r", "r.txt", *args), environ, {"work/r.txt": text.encode()})


def _conf(*args: str, environ: Mapping[str, str] = {}, **texts: str) -> Case:
    """A command with configuration files, by the first part of their paths."""
    places = {"site": "prefix/pip.conf", "legacy": "home/.pip/pip.conf", "user": "home/.config/pip/pip.conf"}
    places |= {"one": "etc-one/pip/pip.conf", "two": "etc-two/pip/pip.conf", "own": "work/own.conf"}
    return Case(args or ("install", "x"), dict(environ), {places[name]: text.encode() for name, text in texts.items()})


_ONE_OPTION_TWICE = (
    Case(("install", "x"), {"PIP_INDEX_URL": "https://a", "PIP_PYPI_URL": "https://b"}),
    Case(("install", "x"), {"PIP_PYPI_URL": "https://b", "PIP_INDEX_URL": "https://a"}),
    Case(("install", "x"), {"PIP_INDEX_URL": "https://a", "PIP_index_url": "https://b", "PIP_PYPI_URL": ""}),
    _conf(site="[global]\nindex-url=https://a\n[install]\npypi-url=https://b", legacy="[install]\nindex-url=https://c"),
)
_CONFIGURATION = (
    _conf(environ={"PIP_EXTRA_INDEX_URL": "https://b"}, site="[global]\nextra-index-url=https://a"),
    _conf("install", "--extra", "https://b", "x", site="[global]\nextra-index-url=https://a"),
    _conf(site="[install]\nextra-index-url=https://a https://b", user="[global]\nextra-index-url=https://c"),
    _conf(site="[global]\nindex-url=https://a\n[install]\nindex-url=", environ={"PIP_INDEX_URL": ""}),
    _conf(site="[DEFAULT]\nindex-url=https://a\n[install]\n[global]\nextra-index-url=https://b"),
    _conf(site="[:env:]\nindex-url=https://a\n[install]\nindex-url=https://b"),
    _conf(legacy="[global]\nindex-url=https://a", user="[global]\nindex-url=https://b"),
    _conf(user="[global]\nindex-url=https://a", own="[global]\n", environ={"PIP_CONFIG_FILE": "own.conf"}),
    _conf(user="[global]\nindex-url=https://a", environ={"PIP_CONFIG_FILE": "missing.conf"}),
    _conf(user="[global]\nindex-url=https://a", site="[global]\nno-index=1", environ={"PIP_NO_INDEX": "off"}),
    _conf(
        one="[global]\nindex-url=https://a",
        two="[global]\nindex-url=https://b",
        environ={"XDG_CONFIG_DIRS": "BASE/etc-one:BASE/etc-two"},
    ),
    _conf(
        "--isolated", "install", "x", user="[global]\nindex-url=https://a", site="[global]\nextra-index-url=https://b"
    ),
    _conf("install", "--isol", "x", user="[global]\nindex-url=https://a"),
    _conf(
        "install",
        "--isolated",
        "x",
        own="[global]\nindex-url=https://a",
        environ={"PIP_CONFIG_FILE": "own.conf", "PIP_INDEX_URL": "https://b"},
    ),
    Case(("list", "--upt"), {"PIP_INDEX_URL": "https://a"}),
    Case(("list",), {"PIP_OUTDATED": "1"}),
)
_ARGUMENTS = (
    Case(("install", "-f", "~/pages", "-f", "~", "-f", "~/none", "x")),
    Case(("install", "-i", "", "x")),
    Case(("install", "install", "-i", "https://a")),
    Case(("--log", "install", "install", "x", "--no-input")),
    Case(("--", "install", "x", "-i", "https://a")),
    Case(("install", "https://h/a;b/x-1.zip ; python_version>'3'", "y @ https://h/y.whl#sha256=0;python_version>'3'")),
    Case(
        ("install", "--use-feature=inprocess-build-deps", "--build-constraint", "c.txt", "x"),
        {},
        {"work/c.txt": b"-i https://a"},
    ),
    Case(("install", "--build-constraint", "c.txt", "x"), {}, {"work/c.txt": b"-i https://a"}),
    Case(("install", "--build-constraint", "https://remote.example/c.txt", "x")),
    Case(("install", "--group", "sub/pyproject.toml:all-of-it"), {"PIP_GROUP": "dev"}),
)
_REQUIREMENTS = (
    _file("x --hash=sha256:" + "0" * 64 + "\n--index-url https://a y"),
    _file("-i ${A}\n--extra ${B}${A}${C}", "x", A="${B}", B="https://b"),
    _file("-i\thttps://a\t--extra\thttps://b\nx\t--hash"),
    _file("-i https://a\u2028--extra https://b\x85--extra https://c\x1c--extra https://d", "x"),
    _file("-i https://a/é\n--extra 'https://b' --trusted-host=\"b\"", "x"),
    _file("--extra https://a \\\n# note\n --extra https://b \\\n\n--extra https://c\\", "x"),
    _file("--extra https://a\\\n# note\n--extra https://b", "x"),
    _file("-i https://a\n--no-index\n--extra https://b", "x"),
    _file("-i https://a\n--extra https://b", "--no-index", "x"),
    _file("-f pages\n-f sub/near\n-f near\n-r sub/more.txt\n", "x")._replace(
        files={
            "work/r.txt": b"-f pages\n-f near\n-r sub/more.txt",
            "work/sub/more.txt": b"-f near\n-f pages\nx\n-c ../c.txt",
            "work/c.txt": b"-i https://a",
        }
    ),
    _file("x\n-i https://a\n", PIP_REQUIREMENT="c.txt", PIP_CONSTRAINT="c.txt")._replace(
        files={"work/c.txt": b"--extra https://b", "work/r.txt": b"x\n-i https://a"}
    ),
    Case(("install", "-r", "r.txt", "x"), {}, {"work/r.txt": "\ufeff-i https://a".encode("utf-16-le")}),
    Case(("install", "-r", "r.txt", "x"), {}, {"work/r.txt": "\ufeff-i https://a".encode("utf-16-be")}),
    Case(("install", "-r", "r.txt", "x"), {}, {"work/r.txt": "# coding: latin-1\n-i https://a/é".encode("latin-1")}),
)
CORNERS = (*_ONE_OPTION_TWICE, *_CONFIGURATION, *_ARGUMENTS, *_REQUIREMENTS)

FOUND = (
    Case(
        args=("install", "pkg"),
        environ={"PIP_CONSTRAINT": "file://BASE/work/c.txt"},
        files={"work/c.txt": b"\xef\xbb\xbfname @ https://direct.example/name-1.tar.gz"},
    ),
    Case(  # the oracle's own: it did not see what an in-process build would fetch
        args=("install", "--use-feature", "inprocess-build-deps", "--build-constraint", "c.txt", "pkg"),
        environ={},
        files={"work/c.txt": b"https://direct.example/a;b/pkg-1.0-py3-none-any.whl ; python_version>'3'\npkg\n"},
    ),
)
"""Every difference between pip and discovery that was ever found, in the order of finding."""
