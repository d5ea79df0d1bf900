"""The keyring command: three dialects, answered from the chain; everything else is the real keyring's."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from authpip.activation import shims
from support.programs import pip_venvs
from support.samples import packages, private_index
from support.samples.private_index import PrivateIndex, run, said
from support.servers.index_server import IndexServer

pytestmark = pytest.mark.real

URL = "https://pypi.corp.example/team/simple/"
RULE = {
    "AUTHPIP_INDEX_CORP_URL": URL,
    "AUTHPIP_INDEX_CORP_USERNAME": "alice",
    "AUTHPIP_INDEX_CORP_PASSWORD": 'p ä"ss\\%',
}
FAKE = '#!/bin/sh\necho "real $*"\nexit 7\n'


@pytest.fixture
def environ(environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """The keyring command first on PATH, a real one behind it, and a rule."""
    real = tmp_path / "bin" / "keyring"
    real.parent.mkdir()
    real.write_text(FAKE)
    real.chmod(0o755)
    shims.install(tmp_path / "shims", environment, keyring=True)
    return {**environment, **RULE, "PATH": f"{tmp_path / 'shims'}:{real.parent}:/usr/bin:/bin"}


def ask(words: str, environ: dict[str, str]) -> tuple[int, str, str]:
    """(status, stdout, stderr) of `keyring WORDS`."""
    done = run("/usr/bin/env", "keyring", *words.split(), env=environ)
    return done.returncode, done.stdout, done.stderr


def test_dialects(environ: dict[str, str]) -> None:
    """pip's and uv's questions get what keyring itself would print for that credential."""
    password = RULE["AUTHPIP_INDEX_CORP_PASSWORD"]
    assert ask(f"get {URL} alice", environ) == (0, password + "\n", "")
    assert ask(f"get {URL} --mode creds", environ) == (0, f"alice\n{password}\n", "")
    assert ask(f"--mode creds get {URL} alice", environ) == (0, f"alice\n{password}\n", "")
    for user in ("", "alice"):
        status, output, _ = ask(f"--mode=creds --output=json get {URL} {user}", environ)
        assert (status, json.loads(output)) == (0, {"username": "alice", "password": password})
    status, output, _ = ask(f"--output=json get {URL} alice", environ)
    assert (status, json.loads(output)) == (0, {"password": password})
    assert ask(f"get {URL}corp-thing/ alice", environ) == (0, password + "\n", "")


@pytest.mark.parametrize(
    "words",
    [
        f"get {URL} bob",
        "get https://pypi.corp.example/teamevil/simple/ alice",
        "get pypi.corp.example alice",
        "get my-service alice",
        "get http://pypi.corp.example/team/simple/ alice",
        f"get {URL}",
        "set service user",
        "del service user",
        "--list-backends",
        "-b some.backend get service user",
        "diagnose",
        "",
    ],
)
def test_everything_else_is_passed_on(words: str, environ: dict[str, str]) -> None:
    """Another user, another path, another scheme, a host alone, another word: the real keyring answers, exactly."""
    assert ask(words, environ) == (7, f"real {words}\n", "")


def test_no_real_keyring(environ: dict[str, str], tmp_path: Path) -> None:
    """Without a real keyring, not found is 1 and silence, as keyring says it; other words say what is missing."""
    (tmp_path / "bin" / "keyring").unlink()
    assert ask("get my-service alice", environ) == (1, "", "")
    status, output, error = ask("set my-service alice", environ)
    assert (status, output) == (127, "")
    assert "install the keyring package" in error


def test_disable(environ: dict[str, str]) -> None:
    """AUTHPIP_DISABLE=1 is the real keyring: so a helper that authpip itself started cannot come back to it (A28)."""
    assert ask(f"get {URL} alice", {**environ, "AUTHPIP_DISABLE": "1"})[1].startswith("real")


def test_a_broken_source_is_an_error(environ: dict[str, str]) -> None:
    """Where a rule calls for a credential that cannot be had, it is said, and nobody else is asked (P9)."""
    status, output, error = ask(f"get {URL} alice", {**environ, "AUTHPIP_INDEX_CORP_PASSWORD": ""})
    assert (status, output) == (3, "")
    assert error.startswith("authpip: ")


@pytest.fixture
def private(index_server: IndexServer, tmp_path: Path, environment: dict[str, str]) -> PrivateIndex:
    """A private index whose URL names the user, as these tools want it, and the keyring command first on PATH."""
    made = private_index.make(index_server, tmp_path / "wheels", environment)
    shims.install(tmp_path / "shims", environment, keyring=True)
    url = made.environ["PIP_INDEX_URL"].replace("://", "://alice@")
    variables = {"PIP_INDEX_URL": url, "PIP_KEYRING_PROVIDER": "subprocess", "UV_KEYRING_PROVIDER": "subprocess"}
    path = f"{tmp_path / 'shims'}:{made.environ['PATH']}"
    return made._replace(environ={**made.environ, **variables, "UV_INDEX_URL": url, "PATH": path})


def test_uv_pip_install(private: PrivateIndex, tmp_path: Path) -> None:
    """uv pip install: a private package through UV_KEYRING_PROVIDER=subprocess."""
    venv = pip_venvs.make(tmp_path / "env", pip_venvs.PYTHON, "26.3")
    done = run(
        sys.executable, "-m", "uv", "pip", "install", "--python", venv.python, private.project, env=private.environ
    )
    assert done.returncode == 0, said(["uv"], done)
    assert "corp_thing" in venv.installed()


@pytest.mark.parametrize("index", ['url = "{user}"', 'url = "{plain}"\nauthenticate = "always"'])
def test_uv_sync(index: str, private: PrivateIndex, tmp_path: Path) -> None:
    """uv sync: with the user name in the URL, and without any where the index says authenticate = "always"."""
    user = private.environ["PIP_INDEX_URL"]
    project = f'[project]\nname = "x"\nversion = "1"\nrequires-python = ">=3.8"\ndependencies = ["{private.project}"]\n'
    text = index.format(user=user, plain=user.replace("alice@", ""))
    (tmp_path / "pyproject.toml").write_text(f'{project}[[tool.uv.index]]\nname = "corp"\ndefault = true\n{text}\n')
    environ = {name: value for name, value in private.environ.items() if name != "UV_INDEX_URL"}
    done = run(sys.executable, "-m", "uv", "sync", "--python", sys.executable, env=environ, cwd=tmp_path)
    assert done.returncode == 0, said(["uv sync"], done)
    assert list(tmp_path.glob(".venv/lib/python*/site-packages/corp_thing.py"))
    assert "s3cr3t" not in (tmp_path / "uv.lock").read_text()


def test_plain_pip(private: PrivateIndex, tmp_path: Path) -> None:
    """pip itself, without authpip in front, by PIP_KEYRING_PROVIDER=subprocess: both of its dialects."""
    for version in ("23.2.1", "26.3"):
        venv = pip_venvs.make(tmp_path / version, "", version)
        done = venv.run("install", private.project, env=private.environ)
        assert done.returncode == 0, said(["pip"], done)
        assert "corp_thing" in venv.installed()


def test_pipx(private: PrivateIndex, tmp_path: Path) -> None:
    """pipx installs a private tool; its own shared pip comes from the same index."""
    tool = packages.wheel(
        tmp_path / "tools",
        "corp-tool",
        files={"corp_tool-1.0.dist-info/entry_points.txt": "[console_scripts]\ncorp-tool = corp_tool:main\n"},
    )
    pip = pip_venvs.fetch("pip==26.3")
    private.server.indexes[0].files.update({tool.name: tool, pip.name: pip})
    environ = {**private.environ, "PIPX_HOME": str(tmp_path / "pipx"), "PIPX_BIN_DIR": str(tmp_path / "pipx-bin")}
    done = run(sys.executable, "-m", "pipx", "install", "--backend", "pip", "corp-tool", env=environ)
    if "unrecognized arguments" in done.stderr:
        done = run(sys.executable, "-m", "pipx", "install", "corp-tool", env=environ)
    assert done.returncode == 0, said(["pipx"], done)
    assert (tmp_path / "pipx-bin" / "corp-tool").exists()


@pytest.mark.heavy
def test_pip_compile(private: PrivateIndex, tmp_path: Path) -> None:
    """pip-compile uses pip's own modules in its process, and those ask the keyring command."""
    (tmp_path / "requirements.in").write_text(f"{private.project}\n")
    done = run(sys.executable, "-m", "piptools", "compile", "-q", env=private.environ, cwd=tmp_path)
    assert done.returncode == 0, said(["pip-compile"], done)
    assert "corp-thing==1.0" in (tmp_path / "requirements.txt").read_text()
    assert "s3cr3t" not in (tmp_path / "requirements.txt").read_text()
