"""`auth explain`: what it says of one invocation, in real processes, and that no secret is in it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pexpect
import pytest

from support.leaks.canary import Canary, new_canary
from support.programs import authpip_cli
from support.servers.index_server import IndexServer

pytestmark = pytest.mark.real

KEYS = [
    *(
        "kind",
        "url",
        "configured_in",
        "scope",
        "state",
        "provider",
        "identity",
        "scheme",
        "expires",
        "other_users",
        "authenticate",
    ),
    *("rule", "tried", "error"),
]


def explain(environ: Mapping[str, str], *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """`python -m authpip auth explain ARGUMENTS`."""
    argv = [sys.executable, "-m", "authpip", "auth", "explain", *arguments]
    return subprocess.run(
        argv,
        env=dict(environ),
        cwd=cwd or environ["HOME"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def explained(environ: Mapping[str, str], *arguments: str) -> dict[str, Any]:
    """The JSON, where exit status 0 is expected."""
    done = explain(environ, "--json", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def rule(name: str, url: str, password: str | None = None, username: str = "alice") -> dict[str, str]:
    """The variables that make a rule of its own, with or without its password."""
    prefix = f"AUTHPIP_INDEX_{name}_"
    found = {prefix + "URL": url, prefix + "USERNAME": username}
    return found if password is None else {**found, prefix + "PASSWORD": password}


@pytest.fixture
def canary() -> Canary:
    """One secret, used in every place where one can stand."""
    return new_canary()


def test_nothing_said_means_install_from_the_default_index(environment: dict[str, str]) -> None:
    """Without arguments: `pip install`, pip's default index, anonymous; and which pip and Python would run.
    trial 2: the providers that had no answer are shown with -v alone."""
    said = explained(environment)
    assert said["arguments"] == ["install"]
    assert said["pip"]["python"] == sys.executable
    assert said["pip"]["command"] == [sys.executable, "-m", "pip"]
    assert said["pip"]["python_version"] == "{}.{}.{}".format(*sys.version_info[:3])
    [index] = said["indexes"]
    assert (index["url"], index["configured_in"]) == ("https://pypi.org/simple", "pip's default")
    assert (index["state"], index["authenticate"], index["provider"]) == ("anonymous", "auto", None)
    assert index["tried"]
    assert "no answer" not in explain(environment).stdout
    assert "  no answer     url, " in explain(environment, "-v").stdout
    assert all(one["outcome"] == "not mine" for one in index["tried"])


def test_the_json_keeps_its_keys(environment: dict[str, str]) -> None:
    """The JSON is an interface: these keys, in every state, while its version is 1."""
    environment.update(rule("OPEN", "https://open.example/"))
    done = explain(environment, "--json", "install", "-i", "https://open.example/", "-f", "/wheels", "x")
    said = json.loads(done.stdout)
    assert said["version"] == 1
    assert list(said) == [
        *("version", "pip", "arguments", "starts", "note", "config_files", "proxy", "cert", "unread", "indexes"),
        "names",
    ]
    assert list(said["pip"]) == ["command", "version", "python", "python_version", "environment"]
    assert [list(index) for index in said["indexes"]] == [KEYS, KEYS]
    assert [index["state"] for index in said["indexes"]] == ["no-credential", "local"]
    assert list(said["indexes"][0]["error"]) == ["what", "why", "remedy"]


def test_each_index_in_order_with_its_origin_and_its_credential(environment: dict[str, str], home: Path) -> None:
    """pip's order, where each was configured, which provider answers as whom, and which rule says so."""
    config = home / "pip.conf"
    config.write_text("[global]\nextra-index-url =\n    https://b.example/simple\n")
    environment.update(PIP_CONFIG_FILE=str(config), PIP_INDEX_URL="https://a.example/team/simple")
    environment.update(rule("A", "https://a.example/team/", "s3cret-of-a"))
    said = explained(environment, "install", "--extra-index-url=https://c.example/", "thing")
    assert [index["url"] for index in said["indexes"]] == [
        "https://a.example/team/simple",
        "https://b.example/simple",
        "https://c.example/",
    ]
    first, second, third = said["indexes"]
    assert (first["configured_in"], first["provider"], first["identity"]) == ("PIP_INDEX_URL", "env", "alice")
    assert first["rule"] == {"name": "a", "configured_in": "AUTHPIP_INDEX_A_URL"}
    assert first["tried"][-1] == {"provider": "env", "outcome": "answers"}
    assert second["configured_in"].startswith(f"{config}:")
    assert third["configured_in"] == "--extra-index-url"
    assert said["starts"] is True


def test_an_index_that_cannot_be_served_is_exit_status_1(
    environment: dict[str, str], index_server: IndexServer
) -> None:
    """A rule without its credential: exit 1, the cause and the remedy; and nobody has been asked anything (P9)."""
    url = index_server.url("/team/simple/")
    environment.update(rule("TEAM", url))
    done = explain(environment, "install", "-i", url, "thing")
    assert done.returncode == 1
    assert "MISSING: pip would not start" in done.stdout
    assert "AUTHPIP_INDEX_TEAM_PASSWORD is not set" in done.stdout
    assert "remedy        give it a value" in done.stdout
    assert done.stderr == ""
    assert index_server.requests == []


def test_a_command_without_an_index_and_a_disabled_authpip_say_so(environment: dict[str, str]) -> None:
    """`pip list` and AUTHPIP_DISABLE=1: the plain pip runs, and no provider is asked."""
    assert "uses no index" in explained(environment, "list")["note"]
    said = explained({**environment, "AUTHPIP_DISABLE": "1"}, "install", "x")
    assert "AUTHPIP_DISABLE" in said["note"]
    assert said["indexes"] == []


def test_what_follows_the_first_word_is_pips(environment: dict[str, str], tmp_path: Path) -> None:
    """--json after `install` is pip's; `--` lets pip's own options come first; --python is shown."""
    assert not explain(environment, "install", "--json", "x").stdout.startswith("{")
    assert explained(environment, "--", "--isolated", "install", "x")["arguments"][0] == "--isolated"
    said = explained(environment, "--", "--python", sys.executable, "install", "x")
    assert said["pip"]["environment"] == sys.executable


def test_a_file_that_only_pip_can_read(environment: dict[str, str]) -> None:
    """A remote requirements file is named: the indexes in it will be asked for late."""
    arguments = ["install", "-r", "https://alice:s3cret@files.example/requirements.txt"]
    [unread] = explained(environment, *arguments)["unread"]
    assert unread["url"] == "https://****@files.example/requirements.txt"
    assert "unread        https://****@files.example/requirements.txt" in explain(environment, *arguments).stdout


def test_a_url_that_is_refused_ends_it_as_it_would_end_pip(environment: dict[str, str]) -> None:
    """A URL that two parsers read differently: exit 2, one line with the place to correct it (A05)."""
    done = explain(environment, "install", "-i", "https://evil.example\\@good.example/simple")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("authpip: refusing the URL")


def secrets_everywhere(canary: Canary, home: Path) -> tuple[dict[str, str], list[str]]:
    """(variables, pip's arguments) with the secret wherever a user may have put one."""
    secret = canary.secret
    requirements = home / "requirements.txt"
    requirements.write_text(f"--extra-index-url https://bob:{secret}@r.example/simple\nthing\n")
    environ = {
        **rule("TEAM", "https://team.example/", secret),
        "PIP_EXTRA_INDEX_URL": f"https://carol:{secret}@e.example/simple https://{secret}:@fury.example/acct/",
        "PIP_PROXY": f"http://dave:{secret}@127.0.0.1:1",
    }
    arguments = ["install", "-i", "https://team.example/simple", "-r", str(requirements)]
    arguments += ["--extra-index-url", f"https://pypi.anaconda.org/t/{secret}/channel/simple"]
    arguments += ["--find-links", f"https://f.example/links?token={secret}", "--proxy", f"erin:{secret}@127.0.0.1:1"]
    return environ, [*arguments, f"direct @ https://{secret}@d.example/direct-1.0.tar.gz"]


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["text", "json"])
def test_no_secret_is_shown(environment: dict[str, str], home: Path, canary: Canary, form: list[str]) -> None:
    """P3, A23: URLs in options, variables and files, path tokens, queries and proxies: none is shown; all are named."""
    variables, arguments = secrets_everywhere(canary, home)
    done = explain({**environment, **variables, "AUTHPIP_LOG": "debug"}, *form, *arguments)
    assert done.returncode == 0, done.stderr
    assert canary.find_in(done.stdout, "stdout") == []
    assert canary.find_in(done.stderr, "stderr") == []
    for host in ("team", "r", "e", "fury", "f", "d"):
        assert f"https://{host}.example/" in done.stdout or f"https://****@{host}.example/" in done.stdout


@pytest.mark.parametrize("password", ["{}/tail", "tail#{}", "q?{}"])
def test_a_password_with_a_bare_delimiter_is_not_shown(
    environment: dict[str, str], canary: Canary, password: str
) -> None:
    """A password that ought to have been percent-encoded is refused without being quoted (A23)."""
    done = explain(environment, "install", "-i", f"https://alice:{password.format(canary.secret)}@a.example/simple")
    assert done.returncode == 2
    assert canary.find_in(done.stdout + done.stderr) == []


def test_a_terminal_gets_colour_and_the_same_words(environment: dict[str, str], home: Path, canary: Canary) -> None:
    """On a terminal rich lays it out; the words are the same, and no secret is among them."""
    variables, arguments = secrets_everywhere(canary, home)
    environ = {**environment, **variables, "TERM": "xterm-256color"}
    argv = ["-m", "authpip", "auth", "explain", *arguments]
    screen = pexpect.run(  # type: ignore[no-untyped-call]
        " ".join([sys.executable, *(f"'{word}'" for word in argv)]), env=environ, dimensions=(60, 100), timeout=60
    ).decode()
    assert "\x1b[" in screen
    assert "from env as alice" in screen
    assert canary.find_in(screen) == []


def test_through_a_shim_it_speaks_of_the_pip_behind(environment: dict[str, str], tmp_path: Path) -> None:
    """`pip auth explain` by a shim: the first pip on PATH, by the interpreter of its first line."""
    script = tmp_path / "pip"
    script.write_text(f"#!{sys.executable}\nprint('pip')\n")
    script.chmod(0o755)
    environment["PATH"] = f"{tmp_path}:{environment['PATH']}"
    argv = authpip_cli.command("auth", "explain", "--json", "install", "thing")
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=60, check=True)
    pip = json.loads(done.stdout)["pip"]
    assert (pip["command"], pip["python"]) == ([str(script)], sys.executable)


def test_help_says_what_it_does(environment: dict[str, str]) -> None:
    """--help is explain's own, before pip's arguments begin."""
    done = explain(environment, "--help")
    assert done.returncode == 0
    assert "usage: authpip auth explain" in done.stdout
