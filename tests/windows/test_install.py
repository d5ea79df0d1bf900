"""Installs from a private index on Windows, by every entrance; what pip builds finds no secret."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from support.machine.windows_python import Windows
from support.samples import packages
from support.servers.index_server import IndexServer

pytestmark = [pytest.mark.windows, pytest.mark.heavy, pytest.mark.real, pytest.mark.xdist_group("windows")]

PASSWORD = "s3cr3t-% ^&!-p\u00e4ss"
REPORT = r"C:\work\report.txt"
# What a build can see on Windows without asking other processes: its environment and its command line.
BACKEND = r"""
import os, sys, zipfile

def look(hook):
    seen = [hook, repr(dict(os.environ)), repr(getattr(sys, "orig_argv", []))]
    with open(REPORT, "a", encoding="utf-8") as file:
        file.write("\n".join(seen) + "\n")

def get_requires_for_build_wheel(config_settings=None):
    look("requires")
    return ["corp-late"]

def build_wheel(directory, config_settings=None, metadata_directory=None):
    import corp_early, corp_late
    look("build")
    info = "corp_built-1.0.dist-info/"
    with zipfile.ZipFile(os.path.join(directory, "corp_built-1.0-py3-none-any.whl"), "w") as wheel:
        wheel.writestr("corp_built.py", "")
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\nName: corp-built\nVersion: 1.0\n")
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(info + "RECORD", "")
    return "corp_built-1.0-py3-none-any.whl"
"""
PYPROJECT = "[build-system]\nrequires = ['corp-early']\nbuild-backend = 'backend'\nbackend-path = ['.']\n"
PIP = [r"C:\env\Scripts\python.exe", "-m", "pip"]


class Private(NamedTuple):
    """A private index. variables: for authpip; the rest of the command is `install INSTALL`."""

    server: IndexServer
    variables: dict[str, str]


@pytest.fixture
def private(tmp_path: Path) -> Iterator[Private]:
    """An index at /team/simple/ with a package that is built, and what the build needs before and during it."""
    server = IndexServer()
    names = {"pyproject.toml": PYPROJECT, "backend.py": f"REPORT = {REPORT!r}\n{BACKEND}"}
    files = [packages.wheel(tmp_path, name) for name in ("corp-early", "corp-late", "corp-plain")]
    server.add(
        "/team/simple/", [*files, packages.sdist(tmp_path, "corp-built", files=names)], username="al", password=PASSWORD
    )
    url = server.url("/team/simple/")
    variables = {
        "AUTHPIP_INDEX_CORP_URL": url,
        "AUTHPIP_INDEX_CORP_USERNAME": "al",
        "AUTHPIP_INDEX_CORP_PASSWORD": PASSWORD,
    }
    variables |= {"PIP_INDEX_URL": url, "PIP_NO_CACHE_DIR": "1", "PIP_CONFIG_FILE": "nul", "PIP_NO_INPUT": "1"}
    yield Private(server, variables | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"})
    server.close()


@pytest.fixture
def shims(wine: Windows) -> str:
    """The directory of installed shims."""
    done = wine.authpip("shim", "install", "--dir", r"C:\work\shims")
    assert done.returncode == 0, done.stderr
    return r"C:\work\shims"


@pytest.fixture
def installed(wine: Windows) -> Iterator[Callable[[], set[str]]]:
    """The names of corp-… packages in C:\\env; they are removed at the end."""
    site = wine.host(r"C:\env\Lib\site-packages")
    yield lambda: {path.stem for path in site.glob("corp_*.py")}
    for path in site.glob("corp_*"):
        wine.run(
            "cmd",
            "/c",
            "rmdir" if path.is_dir() else "del",
            *(["/s"] if path.is_dir() else []),
            "/q",
            str(path.name),
            cwd=site,
        )


def test_an_install_with_a_nested_build(
    wine: Windows, private: Private, shims: str, installed: Callable[[], set[str]]
) -> None:
    """P4: through the `.cmd` shim; the build's dependencies come from the private index, and it sees no password."""
    command = ["cmd", "/c", "pip", "install", "corp-built", "corp-plain"]
    done = wine.run(*command, path=[shims, r"C:\env\Scripts"], **private.variables)
    assert done.returncode == 0, done.stdout + done.stderr
    assert installed() == {"corp_built", "corp_plain"}
    assert set(private.server.statuses()) == {200}
    seen = wine.host(REPORT).read_text("utf-8")
    assert "requires" in seen
    assert "build" in seen
    assert "PIP_INDEX_URL" in seen
    assert PASSWORD not in seen
    assert "_AUTHPIP_" not in seen
    assert "AUTHPIP_INDEX_CORP_PASSWORD" not in seen


def test_an_enabled_environment(wine: Windows, private: Private, installed: Callable[[], set[str]]) -> None:
    """Windows 4: `python -m pip` and Scripts\\pip.exe, also as PIP.EXE; a command without an index runs once."""
    done = wine.authpip("venv", "enable", r"C:\env")
    assert done.returncode == 0, done.stderr
    try:
        for pip in (PIP, [r"C:\env\Scripts\pip.exe"], [r"C:\env\SCRIPTS\PIP3.EXE"]):
            private.server.requests.clear()
            done = wine.run(*pip, "download", "--no-deps", "-d", r"C:\work\files", "corp-plain", **private.variables)
            assert done.returncode == 0, done.stdout + done.stderr
            assert set(private.server.statuses()) == {200}, pip
            help_page = wine.run(*pip, "install", "--help", **private.variables)
            assert "Usage" in help_page.stdout
    finally:
        wine.authpip("venv", "disable", r"C:\env")
    left = {path.name for path in wine.host(r"C:\env\Lib\site-packages").iterdir()}
    assert not [name for name in left if "authpip" in name]


def test_exit_statuses(wine: Windows, private: Private, shims: str) -> None:
    """0, pip's own 1 and 2, authpip's 3 for a credential that is missing, and 127 without a pip, through the `.cmd`.

    By authpip's own interpreter as well, because Wine 8's cmd.exe makes 1 of the statuses of some batch files.
    """
    path = [shims, r"C:\env\Scripts"]
    bare = {name: value for name, value in private.variables.items() if not name.endswith("_PASSWORD")}
    for words, status, variables in (
        (["--version"], 0, private.variables),
        (["download", "--no-deps", "-d", r"C:\work\f", "no-such-thing"], 1, private.variables),
        (["install", "--no-such-option"], 2, private.variables),
        (["install", "corp-plain"], 3, bare),
    ):
        done = wine.run(wine.tool, "-I", wine.entry, "shim", "pip", *words, path=path, **variables)
        assert done.returncode == status, (words, done.stdout, done.stderr)
        by_cmd = wine.run("cmd", "/c", "pip", *words, path=path, **variables)
        assert by_cmd.returncode in {status, min(status, 1)}, (words, by_cmd.stderr)
    done = wine.run("cmd", "/c", "pip", "--version", path=[shims])
    assert "there is no pip" in done.stderr


def test_a_batch_file_goes_on_after_call(wine: Windows, private: Private, shims: str) -> None:
    """As with every batch file, `call pip` comes back and `pip` does not (docs/activation.md)."""
    wine.write(r"C:\work\run.cmd", "@call pip --version\r\n@echo after\r\n")
    done = wine.run("cmd", "/c", r"C:\work\run.cmd", path=[shims, r"C:\env\Scripts"], **private.variables)
    assert "pip 2" in done.stdout
    assert done.stdout.rstrip().endswith("after")


def test_odd_characters(wine: Windows, private: Private, shims: str) -> None:
    """%, ^, &, !, spaces and umlauts in an argument and in a path reach pip as they were typed."""
    folder = "C:\\work\\j\u00fcrgen & co 100% ^!"  # pip itself writes a directory in lower case on Windows
    command = ["download", "--no-deps", "-d", folder, "corp-plain"]
    done = wine.run(wine.tool, "-I", wine.entry, "shim", "pip", *command, path=[r"C:\env\Scripts"], **private.variables)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [path.name for path in wine.host(folder).iterdir()] == ["corp_plain-1.0-py3-none-any.whl"]


def test_odd_characters_through_a_batch_file(wine: Windows, private: Private, shims: str) -> None:
    """What a batch file quotes arrives at pip through the `.cmd` shim: no ^, & or ! is read a second time.

    Without %: Wine's cmd.exe, not that of Windows, reads it again in the %* of every batch file.
    """
    folder = r"C:\work\a & b ^!"
    wine.write(r"C:\work\odd.cmd", f'@pip download --no-deps -d "{folder}" corp-plain\r\n')
    done = wine.run("cmd", "/c", r"C:\work\odd.cmd", path=[shims, r"C:\env\Scripts"], **private.variables)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [path.name for path in wine.host(folder).iterdir()] == ["corp_plain-1.0-py3-none-any.whl"]


def test_a_shim_below_an_umlaut(wine: Windows, private: Private) -> None:
    """Windows 8: authpip and its shims below C:\\work\\J\u00fcrgen & Co; the batch file itself is ASCII."""
    home = "C:\\work\\J\u00fcrgen & Co"
    shutil.copytree(wine.host(r"C:\tool"), wine.host(home + r"\tool"))
    entry = home + r"\tool\Lib\site-packages\authpip\__main__.py"
    tool = home + r"\tool\Scripts\python.exe"
    done = wine.run(tool, "-I", entry, "auth", "shim", "install", "--dir", home + r"\shims")
    assert done.returncode == 0, done.stderr
    assert wine.host(home + r"\shims\pip.cmd").read_bytes().isascii()
    words = ["download", "--no-deps", "-d", r"C:\work\files", "corp-plain"]
    path = [home + r"\shims", r"C:\env\Scripts"]
    done = wine.run("cmd", "/c", "pip", *words, path=path, **private.variables)
    assert done.returncode == 0, done.stdout + done.stderr
    assert set(private.server.statuses()) == {200}


def test_variables_of_any_case_and_size(wine: Windows, private: Private, shims: str) -> None:
    """A rule's variable in lower case, and 150 further rules, whose table is longer than one variable holds."""
    more = {f"AUTHPIP_INDEX_R{number}_URL": f"https://r{number}.example/{'x' * 200}/" for number in range(150)}
    lower = {name.lower().replace("authpip", "Authpip"): value for name, value in private.variables.items()}
    words = ["download", "--no-deps", "-d", r"C:\work\files", "corp-plain"]
    done = wine.run("cmd", "/c", "pip", *words, path=[shims, r"C:\env\Scripts"], **{**more, **lower})
    assert done.returncode == 0, done.stdout + done.stderr
    assert set(private.server.statuses()) == {200}


def test_a_long_command_line(wine: Windows, private: Private) -> None:
    """32,000 characters of 32,767 go through authpip; what does not fit is in programs/test_windows_process.py."""
    code = (
        "import subprocess, sys; words = ['--trusted-host=' + 'x' * 85] * 310;"
        f"words = [sys.executable, '-I', {wine.entry!r}, 'shim', 'pip', 'download', *words, '--no-deps', 'corp-plain'];"
        "sys.exit(subprocess.call(words))"
    )
    done = wine.run(wine.tool, "-I", "-c", code, path=[r"C:\env\Scripts"], **private.variables)
    assert done.returncode == 0, done.stderr[-500:]
