"""Files beside the index, metadata, ranges, JSON pages, and pip's cache: each with its credential, none on the disk."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.leaks.canary import SECRET, Canary
from support.programs import authpip_cli, pip_venvs
from support.programs.authpip_cli import Run
from support.programs.pip_venvs import PipVenv
from support.servers.index_server import JSON, Index, IndexServer, basic

pytestmark = pytest.mark.real

ALICE = basic("alice", SECRET)
OLD = pytest.param(("3.9", "20.3.4"), marks=pytest.mark.heavy)


@pytest.fixture
def alice(index_server: IndexServer) -> Callable[..., Index]:
    """alice("/team/simple", files, …): one more index on the server, for Alice alone."""
    return lambda prefix, files=(), **more: index_server.add(prefix, files, username="alice", password=SECRET, **more)


def check(server: IndexServer, done: Any) -> None:
    """It went well, every request was Alice's, and none was refused."""
    assert done.returncode == 0, done.stdout + done.stderr
    assert {seen.authorization for seen in server.requests} == {ALICE}
    assert set(server.statuses()) <= {200, 206}


@pytest.mark.parametrize("files_at", ["/packages/", "/1f0c9a3e-77d4/pypi/download/2c/"])
@pytest.mark.parametrize("metadata", [False, True], ids=["no metadata", "PEP 658"])
@pytest.mark.parametrize("versions", [(pip_venvs.PYTHON, "26.3"), OLD])
def test_files_beside_the_index(
    download: Run,
    index_server: IndexServer,
    alice: Any,
    wheel: Any,
    downloads: Any,
    shared_venv: Callable[..., PipVenv],
    files_at: str,
    metadata: bool,
    versions: tuple[str, str],
) -> None:
    """pypiserver's /packages/, Azure's GUID paths, and PEP 658 metadata there: sent what the linking index is sent."""
    alice("/team/simple", [wheel("corp-thing")], files_at=files_at, metadata=metadata)
    rule = authpip_cli.rule(index_server.url("/team/simple/"), "alice", SECRET)
    done = download("corp-thing", "-i", index_server.url("/team/simple/"), venv=shared_venv(*versions), **rule)
    check(index_server, done)
    assert downloads() == {"corp_thing-1.0-py3-none-any.whl"}


@pytest.mark.parametrize(
    "link", ["../../../pool/{}", "/pool/{}", "//{host}/pool/{}", "https://{host}/pool/{}", "HTTPS://{host}/pool/{}"]
)
def test_links_in_all_their_forms(
    download: Run, index_server: IndexServer, alice: Any, wheel: Any, downloads: Any, link: str
) -> None:
    """Relative, absolute, without a scheme, and with one in capitals: they all mean the same file."""
    file = wheel("corp-thing")
    index = alice("/team/simple")
    index.links["corp-thing"] = [link.format(file.name, host=f"127.0.0.1:{index_server.port}")]
    alice("/pool", [file])
    rule = authpip_cli.rule(index_server.url("/team/simple/"), "alice", SECRET)
    done = download("corp-thing", "-i", index_server.url("/team/simple/"), **rule)
    check(index_server, done)
    assert index_server.seen("/pool/")


def test_pages_in_json(download: Run, index_server: IndexServer, alice: Any, wheel: Any) -> None:
    """PEP 691: pip asks for JSON, and the files of such a page are the index's own too."""
    alice("/team/simple", [wheel("corp-thing")], files_at="/pool/", metadata=True)
    rule = authpip_cli.rule(index_server.url("/team/simple/"), "alice", SECRET)
    done = download("corp-thing", "-i", index_server.url("/team/simple/"), **rule)
    check(index_server, done)
    assert JSON in index_server.requests[0].headers["Accept"]
    assert [seen.path.rpartition("/")[2].rpartition(".")[2] for seen in index_server.requests] == [
        "",
        "metadata",
        "whl",
    ]


@pytest.mark.parametrize(
    "versions", [(pip_venvs.PYTHON, "26.3"), pytest.param(("3.9", "21.3.1"), marks=pytest.mark.heavy)]
)
def test_lazy_wheels(
    pip: Run,
    index_server: IndexServer,
    alice: Any,
    wheel: Any,
    tmp_path: Path,
    shared_venv: Callable[..., PipVenv],
    versions: tuple[str, str],
) -> None:
    """fast-deps: a HEAD and ranges of the file, each with the credential."""
    padding = "".join(hashlib.sha256(b"%d" % number).hexdigest() for number in range(4000))
    files = [wheel("corp-thing", requires=["corp-other"], files={"padding.txt": padding}), wheel("corp-other")]
    alice("/team/simple", files, files_at="/pool/")
    rule = authpip_cli.rule(index_server.url("/team/simple/"), "alice", SECRET)
    arguments = ["--use-feature=fast-deps", "--no-cache-dir", "-d", str(tmp_path / "d"), "corp-thing"]
    done = pip("download", *arguments, "-i", index_server.url("/team/simple/"), venv=shared_venv(*versions), **rule)
    check(index_server, done)
    assert {seen.method for seen in index_server.requests} == {"GET", "HEAD"}
    assert 206 in index_server.statuses()


def test_find_links(download: Run, index_server: IndexServer, alice: Any, wheel: Any, text_file: Any) -> None:
    """A page of links that is no index, and its files on the same site beside it."""
    page = text_file("links.html", '<!DOCTYPE html><html><body><a href="/pool/corp_thing-1.0-py3-none-any.whl">x</a>')
    index = alice("/team/links", [page])
    index.headers["Content-Type"] = "text/html"
    alice("/pool", [wheel("corp-thing")])
    rule = authpip_cli.rule(index_server.url("/team/"), "alice", SECRET)
    done = download("--no-index", "-f", index_server.url("/team/links/links.html"), "corp-thing", **rule)
    check(index_server, done)
    assert index_server.seen("/pool/")


@pytest.mark.parametrize("versions", [(pip_venvs.PYTHON, "26.3"), ("3.9", "20.3.4")])
def test_nothing_secret_in_the_cache(
    pip: Run,
    index_server: IndexServer,
    alice: Any,
    wheel: Any,
    tmp_path: Path,
    shared_venv: Callable[..., PipVenv],
    versions: tuple[str, str],
) -> None:
    """P10: with `Vary: Authorization` the cache keeps no header; and what was fetched with a credential is not given
    to a pip without one."""
    index = alice("/team/simple", [wheel("corp-thing")])
    index.headers |= {"Vary": "Authorization", "Cache-Control": "max-age=3600", "ETag": '"one"'}
    url, cache, venv = index_server.url("/team/simple/"), tmp_path / "cache", shared_venv(*versions)
    arguments = ["download", "--no-deps", "--cache-dir", str(cache), "-i", url, "corp-thing", "--no-input"]
    rule = authpip_cli.rule(url, "alice", SECRET)
    for target in ("one", "two"):
        done = pip(*arguments, "-d", str(tmp_path / target), venv=venv, **rule)
        assert done.returncode == 0, done.stderr
    kept = [path for path in cache.rglob("*") if path.is_file()]
    assert any("corp_thing" in path.read_bytes().decode("latin-1") for path in kept)
    assert Canary(SECRET).find_below(cache) == []
    done = pip(*arguments, "-d", str(tmp_path / "three"), venv=venv, AUTHPIP_DISABLE="1")
    assert done.returncode == 1
    assert not list((tmp_path / "three").glob("*.whl"))
    before = len(index_server.requests)
    link = index_server.url("/team/simple/corp-thing/corp_thing-1.0-py3-none-any.whl")
    direct = ["download", "--no-deps", "--cache-dir", str(cache), link, "--no-input", "-d", str(tmp_path / "four")]
    assert pip(*direct, venv=venv, AUTHPIP_DISABLE="1").returncode == 1
    assert len(index_server.requests) > before


def test_the_cache_still_works(pip: Run, index_server: IndexServer, alice: Any, wheel: Any, tmp_path: Path) -> None:
    """Without `Vary`, a file that was fetched once with a credential is not fetched again."""
    index = alice("/team/simple", [wheel("corp-thing")])
    index.headers |= {"Cache-Control": "max-age=3600"}
    url = index_server.url("/team/simple/")
    for target in ("one", "two"):
        options = ["--no-deps", "--cache-dir", str(tmp_path / "cache"), "-i", url, "-d", str(tmp_path / target)]
        done = pip("download", *options, "corp-thing", **authpip_cli.rule(url, "alice", SECRET))
        check(index_server, done)
    assert len([seen for seen in index_server.requests if seen.path.endswith(".whl")]) == 1
