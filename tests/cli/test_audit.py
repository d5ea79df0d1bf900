"""`auth audit`: what is installed that came from elsewhere than its rule's index."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import canonicalize_version
from packaging.version import Version

from authpip.network.project_page import version_in
from support.leaks.canary import SECRET
from support.programs import authpip_cli
from support.programs.pip_venvs import PipVenv
from support.samples import packages
from support.servers.index_server import IndexServer

pytestmark = pytest.mark.real


@pytest.fixture
def audited(
    index_server: IndexServer, venv: Callable[..., PipVenv], trusting: dict[str, str], tmp_path: Path
) -> Callable[..., tuple[int, dict[str, Any]]]:
    """audited(*pip arguments, packages="corp-*"): the status and JSON for an environment after one plain install."""
    private = [packages.wheel(tmp_path / "private", "corp-thing"), packages.wheel(tmp_path / "private", "other-thing")]
    index_server.add("/team/simple", private, username="alice", password=SECRET, metadata=True)
    url, place = index_server.url("/team/simple/"), venv(authpip=False)
    environ = trusting | authpip_cli.rule(url, "alice", SECRET)

    def run(*arguments: str, packages: str = "corp-*") -> tuple[int, dict[str, Any]]:
        done = place.run("install", "--no-deps", *arguments, env=trusting)
        assert done.returncode == 0, done.stderr
        variables = environ | ({"AUTHPIP_INDEX_CORP_PACKAGES": packages} if packages else {})
        told = authpip_cli.auth("audit", "--json", str(place.directory), env=variables)
        return told.returncode, json.loads(told.stdout)

    return run


def test_what_came_from_the_index(audited: Callable[..., Any], index_server: IndexServer) -> None:
    """A package of the private index is the same, by its version and the hash of its metadata; a package that no rule
    speaks of (pip itself) is not mentioned."""
    url = index_server.url("/team/simple/", userinfo=f"alice:{SECRET}")
    status, told = audited("-i", url, "corp-thing")
    assert (status, told["ok"]) == (0, True)
    assert [(one["name"], one["version"], one["verdict"]) for one in told["packages"]] == [
        ("corp-thing", "1.0", "same")
    ]
    assert told["packages"][0]["rule"]["name"] == "corp"


def test_a_public_twin(audited: Callable[..., Any], index_server: IndexServer, tmp_path: Path) -> None:
    """A version that the private index does not have came from elsewhere: exit status 1."""
    index_server.add("/public/simple", [packages.wheel(tmp_path / "public", "corp-thing", "99.0")])
    status, told = audited("-i", index_server.url("/public/simple/"), "corp-thing")
    assert (status, [one["verdict"] for one in told["packages"]]) == (1, ["elsewhere"])
    assert told["packages"][0]["why"] == "the index does not have version 99.0"


def test_a_twin_of_the_same_version(audited: Callable[..., Any], index_server: IndexServer, tmp_path: Path) -> None:
    """The same version with other metadata than any file on the index came from elsewhere, also where no rule names
    the package and the index alone offers it."""
    other = packages.wheel(tmp_path / "public", "other-thing", metadata=["Summary: another one"])
    index_server.add("/public/simple", [other])
    status, told = audited("-i", index_server.url("/public/simple/"), "other-thing", packages="")
    assert (status, [(one["name"], one["verdict"]) for one in told["packages"]]) == (1, [("other-thing", "elsewhere")])
    assert told["packages"][0]["why"] == "its metadata is not that of any file on the index"


def test_a_direct_url(audited: Callable[..., Any], tmp_path: Path) -> None:
    """A package that was installed from a file, though a rule names its index (PEP 610)."""
    status, told = audited(str(packages.wheel(tmp_path / "mine", "corp-thing")))
    assert (status, told["packages"][0]["verdict"]) == (1, "elsewhere")
    assert told["packages"][0]["why"].startswith("it was installed from file:")


def test_an_index_that_cannot_be_read(audited: Callable[..., Any], index_server: IndexServer) -> None:
    """A package whose index does not answer is unknown, and the exit status says that the index could not be read."""
    url = index_server.url("/team/simple/", userinfo=f"alice:{SECRET}")
    audited("-i", url, "corp-thing")
    index_server.fail = (500, "down")
    status, told = audited("--no-index", "pip")
    assert (status, [one["verdict"] for one in told["packages"]]) == (3, ["unknown"])
    assert (told["ok"], [one["why"] for one in told["unread"]]) == (False, [told["packages"][0]["why"]])


def test_an_index_that_cannot_be_read_and_no_route(
    audited: Callable[..., Any], index_server: IndexServer, tmp_path: Path
) -> None:
    """Nobody knows which packages such an index offers: no finding, and the exit status says so."""
    index_server.fail = (500, "down")
    status, told = audited("--no-index", str(packages.wheel(tmp_path / "mine", "other-thing")), packages="")
    assert (status, told["ok"], told["packages"], len(told["unread"])) == (3, False, [], 1)


VERSIONS = st.from_regex(r"(?:[0-9]{1,2}!)?[0-9]{1,3}(?:\.[0-9]{1,3}){0,3}", fullmatch=True)
ENDINGS = st.sampled_from(["", "a1", "b2", "rc3", ".post1", ".dev4", "+local.7", "a1.post2.dev3"])


@given(version=st.tuples(VERSIONS, ENDINGS).map("".join), name=st.sampled_from(["thing", "corp_thing"]))
def test_versions_of_file_names(version: str, name: str) -> None:
    """The version in the name of a wheel and of a source distribution is the one that they were built with, however
    the installed metadata spells it; packaging is the oracle."""
    plain = str(Version(version))
    assert version_in(f"{name}-{plain}.tar.gz") == canonicalize_version(version)
    assert version_in(f"{name}-{plain}-py3-none-any.whl") == canonicalize_version(version)
    assert version_in(f"{name}.txt") == ""


def test_an_index_without_hashes(
    serve: Callable[..., IndexServer], venv: Callable[..., PipVenv], trusting: dict[str, str], tmp_path: Path
) -> None:
    """A27: the same version proves nothing where the index lists no hash of its metadata (PEP 714): not "same"."""
    server, place = serve(), venv(authpip=False)
    server.add("/team/simple", [packages.wheel(tmp_path / "a", "corp-thing")], username="alice", password=SECRET)
    server.add("/public/simple", [packages.wheel(tmp_path / "b", "corp-thing", metadata=["Summary: another one"])])
    done = place.run("install", "-i", server.url("/public/simple/"), "corp-thing", env=trusting)
    assert done.returncode == 0, done.stderr
    variables = authpip_cli.rule(server.url("/team/simple/"), "alice", SECRET) | {
        "AUTHPIP_INDEX_CORP_PACKAGES": "corp-*"
    }
    told = authpip_cli.auth("audit", "--json", str(place.directory), env=trusting | variables)
    [found] = json.loads(told.stdout)["packages"]
    assert (told.returncode, found["verdict"]) == (0, "unknown")
