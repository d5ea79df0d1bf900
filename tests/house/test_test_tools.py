"""The tools that the acceptance tests are made of see what they claim to see."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from support.leaks.canary import ALPHABETS, Canary, new_canary
from support.leaks.cmdline_sampler import CmdlineSampler
from support.programs import pip_venvs
from support.samples import packages
from support.servers.connect_proxy import ConnectProxy
from support.servers.index_server import IndexServer

pytestmark = pytest.mark.real

ENCODINGS: dict[str, Callable[[str], str]] = {
    "raw": str,
    "base64 of itself": lambda secret: base64.b64encode(secret.encode()).decode(),
    "base64 after a name": lambda secret: base64.b64encode(f"bob:{secret}".encode()).decode(),
    "base64 after a longer name": lambda secret: base64.b64encode(f"alice:{secret}!".encode()).decode(),
    "url": lambda secret: quote(secret, safe=""),
    "url twice": lambda secret: quote(quote(secret, safe=""), safe=""),
    "hex": lambda secret: secret.encode().hex().upper(),
    "json": json.dumps,
}


@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS)
@pytest.mark.parametrize("alphabet", ALPHABETS)
def test_a_canary_is_found_in_every_encoding(encode: Callable[[str], str], alphabet: str, tmp_path: Path) -> None:
    """A23: raw, base64 in three alignments, URL-encoded once and twice, hex, JSON; in bytes, files and structures."""
    canary = new_canary(alphabet)
    leak = f"before {encode(canary.secret)} after"
    (tmp_path / "file").write_text(leak)
    assert canary.find_in(leak)
    assert canary.find_below(tmp_path)
    assert canary.find_in_tree({"a": [{"b": leak}]})
    assert not new_canary(alphabet).find_in(leak)


def test_a_canary_is_found_in_a_file_name(tmp_path: Path) -> None:
    """A token in a path is a leak too."""
    canary = Canary("0123456789abcdefXYZ")
    (tmp_path / canary.secret).touch()
    assert canary.find_below(tmp_path)


def test_the_sampler_sees_a_secret_in_argv() -> None:
    """A12: a short process with a secret among its arguments is caught."""
    canary = new_canary()
    with CmdlineSampler() as sampler:
        subprocess.run([sys.executable, "-c", "import time; time.sleep(0.2)", canary.secret], check=True)
    assert canary.find_in(b"\n".join(sampler.seen))


def test_the_proxy_leads_a_real_host_name_to_loopback(serve: Callable[..., IndexServer]) -> None:
    """A cloud's host name, asked for through the proxy, is answered by a server of ours."""
    server = serve(tls=False)
    server.add("/simple")
    with ConnectProxy({"pypi.corp.example:443": server.port}) as proxy:
        import http.client

        connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=5)
        connection.set_tunnel("pypi.corp.example", 443)
        connection.request("GET", "/simple/")
        assert connection.getresponse().status == 200
        assert [request.target for request in proxy.requests] == ["pypi.corp.example:443"]


def test_the_spy_finds_a_password_in_the_url(
    environment: dict[str, str], index_server: IndexServer, tmp_path: Path
) -> None:
    """A12, A13: with plain pip and the password in PIP_INDEX_URL the spy finds it in its own environment and its
    ancestors'. What finds nothing later on is able to find something."""
    canary, report = new_canary(), tmp_path / "report.jsonl"
    files = [
        packages.spy_sdist(tmp_path / "files", "spy-thing", report, requires=["early-dep"], late=["late-dep"]),
        packages.wheel(tmp_path / "files", "early-dep"),
        packages.wheel(tmp_path / "files", "late-dep"),
    ]
    index_server.add("/team/simple", files, username="alice", password=canary.secret)
    venv = pip_venvs.make(tmp_path / "venv", "", "24.0")
    url = index_server.url("/team/simple/", userinfo=f"alice:{canary.secret}")
    with CmdlineSampler() as sampler:
        done = venv.run("install", "spy-thing", env=environment | index_server.environ | {"PIP_INDEX_URL": url})
    assert done.returncode == 0, done.stderr
    assert "spy_thing" in venv.installed()
    looks = [json.loads(line) for line in report.read_text().splitlines()]
    assert {look["hook"] for look in looks} >= {
        "get_requires_for_build_wheel",
        "prepare_metadata_for_build_wheel",
        "build_wheel",
    }
    places = {hit.where for look in looks for hit in canary.find_in_tree(look)}
    assert "$.environ.PIP_INDEX_URL" in places
    assert any(place.startswith("$.ancestors[") and place.endswith(".environ") for place in places)
    assert canary.find_in(b"\n".join(sampler.seen))
    assert set(index_server.statuses()) == {200}
