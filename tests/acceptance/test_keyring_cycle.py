"""login → install → list → token → logout with a real GNOME Keyring, and what happens when it is not there."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from support.leaks.canary import Canary, new_canary
from support.machine.requirements import need
from support.programs.keyrings import SecretService
from support.programs.pip_venvs import PipVenv
from support.samples import packages
from support.servers.index_server import IndexServer, basic

pytestmark = pytest.mark.real

PATIENCE = 6.0  # seconds, for a keyring that does not answer


Ending = tuple[int, str, str, float]


class Desk(NamedTuple):
    """A user at a desk: a session with an unlocked keyring, one private index, one environment."""

    ring: SecretService
    server: IndexServer
    venv: PipVenv
    canary: Canary
    home: Path

    @property
    def url(self) -> str:
        return self.server.url("/team/simple/")

    def authpip(
        self, *words: str, stdin: str = "", environ: dict[str, str] | None = None
    ) -> tuple[int, str, str, float]:
        """Exit status, stdout, stderr and seconds of one `authpip …`."""
        argv, start = [self.venv.python, "-m", "authpip", *words], time.monotonic()
        env = (environ or self.ring.environ) | {"PIP_INDEX_URL": self.url}
        done = subprocess.run(argv, env=env, input=stdin, capture_output=True, text=True, timeout=120, check=False)
        return done.returncode, done.stdout, done.stderr, time.monotonic() - start

    def log_in(self) -> None:
        """Store the right password."""
        words = ["auth", "login", self.url, "--username", "alice", "--password-stdin"]
        status, out, err, _ = self.authpip(*words, stdin=self.canary.secret + "\n")
        assert (status, out) == (0, ""), err


@pytest.fixture
def desk(
    environment: dict[str, str], index_server: IndexServer, venv: Callable[..., PipVenv], tmp_path: Path
) -> Iterator[Desk]:
    """Nobody is logged in yet."""
    need("dbus-daemon")
    need("gnome-keyring-daemon")
    canary = new_canary("odd")
    files = [
        packages.spy_sdist(tmp_path, "spy-thing", tmp_path / "report.jsonl", requires=["early-dep"]),
        packages.wheel(tmp_path, "early-dep"),
    ]
    index_server.add("/team/simple", files, username="alice", password=canary.secret)
    with SecretService(environment | index_server.environ) as ring:
        yield Desk(ring, index_server, venv(), canary, Path(environment["HOME"]))


def test_the_whole_cycle(desk: Desk, tmp_path: Path) -> None:
    """The secret is typed once; the install and its nested pip have it, the build and the disk do not, and plain
    pip finds it by keyring's own names. After logout it is gone from there and the install fails."""
    desk.log_in()
    proved = len(desk.server.requests)
    status, out, err, _ = desk.authpip("install", "spy-thing")
    assert status == 0, err
    assert "Successfully installed spy-thing-1.0" in out
    assert {seen.authorization for seen in desk.server.requests[proved:]} == {basic("alice", desk.canary.secret)}
    looks = [json.loads(line) for line in (tmp_path / "report.jsonl").read_text().splitlines()]
    assert [hit for look in looks for hit in desk.canary.find_in_tree(look)] == []
    assert desk.canary.find_below(desk.home.parent) == []

    (login,) = json.loads(desk.authpip("auth", "list", "--json")[1])
    assert (login["url"], login["username"]) == (desk.url, "alice")
    assert desk.canary.find_in(str(login)) == []
    assert desk.authpip("auth", "token", desk.url)[1].strip() == desk.canary.secret
    assert desk.ring.keyring("get", desk.url, "alice").stdout.strip() == desk.canary.secret

    assert desk.authpip("auth", "logout", desk.url)[0] == 0
    assert desk.ring.keyring("get", desk.url, "alice").returncode != 0
    status, _, err, _ = desk.authpip("install", "--no-input", "--force-reinstall", "spy-thing")
    assert status != 0
    assert json.loads(desk.authpip("auth", "list", "--json")[1]) == []


def test_a_wrong_password_is_refused_and_not_stored(desk: Desk) -> None:
    """It is proved with a request before anything is kept."""
    words = ["auth", "login", desk.url, "--username", "alice", "--password-stdin"]
    status, _, err, _ = desk.authpip(*words, stdin="not the password\n")
    assert status == 3
    assert "refused" in err
    assert desk.ring.keyring("get", desk.url, "alice").returncode != 0
    assert json.loads(desk.authpip("auth", "list", "--json")[1]) == []


@pytest.mark.parametrize("trouble", ["locked", "stalled", "absent"])
def test_a_keyring_that_cannot_answer_ends_the_install(desk: Desk, trouble: str) -> None:
    """P9, P11, F03, F06: a stored login that cannot be read: exit 3 within 6 s, one line, no request."""
    desk.log_in()
    before, environ = len(desk.server.requests), dict(desk.ring.environ)
    if trouble == "locked":
        desk.ring.lock()
    elif trouble == "stalled":
        desk.ring.stall()
    else:
        del environ["DBUS_SESSION_BUS_ADDRESS"]
    status, out, err, seconds = desk.authpip("install", "spy-thing", environ=environ)
    assert status == 3, err
    assert out == ""
    assert seconds < PATIENCE
    assert err.startswith("authpip: ")
    assert err.count("\n") == 1
    assert "keyring" in err
    assert desk.canary.find_in(err) == []
    assert len(desk.server.requests) == before


def test_a_public_index_asks_no_keyring(desk: Desk, serve: Callable[..., IndexServer], tmp_path: Path) -> None:
    """F17: with a stalled keyring, `--version`, `list` and an install from an index that nobody logged in to run on."""
    desk.log_in()
    desk.ring.stall()
    server = serve(tls=False)
    server.add("/simple", [packages.wheel(tmp_path, "thing")])
    for words in (["--version"], ["list"], ["install", "-i", server.url("/simple/"), "thing"]):
        status, _, err, seconds = desk.authpip(*words)
        assert status == 0, err
        assert seconds < 5
