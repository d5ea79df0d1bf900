"""Redirects: at every hop it is decided anew what is sent (P8; A09, A10, A11, A29, CVE-2018-18074, CVE-2018-20060)."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from support.leaks.canary import Canary, new_canary
from support.programs import authpip_cli, pip_venvs
from support.programs.authpip_cli import Run
from support.programs.pip_venvs import PipVenv
from support.servers.index_server import IndexServer, Seen, basic

pytestmark = pytest.mark.real

CODES = [301, 302, 303, 307, 308]
CHANGES = ["host", "port", "https to http", "path", "sibling path", "userinfo", "no scheme", "away and back"]


class Stage(NamedTuple):
    """`home` holds Alice's index below /team/simple/, and much else; `away` and `plain` are open to everybody."""

    home: IndexServer
    away: IndexServer
    plain: IndexServer
    canary: Canary

    @property
    def index(self) -> str:
        return self.home.url("/team/simple/")

    @property
    def rule(self) -> dict[str, str]:
        return authpip_cli.rule(self.index, "alice", self.canary.secret)

    def target(self, change: str) -> str:
        """Where a redirect of this kind leads: the root of an open index."""
        host = f"127.0.0.1:{self.away.port}"
        return {
            "host": self.home.url("/open/simple/", host="localhost"),
            "port": self.away.url("/open/simple/"),
            "https to http": self.plain.url("/open/simple/"),
            "path": self.home.url("/open/simple/"),
            "sibling path": self.home.url("/team/simpleevil/"),
            "userinfo": f"https://mallory:guess@{host}/open/simple/",
            "no scheme": f"//{host}/open/simple/",
            "away and back": self.away.url("/back/"),
        }[change]

    def astray(self) -> list[Seen]:
        """Requests outside Alice's index that had any byte of her credential about them."""
        everything = [*self.home.requests, *self.away.requests, *self.plain.requests]
        inside = [seen for seen in self.home.requests if seen.path.startswith("/team/simple/")]
        return [seen for seen in everything if seen not in inside and self.canary.find_in(repr((seen, seen.headers)))]

    def unanswered(self) -> list[Seen]:
        """Requests to Alice's index that came without her credential."""
        expected = basic("alice", self.canary.secret)
        return [seen for seen in self.home.seen("/team/simple/") if seen.authorization != expected]


@pytest.fixture
def stage(serve: Callable[..., IndexServer]) -> Stage:
    return Stage(serve(), serve(), serve(tls=False), new_canary("odd"))


def furnish(stage: Stage, files: list[Path]) -> None:
    """The same files everywhere; what is Alice's wants her credential."""
    stage.home.add("/team/simple", files, username="alice", password=stage.canary.secret)
    for server, prefix in (
        (stage.home, "/open/simple"),
        (stage.home, "/team/simpleevil"),
        (stage.away, "/open/simple"),
        (stage.plain, "/open/simple"),
    ):
        server.add(prefix, files)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("version", ["26.3", *(pytest.param(v, marks=pytest.mark.heavy) for v in ("20.3.4", "23.2.1"))])
def test_no_redirect_carries_a_credential_off_its_scope(
    download: Run,
    stage: Stage,
    wheel: Any,
    downloads: Any,
    shared_venv: Callable[..., PipVenv],
    change: str,
    version: str,
) -> None:
    """Five codes, for a page and for a file: ten projects of which each is redirected once; 80 cases over all changes.

    The project's own index is asked with the credential, the place it leads to without one, and all of them come.
    """
    pages, files = [f"page-{code}" for code in CODES], [f"file-{code}" for code in CODES]
    wheels = {name: wheel(name) for name in pages + files}
    furnish(stage, list(wheels.values()))
    target = stage.target(change)
    for code, page, file in zip(CODES, pages, files, strict=True):
        for path in (f"{page}/", f"{file}/{wheels[file].name}"):
            if change == "away and back":
                stage.home.redirect(f"/team/simple/{path}", stage.away.url(f"/back/{path}"), code)
                stage.away.redirect(f"/back/{path}", stage.home.url(f"/team/simple/again/{path}"), code)
                stage.home.redirect(f"/team/simple/again/{path}", stage.home.url(f"/open/simple/{path}"), code)
            else:
                stage.home.redirect(f"/team/simple/{path}", target + path, code)
    venv = shared_venv(pip_venvs.PYTHON if version == "26.3" else "3.9", version)
    done = download(*wheels, "-i", stage.index, venv=venv, **stage.rule)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(downloads()) == 10
    assert stage.astray() == []
    assert stage.unanswered() == []
    redirected = [seen for seen in stage.home.seen("/team/simple/") if seen.status in CODES]
    assert len(redirected) == (20 if change == "away and back" else 10)


def test_a_netrc_is_not_applied_to_a_managed_index(
    download: Run, stage: Stage, wheel: Any, environment: dict[str, str]
) -> None:
    """A29: requests looks into .netrc at every hop, by host alone; neither a managed site nor a place that a managed
    index redirects to is asked with it."""
    other = new_canary()
    netrc = Path(environment["HOME"], "netrc")
    netrc.write_text(f"machine 127.0.0.1 login bob password {other.secret}\n")
    netrc.chmod(0o600)
    furnish(stage, [wheel("corp-thing"), wheel("corp-other")])
    stage.home.redirect("/team/simple/corp-thing/", stage.target("port") + "corp-thing/")
    stage.home.redirect("/team/simple/corp-other/", stage.target("path") + "corp-other/")
    done = download("corp-thing", "corp-other", "-i", stage.index, NETRC=str(netrc), **stage.rule)
    assert done.returncode == 0, done.stderr
    assert stage.astray() == []
    assert stage.unanswered() == []
    hops = [*stage.home.requests, *(seen for seen in stage.away.requests if seen.path.endswith("/"))]
    assert len(hops) > 2
    assert not [seen for seen in hops if other.find_in(repr(seen))]


def test_an_https_page_that_links_to_http(download: Run, stage: Stage, wheel: Any, downloads: Any) -> None:
    """A09: the same host over http, and the same file below the same path, gets nothing."""
    furnish(stage, [])
    files = [wheel("corp-thing")]
    stage.plain.add("/team/simple", files)
    link = stage.plain.url(f"/team/simple/corp-thing/{files[0].name}")
    next(i for i in stage.home.indexes if i.prefix == "/team/simple/").links["corp-thing"] = [link]
    done = download("corp-thing", "-i", stage.index, **stage.rule)
    assert done.returncode == 0, done.stderr
    assert stage.plain.requests
    assert stage.astray() == []


def test_a_foreign_path_on_the_same_host(download: Run, stage: Stage, wheel: Any, downloads: Any) -> None:
    """A10, A26: a second index on the host, its pages and the files these link to, get nothing of the first's."""
    furnish(stage, [wheel("corp-thing")])
    foreign = stage.home.add("/foreign/simple", [wheel("foreign-thing", "2.0")], files_at="/foreign-files/")
    foreign.links["corp-thing"] = ["/foreign-pool/corp_thing-9.0-py3-none-any.whl"]
    stage.home.add("/foreign-pool", [wheel("corp-thing", "9.0")])
    urls = ["-i", stage.index, "--extra-index-url", stage.home.url("/foreign/simple/")]
    done = download("corp-thing", "foreign-thing", *urls, **stage.rule)
    assert done.returncode == 0, done.stderr
    assert {name.split("-")[1] for name in downloads()} == {"9.0", "2.0"}
    assert stage.astray() == []
    assert stage.unanswered() == []
    assert 401 not in stage.home.statuses()


def test_nothing_of_authpip_is_in_the_way_of_an_ordinary_redirect(
    download: Run, stage: Stage, wheel: Any, downloads: Any
) -> None:
    """Between indexes that authpip knows nothing about, pip's own credential from .netrc goes as pip sends it."""
    furnish(stage, [wheel("corp-thing")])
    stage.away.redirect("/open/simple/corp-thing/", stage.home.url("/open/simple/corp-thing/", host="localhost"))
    done = download("corp-thing", "-i", stage.away.url("/open/simple/"), NETRC=os.devnull, **stage.rule)
    assert done.returncode == 0, done.stderr
    assert downloads()
    assert stage.astray() == []
