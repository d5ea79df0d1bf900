"""What `[audit]` writes down when real commands hand credentials over: at the start, late, anew, and to other tools."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.leaks.canary import Canary, new_canary
from support.programs import authpip_cli
from support.programs.authpip_cli import Run, rule
from support.servers.index_server import IndexServer

pytestmark = pytest.mark.real

Environ = dict[str, str]


@pytest.fixture
def canary() -> Canary:
    return new_canary("odd")


@pytest.fixture
def trail(home: Path) -> Path:
    """The audit trail that the user's config.toml asks for."""
    config, path = home / ".config/authpip/config.toml", home / "trail.jsonl"
    config.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    config.write_text(f'[audit]\nfile = "{path}"\non-error = "stop"\n')
    config.chmod(0o600)
    return path


def said(path: Path) -> list[tuple[str, str, str, str]]:
    """(index, provider, identity, command) of each line."""
    found: list[dict[str, Any]] = [json.loads(line) for line in path.read_text().splitlines()]
    return [(line["index"], line["provider"], line["identity"], line["command"]) for line in found]


def test_a_pip_command(
    trail: Path, index_server: IndexServer, wheel: Callable[..., Path], download: Run, canary: Canary
) -> None:
    """One line for an index with a credential, none for an open one; the secret is nowhere in it."""
    index_server.add("/team/simple", [wheel("corp-lib")], username="ci", password=canary.secret)
    index_server.add("/open/simple", [wheel("other")])
    url = index_server.url("/team/simple/")
    options = ["-i", url, "--extra-index-url", index_server.url("/open/simple/")]
    done = download(*options, "corp-lib", "other", **rule(url, "ci", canary.secret))
    assert done.returncode == 0, done.stderr
    assert said(trail) == [(url, "env", "ci", "download")]
    assert canary.find_in(trail.read_text()) == []


def test_a_late_answer(
    trail: Path, index_server: IndexServer, wheel: Callable[..., Path], download: Run, tmp_path: Path, text_file: Any
) -> None:
    """An index that only a remote requirements file names is written down when pip comes upon it."""
    index_server.add("/team/simple", [wheel("corp-lib")], username="ci", password="s3cret")
    url = index_server.url("/team/simple/")
    requirements = text_file("requirements.txt", f"--index-url {url}\ncorp-lib\n")
    index_server.add("/texts", [requirements])
    logins = authpip_cli.logins(tmp_path / "auth.json", (url, "ci", "s3cret"))
    listed = index_server.url("/texts/requirements/requirements.txt")
    done = download("-i", index_server.url("/texts/"), "-r", listed, **logins)
    assert done.returncode == 0, done.stderr
    assert said(trail) == [(url, "keyring", "ci", "download")]


def test_a_renewal(
    trail: Path, index_server: IndexServer, wheel: Callable[..., Path], download: Run, home: Path, canary: Canary
) -> None:
    """A token that the index rejects is asked for anew while pip runs: a second line, with the same pip's number."""
    index_server.add("/team/simple", [wheel("corp-lib")], username="__token__", password=canary.secret)
    url, program, secret = index_server.url("/team/simple/"), home / "token", home / "secret"
    secret.write_text(canary.secret)
    program.write_text(f"#!/bin/sh\n[ -e {home}/again ] && exec cat {secret}\ntouch {home}/again\necho too-old\n")
    program.chmod(0o755)
    config = home / ".config/authpip/config.toml"
    rule_text = f'[[index]]\nurl = "{url}"\nprovider = "command"\ncommand.run = ["{program}"]\n'
    config.write_text(config.read_text() + rule_text)
    done = download("-i", url, "corp-lib")
    assert done.returncode == 0, done.stderr
    first, second = (json.loads(line) for line in trail.read_text().splitlines())
    assert [first["provider"], first["command"], first["pid"]] == ["command", "download", second["pid"]]
    assert {**first, "time": ""} == {**second, "time": ""}
    assert canary.find_in(trail.read_text()) == []


def test_other_ways(trail: Path, environment: Environ, canary: Canary) -> None:
    """`auth token`, `auth helper get`, `auth exec` and the keyring command are written down, each by its name."""
    url = "https://pypi.corp.example/team/simple/"
    environ = environment | rule(url, "ci", canary.secret)
    assert authpip_cli.auth("token", url, env=environ).returncode == 0
    question = {"input": json.dumps({"uri": url}), "stdin": None}
    assert authpip_cli.auth("helper", "get", env=environ, **question).returncode == 0
    main = Path(authpip_cli.ROOM, "authpip", "__main__.py")
    keyring = [sys.executable, "-I", str(main), "keyring", "keyring", "get", url, "ci"]
    subprocess.run(keyring, env=environ, check=True, capture_output=True)
    twine = Path(environment["HOME"], "bin", "twine")
    twine.parent.mkdir()
    twine.write_text("#!/bin/sh\n")
    twine.chmod(0o755)
    command = ["exec", "--", str(twine), "upload", "--repository-url", url, "x"]
    done = authpip_cli.auth(*command, env=environ)
    assert done.returncode == 0, done.stderr
    names = ["auth token", "auth helper get", "keyring get", "auth exec twine"]
    assert said(trail) == [(url, "env", "ci", name) for name in names]
    assert canary.find_in(trail.read_text()) == []


def test_stop_ends_the_command_before_pip_starts(
    trail: Path, index_server: IndexServer, wheel: Callable[..., Path], download: Run
) -> None:
    """on-error = "stop": status 3, one line, and no request; "go-on": the line, and pip runs."""
    index_server.add("/team/simple", [wheel("corp-lib")], username="ci", password="s3cret")
    url = index_server.url("/team/simple/")
    trail.mkdir()
    done = download("-i", url, "corp-lib", **rule(url, "ci", "s3cret"))
    assert (done.returncode, done.stdout, index_server.statuses()) == (3, "", [])
    assert done.stderr.startswith(f"authpip: the audit trail cannot be written: Is a directory ({trail}; ")
    config = trail.parent / ".config/authpip/config.toml"
    config.write_text(config.read_text().replace("stop", "go-on"))
    done = download("-i", url, "corp-lib", **rule(url, "ci", "s3cret"))
    assert done.returncode == 0
    assert "the audit trail cannot be written" in done.stderr
