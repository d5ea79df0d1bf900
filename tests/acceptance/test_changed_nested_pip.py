"""The build code of one package changes what the nested pip of the same run loads, and still gets no credential."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.leaks import thief
from support.machine.requirements import not_run
from support.samples import changed_pip
from support.samples.changed_pip import WAYS, Victim
from support.servers.index_server import IndexServer

pytestmark = pytest.mark.real


@pytest.fixture
def victim(environment: dict[str, str], index_server: IndexServer) -> Victim:
    return changed_pip.victim(environment, index_server)


def loot(victim: Victim) -> list[dict[str, Any]]:
    """The thief's searches that found a secret."""
    return [theft for theft in victim.reports() if theft.get("found") or theft.get("header")]


def is_without_effect(victim: Victim, way: str) -> bool:
    """True if this Python does not look for its library below the `home` of pyvenv.cfg; Debian's 3.14 does not."""
    code = [victim.venv.python, "-I", "-S", "-c", "import json; print(json.__file__)"]
    shown = subprocess.run(code, capture_output=True, text=True, check=True).stdout
    return way == "home in pyvenv.cfg" and not shown.startswith(str(victim.mine))


@pytest.mark.parametrize("way", WAYS)
def test_a_changed_nested_pip_has_no_credential(victim: Victim, serve: Callable[..., IndexServer], way: str) -> None:
    """audit 1, P4, A19, A20: hostile code runs in the nested pip, searches its memory, environment and descriptors, and
    its parent's, and finds nothing; the install succeeds or ends with a clear line. Before, six of six ways found it;
    `test_the_thief_finds_a_secret` is the control."""
    if way == "a shared library":
        if not Path("/usr/bin/cc").exists():
            not_run("there is no C compiler")
        changed_pip.compile_library(victim.mine)
    evil = serve(tls=False)
    change = WAYS[way].change.replace("{evil}", evil.url().rstrip("/"))
    done = victim.install(change, thief.code(str(victim.report), "nested pip"), environ=WAYS[way].environ)
    said = done.stdout + done.stderr
    assert "Traceback" not in said
    assert done.returncode == 0 or any(line.startswith(("ERROR:", "authpip:")) for line in said.splitlines()), said
    nested = [theft for theft in victim.reports() if "late-dep" in theft.get("argv", ())]
    assert nested or not WAYS[way].is_run or is_without_effect(victim, way), said
    assert loot(victim) == []
    assert victim.canary.find_in(said) + victim.canary.find_below(victim.mine, victim.base / "tmp") == []
    assert not [seen for seen in evil.requests if victim.canary.find_in(repr((seen, seen.headers)))]


def test_the_thief_finds_a_secret(victim: Victim) -> None:
    """The control of the test above: with plain pip, whose nested pip has the password in its argv, it is found."""
    victim.environ["PIP_INDEX_URL"] = victim.server.url("/team/simple/", userinfo=f"alice:{victim.canary.secret}")
    code = thief.code(str(victim.report), "nested pip")
    done = victim.install(WAYS["pip's runner"].change, code, module="pip")
    assert done.returncode == 0, done.stderr
    places = {place for theft in loot(victim) for place in theft.get("found", ())}
    assert {"self/cmdline", "self/mem"} <= places
    assert [theft for theft in loot(victim) if theft.get("header") == "Authorization"]
