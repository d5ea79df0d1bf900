"""The ground that the other tests stand on: clean surroundings, and an index server that tells the truth."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from support.machine.isolation import COMPLETE, GUARD, MACHINE, ROOT, clean_environment
from support.servers.index_server import JSON, IndexServer, Seen, basic

pytestmark = pytest.mark.real

Serve = Callable[..., IndexServer]


def get(server: IndexServer, path: str, **headers: str) -> tuple[int, bytes]:
    """Status and body of one request, its server trusted by the authority's certificate alone."""
    context = ssl.create_default_context(cafile=str(server.authority.file)) if server.authority else None
    request = urllib.request.Request(server.url(path), headers=headers)
    try:
        with urllib.request.urlopen(request, context=context, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_a_test_has_its_own_home_and_settings(environment: dict[str, str], home: Path) -> None:
    """HOME, TMPDIR and the XDG directories are new and empty, and nothing of the machine's settings is left."""
    assert Path.home() == home != Path(MACHINE.get("HOME", "/"))
    assert tempfile.gettempdir() == environment["TMPDIR"]
    assert not [path for path in home.rglob("*") if path.is_file()]
    assert os.environ["PIP_CONFIG_FILE"] == os.devnull
    odd = ("_CA_BUNDLE", "_CERT_FILE", "_CERT_DIR", "_INDEX_URL", "FIND_LINKS", "BUS_ADDRESS", "DISPLAY")
    assert not [name for name in os.environ if name.upper().endswith(odd)]
    assert not [name for name in os.environ if name.startswith(("AUTHPIP_", "GOOGLE_", "KEYRING_"))]


def test_the_tests_are_about_the_built_wheel() -> None:
    """In scripts/test, src/ is out of reach: a file that the wheel lacks is missed here."""
    import authpip

    if COMPLETE:
        assert not Path(authpip.__file__).is_relative_to(ROOT / "src")


def read_netrc() -> None:
    """What a careless test would do."""
    Path(MACHINE["HOME"], ".netrc").read_text()


def start_child_at_home() -> None:
    """What another would."""
    subprocess.run([sys.executable, "-c", ""], env=dict(MACHINE), check=False)


@pytest.mark.parametrize("action", [read_netrc, start_child_at_home])
def test_a_test_that_leaves_its_surroundings_fails(action: Callable[[], None]) -> None:
    """Reading the real user's .netrc, or starting a child in the real HOME, is stopped and remembered."""
    with pytest.raises(PermissionError, match="not isolated"):
        action()
    assert GUARD.trespasses
    GUARD.trespasses.clear()


def test_surroundings_are_built_and_not_subtracted(tmp_path: Path) -> None:
    """An unknown variable does not reach a test: the environment is an allow-list."""
    assert "HOME" in clean_environment(tmp_path)
    assert set(clean_environment(tmp_path)) <= {
        *(
            "PATH",
            "LANG",
            "LANGUAGE",
            "LC_ALL",
            "LC_CTYPE",
            "TZ",
            "TERM",
            "COLUMNS",
            "SYSTEMROOT",
            "PYTHONPATH",
        ),
        *("HOME", "TMPDIR", "NETRC", "NO_PROXY", "PYTHONNOUSERSITE"),
        *(
            name
            for name in clean_environment(tmp_path)
            if name.startswith(("XDG_", "PIP_", "AWS_", "CLOUDSDK_", "AZURE_"))
        ),
    }


def test_each_index_has_its_own_credential(index_server: IndexServer, tmp_path: Path) -> None:
    """Two private indexes and an open one on one host: each lets in its own credential and no other."""
    wheel = tmp_path / "thing-1.0-py3-none-any.whl"
    wheel.write_bytes(b"wheel")
    index_server.add("/team/simple", [wheel], username="alice", password="one", files_at="/files/")
    index_server.add("/team/simpleevil", [wheel], token="two")
    index_server.add("/open/simple", [wheel])
    alice = basic("alice", "one")
    assert get(index_server, "/team/simple/thing/")[0] == 401
    assert get(index_server, "/team/simpleevil/thing/", Authorization=alice)[0] == 401
    assert get(index_server, "/team/simpleevil/thing/", Authorization="Bearer two")[0] == 200
    assert b"/files/thing-1.0" in get(index_server, "/team/simple/thing/", Authorization=alice)[1]
    assert get(index_server, "/files/thing-1.0-py3-none-any.whl", Authorization=alice) == (200, b"wheel")
    assert b'"files"' in get(index_server, "/open/simple/thing/", Accept=JSON)[1]
    assert index_server.seen("/files/") == [Seen("GET", "/files/thing-1.0-py3-none-any.whl", alice, 200)]
    assert index_server.statuses() == [401, 401, 200, 200, 200, 200]


def test_an_index_can_redirect_and_revoke(serve: Serve) -> None:
    """A redirect leads on with the rest of the path; a revoked credential is answered 401 from then on."""
    server = serve(tls=False)
    index = server.add("/real", username="u", password="p")
    server.redirect("/old/", "/real/", 307)
    headers = {"Authorization": basic("u", "p")}
    assert get(server, "/old/", **headers)[0] == 200
    index.revoke()
    assert get(server, "/real/", **headers)[0] == 401
    assert [seen.status for seen in server.requests] == [307, 200, 401]
