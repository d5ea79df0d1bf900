"""F01: hundreds of pips that start together on one machine, with one file of the site's and one token."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from authpip.storage import kernel_keyring, token_cache
from support.machine.mount_namespace import with_mounts
from support.programs import authpip_cli
from support.programs.fake_cli import GOOD, TOKEN, count, counting, fake_cli
from support.programs.pip_venvs import PipVenv
from support.servers.index_server import IndexServer

pytestmark = [pytest.mark.real, pytest.mark.heavy, pytest.mark.timeout(1800)]

STARTS, AT_ONCE = 128, 64
SITE = """locked = ["rules", "audit"]
[audit]
file = "{trail}"
on-error = "stop"
[[index]]
name = "corp"
url = "{url}"
provider = "google"
"""


@pytest.fixture
def account(trusting: dict[str, str], home: Path) -> Iterator[dict[str, str]]:
    """The environment with a gcloud of this test's own; what its token left in the kernel's keyring goes at the end."""
    name = f"dev-{home.parent.name}@example.com"
    fake_cli(home / "bin", "gcloud", stdout=GOOD["gcloud"], before=counting(home / "count", 0.5))
    environ = {**trusting, "PATH": f"{home}/bin:/usr/bin:/bin", "CLOUDSDK_CORE_ACCOUNT": name}
    yield environ
    for entry in token_cache.kept(environ):
        if entry.label == name:
            kernel_keyring.forget(entry.name)


@pytest.mark.skipif(not kernel_keyring.is_available(), reason="not run: this kernel keeps no keys for us")
def test_hundreds_of_starts(
    account: dict[str, str],
    index_server: IndexServer,
    wheel: Callable[..., Path],
    shared_venv: Callable[..., PipVenv],
    home: Path,
    tmp_path: Path,
) -> None:
    """64 at a time: every pip is served, gcloud is called once, and the audit trail has one whole line of each."""
    index_server.add("/team/simple", [wheel("corp-lib")], username="oauth2accesstoken", password=TOKEN)
    url, trail, venv = index_server.url("/team/simple/"), tmp_path / "trail.jsonl", shared_venv()
    (tmp_path / "site.toml").write_text(SITE.format(trail=trail, url=url))

    def start(_: int) -> tuple[int, str]:
        done = authpip_cli.pip(venv, "index", "versions", "corp-lib", "-i", url, env=account, timeout=900)
        return done.returncode, done.stderr if done.returncode else ""

    def all_of_them() -> list[tuple[int, str]]:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(start, range(STARTS)))

    commands = [
        "mount -t tmpfs -o mode=755 none /etc",
        f"mkdir -p /etc/xdg/authpip; cp {tmp_path}/site.toml /etc/xdg/authpip/config.toml",
    ]
    assert with_mounts(all_of_them, commands) == [(0, "")] * STARTS
    assert set(index_server.statuses()) == {200}
    assert count(home / "count", "calls") == 1
    lines = [json.loads(line) for line in trail.read_text().splitlines()]
    assert len(lines) == STARTS
    assert {(line["index"], line["provider"], line["command"]) for line in lines} == {(url, "google", "index")}
    assert TOKEN not in trail.read_text()
