"""P3, A24: whatever goes wrong, at whichever call: no secret in a message, a traceback, a repr or a debug log."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from support.leaks.canary import Canary, new_canary
from support.programs.authpip_cli import rule
from support.programs.pip_venvs import PipVenv
from support.samples import packages
from support.servers.index_server import IndexServer

pytestmark = pytest.mark.real

SUPPORT = Path(__file__).resolve().parents[1] / "support" / "leaks"
SOURCES = ["variable", "url", "option", "stored"]


@pytest.fixture
def canary() -> Canary:
    """The secret of all runs of one test."""
    return new_canary("odd")


@pytest.fixture
def private(index_server: IndexServer, canary: Canary, tmp_path: Path) -> IndexServer:
    """One private index."""
    index_server.add("/team/simple", [packages.wheel(tmp_path, "thing")], username="alice", password=canary.secret)
    return index_server


def configure(source: str, private: IndexServer, canary: Canary, environ: dict[str, str]) -> list[str]:
    """Put the secret where this source has it; the arguments of the install."""
    url = private.url("/team/simple/")
    secret_url = private.url("/team/simple/", userinfo=f"alice:{quote(canary.secret, safe='')}")
    environ["PIP_INDEX_URL"] = secret_url if source == "url" else url
    if source == "variable":
        environ |= rule(url, "alice", canary.secret)
    if source == "stored":
        login = ["auth", "login", url, "--username", "alice", "--password-stdin", "--insecure-storage"]
        argv = [sys.executable, "-m", "authpip", *login]
        subprocess.run(argv, env=environ, input=canary.secret, text=True, check=True, capture_output=True)
    return ["install", "-i", secret_url, "thing"] if source == "option" else ["install", "thing"]


@pytest.mark.parametrize(
    ("source", "error"),
    [*((source, "RuntimeError") for source in SOURCES), ("variable", "OSError"), ("url", "ValueError")],
)
def test_an_exception_at_any_function_of_the_launcher_tells_nothing(
    source: str, error: str, environment: dict[str, str], private: IndexServer, canary: Canary
) -> None:
    """Before pip starts: an exception out of every single function ends in at most a few lines of ours, never in a
    traceback, and without the secret, AUTHPIP_LOG=debug or not."""
    environ = environment | private.environ | {"AUTHPIP_LOG": "debug"}
    arguments = configure(source, private, canary, environ)
    argv = [sys.executable, str(SUPPORT / "launch_and_raise.py"), error, *arguments]
    done = subprocess.run(argv, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    endings = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(endings) > 100
    assert canary.find_in(done.stdout) == []
    # cli/__init__.py is the boundary itself: what comes out of its own lines has nobody above who could report it.
    escaped = [ending for ending in endings if "Traceback" in ending[2]]
    assert [ending for ending in escaped if not ending[0].startswith("cli/__init__.py:")] == []
    assert {ending[1] for ending in endings} <= {0, 2, 3, 70, "escaped"}


@pytest.mark.parametrize("command", ["install", "auth explain install", "auth check", "auth list"])
@pytest.mark.parametrize("source", SOURCES)
def test_no_value_of_ours_shows_a_secret(
    source: str, command: str, environment: dict[str, str], private: IndexServer, canary: Canary
) -> None:
    """A24: the repr of every object of our own types, in every frame of a run, whether its secret is an index's
    or the proxy's."""
    environ = environment | private.environ | {"NO_PROXY": "*"}
    arguments = configure(source, private, canary, environ)
    environ["PIP_PROXY"] = f"http://bob:{quote(canary.secret, safe='')}@127.0.0.1:9"
    words = [*command.split(), *arguments[1:]] if command.endswith("install") else command.split()
    argv = [sys.executable, str(SUPPORT / "launch_and_look.py"), *words]
    done = subprocess.run(argv, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    assert shown
    assert {name for name, values in shown.items() if canary.find_in_tree(values)} == set()


@pytest.mark.parametrize("status", [401, 403, 500])
def test_an_index_that_fails_is_reported_without_the_secret(
    status: int, environment: dict[str, str], private: IndexServer, canary: Canary, venv: Callable[..., PipVenv]
) -> None:
    """A server that refuses or breaks, and echoes the credential in its body: pip -vvv with its log says nothing."""
    environ = environment | private.environ | {"AUTHPIP_LOG": "debug", "PIP_RETRIES": "0"}
    configure("variable", private, canary, environ)
    private.fail = (status, canary.secret)
    log = Path(environment["HOME"], "pip.log")
    done = venv().run("install", "-vvv", "--log", str(log), "thing", env=environ, module="authpip")
    assert done.returncode != 0
    assert canary.find_in(done.stdout + done.stderr) == []
    assert canary.find_below(Path(environment["HOME"]).parent) == []


@pytest.fixture
def raising(venv: Callable[..., PipVenv], tmp_path: Path) -> Iterator[tuple[PipVenv, Path, Path]]:
    """An environment whose pip raises out of the function of inside_pip that a file names, and lists all that are
    called in another one."""
    chosen, wanted, called = venv(), tmp_path / "wanted", tmp_path / "called"
    wanted.write_text("")
    code = (
        "import atexit, pathlib, sys\n"
        "if getattr(sys, '_authpip_inside', False):\n"
        f"    sys.path.append({str(SUPPORT)!r})\n"
        "    from raiser import Raiser\n"
        f"    wanted = pathlib.Path({str(wanted)!r}).read_text()\n"
        "    raiser = Raiser('inside_pip', lambda number, name: name == wanted, RuntimeError('boom'))\n"
        "    raiser.install()\n"
        "    def note():\n"
        "        sys.setprofile(None)\n"
        f"        pathlib.Path({str(called)!r}).write_text('\\n'.join(sorted(set(raiser.calls))))\n"
        "    atexit.register(note)\n"
    )
    (chosen.site_packages / "raising.py").write_text(code)
    (chosen.site_packages / "raising.pth").write_text("import raising\n")
    return chosen, wanted, called


@pytest.mark.heavy
def test_an_exception_at_any_function_inside_pip_tells_nothing(
    raising: tuple[PipVenv, Path, Path], environment: dict[str, str], private: IndexServer, canary: Canary
) -> None:
    """In pip's own process, `-vvv` and all: an exception out of each function of inside_pip that an install calls."""
    chosen, wanted, called = raising
    environ = environment | private.environ | {"AUTHPIP_LOG": "debug", "PIP_RETRIES": "0"}
    configure("variable", private, canary, environ)
    arguments = ["install", "-vvv", "--debug", "--force-reinstall", "--log", str(wanted.with_name("pip.log")), "thing"]
    assert chosen.run(*arguments, env=environ, module="authpip").returncode == 0
    functions = called.read_text().split()
    assert len(functions) > 15
    for function in functions:
        wanted.write_text(function)
        done = chosen.run(*arguments, env=environ, module="authpip")
        assert canary.find_in(done.stdout + done.stderr, function) == []
    assert canary.find_in_file(wanted.with_name("pip.log")) == []


@pytest.mark.parametrize("pip", ["26.3", "22.3.1"])
def test_pips_own_debug_mode_tells_nothing(
    pip: str, environment: dict[str, str], private: IndexServer, canary: Canary, venv: Callable[..., PipVenv]
) -> None:
    """`pip --debug` prints a traceback with the locals of every frame: the handoff's and the request headers'
    too, if they were let. Once for a name that no index has, once for a connection that breaks in mid-request."""
    environ = environment | private.environ | {"PIP_RETRIES": "0"}
    configure("variable", private, canary, environ)
    chosen = venv(pip=pip)
    for breaks in (False, True):
        private.hang_up = breaks
        done = chosen.run("install", "--debug", "absent", env=environ, module="authpip")
        assert done.returncode != 0
        assert "Traceback" in done.stderr
        assert canary.find_in(done.stdout + done.stderr) == []
