"""`auth config show` and `auth config check`, as a user calls them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.real


def auth(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "authpip", "auth", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def config(home: Path) -> Path:
    path = home / ".config/authpip/config.toml"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)


def test_show(environment: dict[str, str], config: Path) -> None:
    """Every rule with its origin, and no argument of a command nor a variable's value, which may be secret."""
    write(
        config,
        '[[index]]\nname="corp"\nhosts=["*.corp.example"]\nprovider="command"\ncommand.run="get --key=hunter2"\n',
    )
    environ = {**environment, "AUTHPIP_INDEX_CI_URL": "https://ci.example/x", "AUTHPIP_INDEX_CI_PASSWORD": "hunter2"}
    shown = auth(environ, "config", "show")
    assert shown.returncode == 0
    lines = shown.stdout.splitlines()
    assert lines[0] == f"{config}: read"
    assert lines[1].endswith("etc/xdg/authpip/config.toml: not there")
    assert lines[2:4] == ["timeout = 30 s (default)", "storage = keyring (default)"]
    assert "timeout = 7 s (AUTHPIP_TIMEOUT)\n" in auth({**environ, "AUTHPIP_TIMEOUT": "7"}, "config", "show").stdout
    assert "[ci]  AUTHPIP_INDEX_CI_URL\n  matches      https://ci.example/x/" in shown.stdout
    assert f"[corp]  {config}:1\n  matches      *.corp.example\n  provider     command" in shown.stdout
    assert "command.run = get …" in shown.stdout
    assert "hunter2" not in shown.stdout + shown.stderr
    told = auth(environ, "config", "show", "--json").stdout
    assert "hunter2" not in told
    document = json.loads(told)
    assert (document["ok"], document["problems"], document["settings"]["timeout"]) == (True, [], 30)
    assert document["files"][0] == {"path": str(config), "state": "read"}
    assert [(rule["name"], rule["url"], rule["hosts"]) for rule in document["rules"]] == [
        ("ci", "https://ci.example/x/", []),
        ("corp", None, ["*.corp.example"]),
    ]
    assert document["rules"][1]["options"] == {"command": {"run": "get …"}}


def test_check(environment: dict[str, str], config: Path) -> None:
    """All problems, one line each, exit 2; none, exit 0; a pip command stops at them before pip starts."""
    assert auth(environment, "config", "check").stdout == "0 rules, nothing wrong\n"
    write(config, "[[index]]\nurl = 'https://a.example/'\nprovder = 1\n\n[[index]]\n")
    checked = auth({**environment, "AUTHPIP_TIMEOUT": "x"}, "config", "check")
    assert checked.returncode == 2
    assert checked.stdout.splitlines() == [
        "AUTHPIP_TIMEOUT is refused: it is not a number of seconds, up to 3600; e.g. AUTHPIP_TIMEOUT=30",
        f"{config}:3: unknown key 'provder'; did you mean 'provider'?",
        f"{config}:5: this rule matches nothing; add url = … or hosts = […]",
    ]
    document = json.loads(auth(environment, "config", "check", "--json").stdout)
    assert not document["ok"]
    assert {problem["why"] for problem in document["problems"]} >= {"unknown key 'provder'"}
    assert auth(environment, "config", "show").returncode == 2
    assert auth(environment, "config").returncode == 2
    command = [sys.executable, "-m", "authpip", "download", "-i", "https://127.0.0.1:9/", "x"]
    stopped = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (stopped.returncode, stopped.stdout) == (2, "")
    assert stopped.stderr == (
        f"authpip: {config}:3: unknown key 'provder'; did you mean 'provider'?; 1 more: authpip auth config check\n"
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("AUTHPIP_TIMOUT", "authpip has no such variable; did you mean AUTHPIP_TIMEOUT?"),
        ("AUTHPIP_FOO", "authpip has no such variable; unset it"),
        ("AUTHPIP_INDEX_OTHER_PASSWORD", "no rule has this name; set AUTHPIP_INDEX_<NAME>_URL for the same NAME"),
        ("AUTHPIP_INDEX_TEM_USERNAME", "no rule has this name; did you mean AUTHPIP_INDEX_TEAM_…?"),
    ],
)
def test_a_variable_that_nothing_reads(name: str, said: str, environment: dict[str, str]) -> None:
    """trial 4: check names it and the nearest name, never its value, and exits with 2."""
    environ = {**environment, "AUTHPIP_INDEX_TEAM_URL": "https://a.example/", "AUTHPIP_INDEX_TEAM_PASSWORD": "unused"}
    assert auth(environ, "config", "check").returncode == 0
    checked = auth({**environ, name: "hunter2"}, "config", "check")
    assert checked.returncode == 2
    assert name in checked.stdout
    assert said in checked.stdout
    assert "hunter2" not in checked.stdout + checked.stderr
