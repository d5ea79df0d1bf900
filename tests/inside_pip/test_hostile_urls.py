"""Hostile URLs through the whole program, with a listener on either side (A01, A02, A05-A08, A16).

The thousands are in tests/unit/test_scope_parsers.py; here are those that have once led a client astray.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from support.leaks.canary import Canary, new_canary
from support.programs import authpip_cli
from support.programs.authpip_cli import Run
from support.servers.index_server import IndexServer, Seen

pytestmark = pytest.mark.real


class Two(NamedTuple):
    """Alice's server, and Mallory's, which answers everything and keeps what it is told."""

    good: IndexServer
    evil: IndexServer
    canary: Canary

    @property
    def rule(self) -> dict[str, str]:
        return authpip_cli.rule(self.good.url("/team/simple/"), "alice", self.canary.secret)

    def astray(self) -> list[Seen]:
        """What left Alice's index with any byte of her credential about it."""
        outside = [seen for seen in self.good.requests if not seen.path.startswith("/team/simple/")]
        return [seen for seen in outside + self.evil.requests if self.canary.find_in(repr((seen, seen.headers)))]


@pytest.fixture
def two(serve: Callable[..., IndexServer], wheel: Any) -> Two:
    good, evil, canary = serve(), serve(), new_canary()
    good.add("/team/simple", [wheel("corp-thing")], username="alice", password=canary.secret)
    for prefix in ("/team/simpleevil", "/"):
        good.add(prefix, [wheel("corp-thing")])
    evil.add("/team/simple", [wheel("corp-thing")])
    evil.add("/", [wheel("corp-thing")])
    return Two(good, evil, canary)


REFUSED = [
    "https://{evil}\\@{good}/team/simple/",
    "https://{good}\\@{evil}/team/simple/",
    "https://{evil}\\{good}/team/simple/",
    "https://{good}\t.evil/team/simple/",
    "https://{good} @{evil}/team/simple/",
    "https://{good}%0a@{evil}/team/simple/",
    "https://{good}/team/simple/%0d%0aX: y/",
    "https://{good}/team/simple/%250aX/",
    "https://{good}/team/simple/../../open/",
    "https://{good}/team/simple/%2e%2e/open/",
    "https://{good}/team/simple/%252e%252e/open/",
    "https://{good}/team/simple/..;/open/",
    "https://{good}/team/simple/..%5copen/",
    "https:///team/simple/",
    "https:{good}/team/simple/",
    "https://127.1:{port}/team/simple/",
    "https://2130706433:{port}/team/simple/",
    "https://0x7f.0.0.1:{port}/team/simple/",
    "https://127.0.0.1.:{port}/team/simple/",
    "https://127.0.0.1:99999/team/simple/",
    "https://127.0.0.1:0{port}/team/simple/",
    "https://[::1%25lo]:{port}/team/simple/",
    "https://\uff11\uff12\uff17.0.0.1:{port}/team/simple/",
    "https://127.0.0.1\u3002evil:{port}/team/simple/",
]
STRAY = [
    "https://{good}:x@{evil}/team/simple/",
    "https://{good}@{evil}/team/simple/",
    "https://alice@{evil}/team/simple/",
    "https://{evil}/{good}/team/simple/",
    "https://{evil}?@{good}/team/simple/",
    "https://{evil}#@{good}/team/simple/",
    "https://{good}/team/simpleevil/",
    "https://{good}/team/simple%2fevil/",
    "https://{good}/TEAM/simple/",
    "https://{good}//team/simple/",
    "https://{good}/team;/simple/",
    "https://localhost:{port}/team/simple/",
]


def written(url: str, two: Two) -> str:
    """A row of the tables with both servers in it."""
    good, evil = (f"127.0.0.1:{server.port}" for server in (two.good, two.evil))
    return url.format(good=good, evil=evil, port=two.good.port)


@pytest.mark.parametrize("url", REFUSED)
def test_refused_before_pip_starts(download: Run, two: Two, url: str) -> None:
    """Two programs would read it in two ways: exit 2, the place where it is written, and not one request."""
    done = download("corp-thing", f"--index-url={written(url, two)}", **two.rule)
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stderr.startswith("authpip: refusing the URL")
    assert "--index-url" in done.stderr
    assert two.good.requests + two.evil.requests == []


@pytest.mark.parametrize("url", STRAY)
def test_never_sent_astray(download: Run, two: Two, url: str) -> None:
    """It looks like Alice's index, and is another: whatever comes of it, her credential does not go there."""
    done = download("--no-input", "corp-thing", "-i", written(url, two), **two.rule)
    assert done.returncode in {0, 1, 2, 3}, done.stderr
    assert two.astray() == []


def only_pip_sees(way: str, row: str, two: Two, text_file: Any) -> list[str]:
    """Put one row where pip alone comes upon it; what to download so that it does."""
    index = next(index for index in two.good.indexes if index.prefix == "/team/simple/")
    if way == "requirements":
        index.files["more.txt"] = text_file("more.txt", f"--extra-index-url {row}\ncorp-thing\n")
        return ["-r", two.good.url("/team/simple/more.txt")]
    if way == "redirect":
        target = row.encode("ascii", "backslashreplace").decode().replace("\t", "%09")
        two.good.redirect("/team/simple/corp-thing/", target)
    else:
        index.links["corp-thing"] = [row + "corp_thing-2.0-py3-none-any.whl"]
    return ["corp-thing"]


EVERY_ROW = pytest.param(1, marks=pytest.mark.heavy)


@pytest.mark.parametrize("way", ["redirect", "requirements", "links"])
@pytest.mark.parametrize("step", [6, EVERY_ROW])
def test_what_only_pip_sees(download: Run, two: Two, text_file: Any, way: str, step: int) -> None:
    """The same rows as the target of a redirect, in a remote requirements file, and as links on Alice's own page.

    A link to another path of Alice's own site is an index's to make (the scope rule says so), and is not counted.
    """
    options = ["--no-input", "-i", two.good.url("/team/simple/"), "--retries", "0", "--timeout", "3"]
    for row in (REFUSED + STRAY)[::step]:
        download(*only_pip_sees(way, written(row, two), two, text_file), *options, **two.rule)
        site = f"127.0.0.1:{two.good.port}"
        astray = [seen for seen in two.astray() if way != "links" or seen.headers["Host"] != site]
        assert astray == [], row
    assert two.good.seen("/team/simple/")


def test_a_hostile_repository(download: Run, two: Two, tmp_path: Path, wheel: Any) -> None:
    """A16: a checkout whose requirements and constraints name Mallory's indexes, nested, with `alice@` in them."""
    evil = f"127.0.0.1:{two.evil.port}"
    repository = tmp_path / "repository"
    repository.mkdir()
    (repository / "requirements.txt").write_text(
        f"-r nested/more.txt\n-c constraints.txt\n--extra-index-url https://alice@{evil}/team/simple/\n"
        f"--find-links https://{evil}/team/simple/corp-thing/\n--trusted-host {evil}\ncorp-thing\n"
    )
    (repository / "nested").mkdir()
    (repository / "nested/more.txt").write_text(f"-i https://127.0.0.1:{two.good.port}@{evil}/team/simple/\n")
    (repository / "constraints.txt").write_text("corp-thing<9\n")
    (repository / "authpip.toml").write_text(f'[[index]]\nurl = "https://{evil}/"\nprovider = "keyring"\n')
    (repository / "pip.conf").write_text(f"[global]\nindex-url = https://{evil}/\n")
    done = download("--no-input", "-r", str(repository / "requirements.txt"), **two.rule)
    assert done.returncode == 0, done.stderr
    assert two.evil.requests
    assert two.astray() == []


def test_a_variable_in_a_requirements_file(download: Run, two: Two, tmp_path: Path) -> None:
    """A15: pip expands ${NAME} into a URL; where it names authpip's own variable, there is nothing to expand."""
    requirements = tmp_path / "requirements.txt"
    secret = "${AUTHPIP_INDEX_CORP_PASSWORD}"
    requirements.write_text(f"--extra-index-url https://127.0.0.1:{two.evil.port}/{secret}/simple/\ncorp-thing\n")
    done = download("--no-input", "-r", str(requirements), "-i", two.good.url("/team/simple/"), **two.rule)
    assert two.canary.find_in(done.stdout + done.stderr) == []
    assert two.astray() == []
