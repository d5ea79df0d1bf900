"""P1, A10, A26: several indexes on one host; each request carries its own credential or none, and none is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from support.leaks.canary import new_canary
from support.programs.authpip_cli import rule
from support.programs.pip_venvs import PipVenv
from support.samples import packages
from support.servers.index_server import IndexServer, basic

pytestmark = pytest.mark.real

PIPS = ["26.3", "24.0", "22.3.1"]


@pytest.mark.parametrize("pip", PIPS)
@pytest.mark.parametrize("files_at", [None, "outside"])
def test_each_index_gets_its_own_credential(
    pip: str,
    files_at: str | None,
    environment: dict[str, str],
    index_server: IndexServer,
    venv: Callable[..., PipVenv],
    tmp_path: Path,
) -> None:
    """/team/simple, /team/simpleevil and /open/simple: two secrets and nothing, with the files below the index and
    elsewhere on the same origin; and no request is answered 401."""
    team, evil = new_canary("odd"), new_canary("odd")
    outside = {name: f"/files/{name}/" if files_at else None for name in ("team", "evil", "open")}
    index_server.add(
        "/team/simple",
        [packages.wheel(tmp_path / "team", "team-thing", requires=["evil-thing", "open-thing"])],
        username="alice",
        password=team.secret,
        files_at=outside["team"],
    )
    index_server.add(
        "/team/simpleevil",
        [packages.wheel(tmp_path / "evil", "evil-thing")],
        username="alice",
        password=evil.secret,
        files_at=outside["evil"],
    )
    index_server.add("/open/simple", [packages.wheel(tmp_path / "open", "open-thing")], files_at=outside["open"])
    environ = environment | index_server.environ
    environ |= rule(index_server.url("/team/simple/"), "alice", team.secret, name="TEAM")
    environ |= rule(index_server.url("/team/simpleevil"), "alice", evil.secret, name="EVIL")
    environ["PIP_INDEX_URL"] = index_server.url("/open/simple/")
    environ["PIP_EXTRA_INDEX_URL"] = f"{index_server.url('/team/simple')} {index_server.url('/team/simpleevil/')}"
    done = venv(pip=pip).run("install", "team-thing", env=environ, module="authpip")
    assert done.returncode == 0, done.stdout + done.stderr
    assert 401 not in index_server.statuses()
    expected = {
        "/team/simple/": basic("alice", team.secret),
        "/team/simpleevil/": basic("alice", evil.secret),
        "/open/simple/": None,
        "/files/team/": basic("alice", team.secret),
        "/files/evil/": basic("alice", evil.secret),
        "/files/open/": None,
    }
    for prefix, authorization in expected.items():
        assert {seen.authorization for seen in index_server.seen(prefix)} <= {authorization}, prefix
    assert len(index_server.seen("/team/simple/")) >= 3
    assert bool(index_server.seen("/files/evil/")) == bool(files_at)


def test_a_bearer_token_is_sent_as_one(
    environment: dict[str, str], index_server: IndexServer, venv: Callable[..., PipVenv], tmp_path: Path
) -> None:
    """A rule with `scheme = "bearer"` in config.toml sends its secret in that form."""
    token = new_canary()
    index_server.add("/simple", [packages.wheel(tmp_path, "thing")], token=token.secret)
    config = tmp_path / "config.toml"
    config.write_text(f'[[index]]\nname = "corp"\nurl = "{index_server.url("/simple/")}"\nscheme = "bearer"\n')
    environ = environment | index_server.environ | {"PIP_INDEX_URL": index_server.url("/simple/")}
    environ |= {"AUTHPIP_CONFIG": str(config), "AUTHPIP_INDEX_CORP_PASSWORD": token.secret}
    done = venv().run("install", "thing", env=environ, module="authpip")
    assert done.returncode == 0, done.stdout + done.stderr
    assert {seen.authorization for seen in index_server.requests} == {f"Bearer {token.secret}"}


def test_an_unmet_always_fails_before_pip(
    environment: dict[str, str], index_server: IndexServer, venv: Callable[..., PipVenv], tmp_path: Path
) -> None:
    """P9, A27: no credential for an index that must have one: exit 3, one line, and not one request goes anywhere,
    though a public index has a higher version of the same name."""
    index_server.add("/team/simple", [packages.wheel(tmp_path, "thing", "1.0")], username="alice", password="x" * 20)
    index_server.add("/open/simple", [packages.wheel(tmp_path, "thing", "9.0")])
    config = tmp_path / "config.toml"
    config.write_text(f'[[index]]\nname = "corp"\nurl = "{index_server.url("/team/simple/")}"\n')
    environ = environment | index_server.environ | {"AUTHPIP_CONFIG": str(config)}
    environ["PIP_INDEX_URL"] = index_server.url("/team/simple/")
    environ["PIP_EXTRA_INDEX_URL"] = index_server.url("/open/simple/")
    venv_ = venv()
    done = venv_.run("install", "thing", env=environ, module="authpip")
    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr.startswith("authpip: ")
    assert done.stderr.count("\n") == 1
    assert index_server.requests == []
    assert "thing" not in venv_.installed()
