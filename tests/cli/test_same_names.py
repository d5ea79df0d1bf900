"""`auth check` warns of a package that a private and an open index both have."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.leaks.canary import SECRET
from support.programs import authpip_cli
from support.samples import packages
from support.servers.index_server import IndexServer

pytestmark = pytest.mark.real


@pytest.mark.parametrize(("routed", "found"), [("", ["corp-thing"]), ("corp-*", [])])
def test_names_on_both_sides(
    index_server: IndexServer, trusting: dict[str, str], tmp_path: Path, routed: str, found: list[str]
) -> None:
    """A27: of the packages that pip's command names, those that both have and that no rule routes; the exit status is
    that of the indexes alone."""
    private = [packages.wheel(tmp_path / "private", name) for name in ("corp-thing", "lone-thing")]
    index_server.add("/team/simple", private, username="alice", password=SECRET)
    public = [
        packages.wheel(tmp_path / "public", "corp-thing", "99.0"),
        packages.wheel(tmp_path / "public", "open-thing"),
    ]
    index_server.add("/public/simple", public)
    url, other = index_server.url("/team/simple/"), index_server.url("/public/simple/")
    environ = trusting | authpip_cli.rule(url, "alice", SECRET) | {"AUTHPIP_INDEX_CORP_PACKAGES": routed or "no-other"}
    asked = ["--", "install", "-i", url, "--extra-index-url", other, "Corp_Thing", "lone-thing", "open-thing"]
    done = authpip_cli.auth("check", "--json", *asked, env=environ)
    told = json.loads(done.stdout)
    assert (done.returncode, [one["name"] for one in told["names_on_both_sides"]]) == (0, found), done.stderr
    text = authpip_cli.auth("check", *asked, env=environ).stdout
    assert ("corp-thing is on more than one index" in text) == bool(found)
