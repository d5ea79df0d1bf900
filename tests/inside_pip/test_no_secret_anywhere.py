"""The canary scan of A23: forty pip commands with a managed index, and the secret is written nowhere in any form."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from support.leaks.canary import Canary, Sighting, new_canary
from support.programs import authpip_cli, pip_venvs
from support.programs.pip_venvs import PipVenv
from support.samples import packages
from support.servers.index_server import IndexServer, basic

pytestmark = pytest.mark.real

ANY_STATUS, FAILS = "any status", "fails"
COMMANDS: list[tuple[str, ...]] = [
    ("install", "corp-thing==1.0"),
    ("install", "--upgrade", "corp-thing"),
    ("install", "--force-reinstall", "--no-cache-dir", "corp-thing"),
    ("install", "--dry-run", "--ignore-installed", "--report", "{out}/report.json", "corp-thing"),
    ("install", "--dry-run", "--ignore-installed", "--report", "-", "--quiet", "corp-thing"),
    ("install", "--target", "{out}/target", "corp-thing"),
    ("install", "--prefix", "{out}/prefix", "--ignore-installed", "corp-thing"),
    ("install", "-r", "{files}/requirements.txt"),
    ("install", "-r", "{url}requirements.txt"),
    ("install", "-c", "{files}/constraints.txt", "corp-thing"),
    ("install", "{url}corp-thing/corp_thing-1.0-py3-none-any.whl"),
    ("install", "corp-thing @ {url}corp-thing/corp_thing-2.0-py3-none-any.whl"),
    ("install", "spy-thing"),
    ("install", "--force-reinstall", "--no-deps", "--use-feature=inprocess-build-deps", "--no-cache-dir", "spy-thing"),
    ("install", "--force-reinstall", "--no-deps", "--use-feature=venv-isolation", "--no-cache-dir", "spy-thing"),
    ("install", "-e", "{files}/source"),
    ("install", "--use-feature=fast-deps", "--force-reinstall", "corp-thing"),
    ("install", "--find-links", "{url}corp-thing/", "corp-thing"),
    ("install", "--no-index", "corp-missing", FAILS),
    ("install", "corp-missing", FAILS),
    ("install", "broken-thing", FAILS),
    ("install", "-r", "{url}missing.txt", FAILS),
    ("--debug", "install", "corp-missing", FAILS),
    ("--python", "{python}", "install", "--force-reinstall", "corp-thing"),
    ("download", "-d", "{out}/downloads", "corp-thing", "spy-thing"),
    ("download", "-d", "{out}/downloads", "--no-binary", ":all:", "corp-thing", FAILS),
    ("wheel", "-w", "{out}/wheels", "spy-thing"),
    ("lock", "-o", "{out}/pylock.toml", "corp-thing", "spy-thing"),
    ("index", "versions", "corp-thing"),
    ("index", "versions", "--json", "corp-thing"),
    ("list", "--outdated"),
    ("list", "--outdated", "--format", "json"),
    ("list", "--uptodate", "-v"),
    ("search", "corp-thing", FAILS),
    ("freeze", "--all"),
    ("inspect",),
    ("show", "-f", "corp-thing"),
    ("check", ANY_STATUS),
    ("cache", "info"),
    ("cache", "list"),
    ("debug",),
    ("config", "list"),
    ("uninstall", "-y", "corp-thing"),
    ("cache", "purge"),
]


@pytest.fixture
def server(index_server: IndexServer, tmp_path: Path) -> IndexServer:
    """Files of all kinds, with metadata of their own, and pages that the cache keeps."""
    files = tmp_path / "files"
    report = tmp_path / "report.jsonl"
    broken = {"pyproject.toml": "[build-system]\nrequires = []\nbuild-backend = 'none'\nbackend-path = ['.']\n"}
    made = [
        *(packages.wheel(files, "corp-thing", version, requires=["corp-base"]) for version in ("1.0", "2.0")),
        *(packages.wheel(files, name) for name in ("corp-base", "early-dep", "late-dep")),
        packages.spy_sdist(files, "spy-thing", report, requires=["early-dep"], late=["late-dep"]),
        packages.sdist(files, "broken-thing", files=broken),
    ]
    (files / "requirements.txt").write_text("--prefer-binary\ncorp-thing\nspy-thing\n")
    (files / "constraints.txt").write_text("corp-base==1.0\n")
    packages.unpack(packages.spy_files("edit-thing", report, requires=["early-dep"]), files / "source")
    index = index_server.add("/team/simple", [*made, files / "requirements.txt"], metadata=True)
    index.headers |= {"Cache-Control": "max-age=600", "Vary": "Authorization", "ETag": '"one"'}
    return index_server


def run_all(
    venv: PipVenv, server: IndexServer, environ: dict[str, str], canary: Canary, out: Path, without: str
) -> list[Sighting]:
    """Every command at its most talkative; where the secret was seen, in what they said and what they left behind."""
    words = {"url": server.url("/team/simple/"), "out": out, "files": out.parent / "files", "python": venv.python}
    hits: list[Sighting] = []
    for command in (command for command in COMMANDS if command[0] != without):
        arguments = [word.format(**words) for word in command if word not in {ANY_STATUS, FAILS}]
        noise = [] if "-" in arguments else ["-vvv"]
        done = authpip_cli.pip(venv, *noise, "--log", str(out / "pip.log"), *arguments, env=environ)
        hits += canary.find_in(done.stdout, f"{command} stdout") + canary.find_in(done.stderr, f"{command} stderr")
        if ANY_STATUS not in command:
            assert (done.returncode != 0) == (FAILS in command), f"{command}: {done.stdout}{done.stderr}"
    return hits + canary.find_below(out, environ["HOME"], environ["TMPDIR"], venv.directory)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("source", ["rule", pytest.param("url", marks=pytest.mark.heavy)])
def test_forty_commands(server: IndexServer, trusting: dict[str, str], tmp_path: Path, source: str) -> None:
    """A23: stdout, stderr, -vvv, --log, --report, lock, freeze, inspect, the cache, HOME, TMPDIR and the environment.

    With the password in PIP_INDEX_URL, `config list` is left out: it prints the user's own environment.
    """
    canary, venv = new_canary("odd"), pip_venvs.make(tmp_path / "venv", pip_venvs.PYTHON, "26.3")
    server.indexes[0].accepted = {basic("alice", canary.secret)}
    url = server.url("/team/simple/")
    environ = trusting | {"PIP_INDEX_URL": url} | authpip_cli.rule(url, "alice", canary.secret)
    if source == "url":
        written = server.url("/team/simple/", userinfo=f"alice:{quote(canary.secret, safe='')}")
        environ = trusting | {"PIP_INDEX_URL": written}
    (tmp_path / "out").mkdir()
    out, without = tmp_path / "out", "config" if source == "url" else ""
    assert run_all(venv, server, environ, canary, out, without) == []
    assert len(COMMANDS) >= 40
    assert 401 not in server.statuses()
    assert canary.find_in(repr(server.requests)), "the secret was to be used, and it can be found"
