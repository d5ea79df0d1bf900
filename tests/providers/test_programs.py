"""Sources that are programs or variables, by rule or by a known host: command, token, cloudsmith, chainguard."""

from __future__ import annotations

import base64
import json
import os
import stat
import time
from pathlib import Path

import pytest

from authpip.config.settings import Rule, Settings
from authpip.core.credential import Credential
from authpip.core.errors import AuthpipError, CredentialError
from authpip.core.index import Index, parse_scope
from authpip.providers import chainguard, cloudsmith, command, token
from authpip.providers.base import Request

URL = "https://pypi.corp.example/simple/"


def ask(
    environ: dict[str, str],
    url: str = URL,
    *,
    provider: str | None = None,
    user: str | None = None,
    scheme: str = "basic",
    **options: str,
) -> Request:
    scope = parse_scope(url)
    tables = {provider or "": options} if options else {}
    rule = Rule("corp", "config.toml:1", scope, provider=provider, username=user, options=tables, scheme=scheme)
    return Request(Index(url, scope, "-i"), Settings(), environ, time.monotonic() + 20, rule if provider else None)


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A directory of the user's own programs, alone on PATH but for the system's."""
    directory = tmp_path / "bin"
    directory.mkdir(mode=0o755)
    return directory


@pytest.fixture
def path(programs: Path, home: Path) -> dict[str, str]:
    return {"PATH": f"{programs}{os.pathsep}/usr/bin{os.pathsep}/bin", "HOME": str(home)}


def program(directory: Path, name: str, script: str) -> Path:
    file = directory / name
    file.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    file.chmod(file.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    return file


def shown(credential: Credential | None) -> tuple[str, str, str] | None:
    return (credential.scheme, credential.username, credential.secret.expose()) if credential else None


@pytest.mark.posix
def test_plain_command(programs: Path, path: dict[str, str]) -> None:
    """A program that prints the secret, by its name, by an absolute path or below ~; arguments as the rule has them."""
    file = program(programs, "my-pass", 'printf "%s\\n" "$1-secret"')
    for run in ("my-pass show", f"{file} show", ["my-pass", "show"]):
        text = run if isinstance(run, str) else " ".join(run)
        found = command.find(ask(path, provider="command", run=text))
        assert shown(found) == ("basic", "__token__", "show-secret")
    program(Path(path["HOME"]), "own", "echo s")
    assert shown(command.find(ask(path, provider="command", user="al", run="~/own"))) == ("basic", "al", "s")
    assert shown(command.find(ask(path, provider="command", scheme="bearer", run="~/own"))) == (
        "bearer",
        "__token__",
        "s",
    )
    assert command.find(ask(path)) is None
    assert not command.owns(ask(path))


@pytest.mark.posix
def test_a_command_sees_an_allow_listed_environment(programs: Path, path: dict[str, str]) -> None:
    """P4: secrets of other indexes are not in a helper's environment; variables that the rule names are."""
    program(programs, "show", 'printf "%s" "$VAULT_ADDR/$AUTHPIP_INDEX_X_PASSWORD/$OTHER."')
    environ = {**path, "VAULT_ADDR": "v", "AUTHPIP_INDEX_X_PASSWORD": "leak", "OTHER": "leak"}
    request = ask(environ, provider="command", run="show", environment="VAULT_ADDR MISSING")
    assert shown(command.find(request)) == ("basic", "__token__", "v//.")


HELPERS = [
    ({"headers": {"Authorization": ["Basic " + base64.b64encode(b"al:p:w").decode()]}}, ("basic", "al", "p:w")),
    ({"headers": {"authorization": ["bearer abc"]}, "expires": "2031-01-01T00:00:00Z"}, ("bearer", "", "abc")),
    ({"headers": {"Authorization": "Bearer abc"}}, ("bearer", "", "abc")),
    ({"headers": {}}, None),
    ({}, None),
]


@pytest.mark.parametrize(("answer", "expected"), HELPERS)
@pytest.mark.posix
def test_helper_protocol(programs: Path, path: dict[str, str], answer: dict, expected: tuple | None) -> None:
    """Bazel's credential-helper protocol: `get` with {"uri"} on stdin; no headers means: nothing for this one."""
    program(
        programs, "helper", f'[ "$1" = get ] && grep -q \'"uri": "{URL}"\' && cat <<\'END\'\n{json.dumps(answer)}\nEND'
    )
    found = command.find(ask(path, provider="command", run="helper", protocol="helper"))
    assert shown(found) == expected
    if found and "expires" in answer:
        assert found.expires == 1924992000


BROKEN = [
    ("plain", "echo", "printed nothing"),
    ("plain", "printf ' \\n'", "printed nothing"),
    ("plain", "echo a; echo b", "printed more than one line"),
    ("plain", "printf 'a\\rb'", "printed more than one line"),
    ("plain", "printf '\\377'", "printed more than one line"),
    ("plain", "printf '\\357\\273\\277hunter2'", "printed more than one line"),
    ("plain", "echo hunter2; echo no such entry >&2; exit 4", "failed with status 4: no such entry; run "),
    ("plain", "echo hunter2; exit 1", "failed with status 1: it said nothing"),
    ("plain", "head -c 70000 /dev/zero", "printed more than 64 KiB"),
    ("helper", "echo hunter2", 'printed no {"headers": …} in JSON'),
    ("helper", "echo '{\"headers\": 7}'", 'printed no {"headers": …} in JSON'),
    ("helper", 'echo \'{"headers": {"Authorization": ["Digest hunter2"]}}\'', "named no Basic or Bearer header"),
    ("helper", 'echo \'{"headers": {"Authorization": ["Basic !!!"]}}\'', "named no Basic or Bearer header"),
    ("helper", 'echo \'{"headers": {"X-Token": ["hunter2"]}}\'', "named no Basic or Bearer header"),
    ("helper", "echo '[]'", 'printed no {"headers": …} in JSON'),
    ("odd", "echo", "protocol = 'odd' at config.toml:1 is not known"),
]


@pytest.mark.parametrize(("protocol", "script", "message"), BROKEN)
@pytest.mark.posix
def test_a_broken_command(programs: Path, path: dict[str, str], protocol: str, script: str, message: str) -> None:
    """A30: a program's noise is a clear error, and its stdout, which may be the secret, is in no message."""
    program(programs, "tool", script)
    with pytest.raises(AuthpipError) as caught:
        command.find(ask(path, provider="command", run="tool", protocol=protocol))
    assert message in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("run", "message"),
    [
        ("missing-tool", "is not run: missing-tool is not on PATH; write the absolute path"),
        ("./tool", "is not run: ./tool is relative; write its absolute path"),
        ("bin/tool", "is not run: bin/tool is relative; write its absolute path"),
        ("tool | head", "is not one command: authpip runs no shell"),
    ],
)
def test_commands_that_are_not_run(path: dict[str, str], run: str, message: str) -> None:
    """P7: a program is found by trusted entries of PATH or its absolute path, never relative, never by a shell."""
    with pytest.raises(AuthpipError) as caught:
        command.find(ask(path, provider="command", run=run))
    assert message in str(caught.value)


@pytest.mark.posix
def test_a_planted_program_is_not_run(tmp_path: Path, path: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A18: a program of the right name in the working directory stays where it is."""
    canary = tmp_path / "canary"
    project = tmp_path / "project"
    project.mkdir()
    program(project, "tool", f"touch {canary}; echo secret")
    monkeypatch.chdir(project)
    environ = {**path, "PATH": f".{os.pathsep}{project}{os.pathsep}{path['PATH']}"}
    with pytest.raises(CredentialError, match=r"tool is not started because"):
        command.find(ask(environ, provider="command", run="tool"))
    assert not canary.exists()


@pytest.mark.parametrize(
    ("url", "username"),
    [
        ("https://gitlab.corp.example/api/v4/projects/7/packages/pypi/simple/", "__token__"),
        ("https://gitlab.corp.example/api/v4/groups/a%2Fb/-/packages/pypi/simple", "__token__"),
        ("https://dl.cloudsmith.io/basic/org/repo/python/simple/", "token"),
        ("https://libraries.cgr.dev/python/simple/", "_token"),
        ("https://pkgs.dev.azure.com/org/_packaging/feed/pypi/simple/", "VssSessionToken"),
        ("https://upload.pypi.org/legacy/", "__token__"),
        ("https://posit.corp.example/private/latest/simple", "__token__"),
        ("https://anything.example/simple/", "__token__"),
    ],
)
def test_token_in_a_variable(url: str, username: str) -> None:
    """A rule names the variable; the user name is the service's own, unless the rule has one."""
    environ = {"MY_TOKEN": "t0ken\n"}
    request = ask(environ, url, provider="token", variable="MY_TOKEN")
    assert shown(token.find(request)) == ("basic", username, "t0ken")
    assert shown(token.find(ask(environ, url, provider="token", user="al", variable="MY_TOKEN"))) == (
        "basic",
        "al",
        "t0ken",
    )
    assert token.source_variables(request.rule) == ("MY_TOKEN",)
    with pytest.raises(CredentialError, match=r"OTHER is not set.*config.toml:1.*export OTHER="):
        token.find(ask(environ, url, provider="token", variable="OTHER"))
    assert token.find(ask(environ, url)) is None


@pytest.mark.posix
def test_cloudsmith_has_the_identity_of_the_job(programs: Path, path: dict[str, str]) -> None:
    """What cloudsmith's own OpenID Connect reads reaches it, and nothing else that a job has."""
    program(
        programs,
        "cloudsmith",
        """echo "{\\"username\\": \\"token\\", \\"password\\": \\"$(env | cut -d= -f1 | tr '\\n' ' ')\\"}" """,
    )
    job = {"CLOUDSMITH_ORG": "corp", "CLOUDSMITH_SERVICE_SLUG": "ci", "ACTIONS_ID_TOKEN_REQUEST_URL": "https://x/"}
    more = {"ACTIONS_ID_TOKEN_REQUEST_TOKEN": "t", "GITHUB_TOKEN": "no", "NPM_TOKEN": "no"}
    found = cloudsmith.find(ask({**path, **job, **more}, "https://dl.cloudsmith.io/basic/org/repo/python/simple/"))
    seen = set(shown(found)[2].split())
    assert {*job, "ACTIONS_ID_TOKEN_REQUEST_TOKEN"} <= seen
    assert not seen & {"GITHUB_TOKEN", "NPM_TOKEN"}


@pytest.mark.posix
def test_cloudsmith(programs: Path, path: dict[str, str]) -> None:
    """Cloudsmith's own helper answers for Cloudsmith's host, where it is installed, and for a rule that says so."""
    url = "https://dl.cloudsmith.io/basic/org/repo/python/simple/"
    assert cloudsmith.find(ask(path, url)) is None
    answer = json.dumps({"username": "token", "password": "s"})
    program(programs, "cloudsmith", f"[ \"$*\" = 'credential-helper generic' ] && echo '{answer}'")
    assert shown(cloudsmith.find(ask(path, url))) == ("basic", "token", "s")
    assert shown(cloudsmith.find(ask(path, provider="cloudsmith"))) == ("basic", "token", "s")
    for other in (
        URL,
        "http://dl.cloudsmith.io/basic/a/",
        "https://dl.cloudsmith.io/public/a/",
        "https://evildl.cloudsmith.io/basic/",
    ):
        assert cloudsmith.find(ask(path, other)) is None
    program(programs, "cloudsmith", "echo hunter2")
    with pytest.raises(CredentialError, match="it printed no username and password; type: cloudsmith login"):
        cloudsmith.find(ask(path, url))


@pytest.mark.posix
def test_chainguard(programs: Path, path: dict[str, str]) -> None:
    """chainctl answers for Chainguard's host, where it is installed; a pull token elsewhere does without it."""
    url = "https://libraries.cgr.dev/python/simple/"
    assert chainguard.find(ask(path, url)) is None
    assert chainguard.owns(ask(path, url))
    program(programs, "chainctl", "[ \"$*\" = 'auth token --audience=libraries.cgr.dev' ] && echo tok")
    assert shown(chainguard.find(ask(path, url))) == ("basic", "_token", "tok")
    assert chainguard.find(ask(path, "https://libraries.cgr.dev.evil.example/")) is None
    assert shown(chainguard.find(ask(path, provider="chainguard"))) == ("basic", "_token", "tok")


def test_a_request_does_not_show_the_environment() -> None:
    """A24: the question to a provider holds the whole environment, and its repr none of it."""
    assert "hunter2" not in repr(ask({"AUTHPIP_INDEX_CORP_PASSWORD": "hunter2"}, provider="token", variable="V"))
