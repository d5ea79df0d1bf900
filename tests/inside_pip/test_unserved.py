"""A 401 that nobody has a credential for: one line, status 3, and no traceback (trial 2, first contact)."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from functools import partial
from typing import Any

import pexpect
import pytest

from support.leaks.canary import SECRET
from support.programs import authpip_cli, pip_venvs
from support.programs.authpip_cli import Run
from support.programs.pip_venvs import PipVenv
from support.samples import packages
from support.servers.index_server import IndexServer, basic

pytestmark = pytest.mark.real
VERSIONS = [
    (pip_venvs.PYTHON, "26.3"),
    pytest.param(("3.11", "24.0"), marks=pytest.mark.heavy),
    pytest.param(("3.9", "22.3.1"), marks=pytest.mark.heavy),
    pytest.param(("3.9", "20.3.4"), marks=pytest.mark.heavy),
]


@pytest.fixture(params=VERSIONS, ids="-".join)
def each_pip(
    request: pytest.FixtureRequest, shared_venv: Callable[..., PipVenv], trusting: dict[str, str]
) -> Callable[..., Any]:
    """Runs a pip of each version."""
    return partial(authpip_cli.pip, shared_venv(*request.param), env=trusting)


def ours(text: str) -> list[str]:
    """What authpip said."""
    return [line for line in text.splitlines() if line.startswith("authpip: ")]


def line_for(url: str) -> str:
    return f"authpip: {url} answered 401, and no provider has a credential for it; type: authpip auth login {url}"


@pytest.mark.parametrize("words", [(), ("--no-input",)], ids=["no terminal", "--no-input"])
def test_without_a_terminal(
    each_pip: Callable[..., Any], index_server: IndexServer, wheel: Any, tmp_path: Any, words: tuple[str, ...]
) -> None:
    """Trial 2: no question, no traceback: one line, and status 3; two packages of one index are one line."""
    index_server.add("/bob/simple", [wheel("corp-lib"), wheel("corp-other")], username="bob", password=SECRET)
    url = index_server.url("/bob/simple/")
    arguments = ["-d", str(tmp_path), "--no-cache-dir", "-i", url, *words, "corp-lib", "corp-other"]
    done = each_pip("download", *arguments)
    said = done.stdout + done.stderr
    assert done.returncode == 3, said
    assert done.stderr.splitlines().count(line_for(url)) == 1, said
    assert "Traceback" not in said
    assert "User for" not in said


def test_another_index_has_the_name(each_pip: Callable[..., Any], serve: Any, wheel: Any, tmp_path: Any) -> None:
    """Trial 2: an open index beside it serves the package as with plain pip, and the line stands before it."""
    private, public = serve(), serve()
    url = private.url("/team/simple/")
    private.add("/team/simple", username="alice", password=SECRET)
    public.add("/simple", [wheel("corp-thing", "9.0")])
    urls = ("-i", public.url("/simple/"), "--extra-index-url", url)
    done = each_pip(
        *("download", "--no-deps", "--no-cache-dir", "-d", str(tmp_path / "d"), "corp-thing", *urls),
        stderr=subprocess.STDOUT,
        capture_output=False,
        stdout=subprocess.PIPE,
    )
    assert done.returncode == 0, done.stdout
    assert ours(done.stdout) == [line_for(url)]
    assert done.stdout.index("answered 401") < done.stdout.index("corp_thing-9.0")
    assert [path.name for path in (tmp_path / "d").iterdir()] == ["corp_thing-9.0-py3-none-any.whl"]


def test_a_file_of_its_own(download: Run, index_server: IndexServer, wheel: Any) -> None:
    """A file or a requirements file behind a login, named by its URL: the line names the directory to log in to."""
    file = wheel("corp-thing")
    index_server.add("/files", [file], username="alice", password=SECRET)
    done = download("--no-input", "--no-index", index_server.url(f"/files/{file.name}"))
    assert done.returncode == 3, done.stdout + done.stderr
    assert len(ours(done.stderr)) == 1
    assert "answered 401" in ours(done.stderr)[0]


def test_another_failure_keeps_its_status(download: Run, serve: Any, tmp_path: Any) -> None:
    """Where the package is found elsewhere and cannot be built, that is what failed: pip's own status."""
    private, public = serve(), serve()
    private.add("/team/simple", username="alice", password=SECRET)
    broken = packages.sdist(tmp_path, "corp-thing", files={"setup.py": "raise SystemExit(1)\n"})
    public.add("/simple", [broken])
    urls = ("-i", public.url("/simple/"), "--extra-index-url", private.url("/team/simple/"))
    done = download("--no-input", "--no-build-isolation", "corp-thing", *urls)
    assert done.returncode == 1, done.stdout + done.stderr
    assert len(ours(done.stderr)) == 1


def test_a_name_and_a_password_on_standard_input(
    shared_venv: Callable[..., PipVenv], trusting: dict[str, str], index_server: IndexServer, wheel: Any, tmp_path: Any
) -> None:
    """What plain pip succeeds at: without a terminal, it reads name and password from standard input."""
    index_server.add("/team/simple", [wheel("corp-thing")], username="alice", password=SECRET)
    words = ("download", "--no-deps", "-d", str(tmp_path / "d"), "-i", index_server.url("/team/simple/"), "corp-thing")
    done = authpip_cli.pip(
        shared_venv(),
        *words,
        env=trusting | {"PIP_KEYRING_PROVIDER": "disabled"},
        stdin=None,
        input=f"alice\n{SECRET}\n",
        start_new_session=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert ours(done.stderr) == []
    assert basic("alice", SECRET) in {seen.authorization for seen in index_server.requests}


@pytest.mark.parametrize("typed", ["nothing", "wrong"])
def test_on_a_terminal(
    shared_venv: Callable[..., PipVenv], trusting: dict[str, str], index_server: IndexServer, typed: str
) -> None:
    """Trial 2: pip's own prompt has its turn; where Ctrl-D or a wrong password ends it, the line follows, status 3."""
    url = index_server.url("/team/simple/")
    index_server.add("/team/simple", username="alice", password=SECRET)
    argv = authpip_cli.command("download", "-i", url, "corp-thing")
    environ = trusting | {"PIP_KEYRING_PROVIDER": "disabled", "COLUMNS": "500"}
    child = pexpect.spawn(
        argv[0], argv[1:], env=authpip_cli.surroundings(shared_venv(), environ), encoding="utf-8", timeout=60
    )
    child.expect("User for 127.0.0.1:[0-9]+: ")
    if typed == "nothing":
        child.sendeof()
    else:
        child.sendline("alice")
        child.expect("Password: ")
        child.sendline("wrong")
    child.expect(pexpect.EOF)
    child.close()
    said = child.before.replace("\r", "")
    assert child.exitstatus == 3, said
    assert line_for(url) in said.splitlines()
    assert said.count("answered 401") == 1
    assert "Traceback" not in said


def test_a_build_dependency(each_pip: Callable[..., Any], index_server: IndexServer, tmp_path: Any) -> None:
    """A nested pip is answered 401: the first pip says the line, once, and the run ends with 3."""
    url = index_server.url("/team/simple/")
    source = packages.spy_sdist(tmp_path / "files", "spy-thing", tmp_path / "report", requires=["early-dep"])
    index_server.add("/team/simple", username="alice", password=SECRET)
    index_server.add("/open", [source])
    words = ("wheel", "--no-deps", "-w", str(tmp_path / "wheels"), "-i", url)
    done = each_pip(*words, index_server.url(f"/open/{source.name}"))
    assert done.returncode == 3, done.stdout + done.stderr
    assert ours(done.stderr) == [line_for(url)]
    assert "Traceback" not in done.stderr


def test_a_rule_that_says_never(download: Run, index_server: IndexServer) -> None:
    """Where a rule forbids a credential, the line names the rule and not a login."""
    url = index_server.url("/team/simple/")
    index_server.add("/team/simple", username="alice", password=SECRET)
    rule = {"AUTHPIP_INDEX_CORP_URL": url, "AUTHPIP_INDEX_CORP_AUTHENTICATE": "never"}
    done = download("corp-thing", "-i", url, **rule)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "AUTHPIP_INDEX_CORP_URL" in ours(done.stderr)[0]
    assert "login" not in ours(done.stderr)[0]


def test_one_line_where_the_index_is_required(download: Run, index_server: IndexServer) -> None:
    """A rule that makes the index required and the credential optional: one line, not one of each kind."""
    url = index_server.url("/team/simple/")
    index_server.add("/team/simple", username="alice", password=SECRET)
    rule = {"URL": url, "AUTHENTICATE": "auto", "REQUIRED": "true"}
    done = download("corp-thing", "-i", url, **{f"AUTHPIP_INDEX_CORP_{key}": value for key, value in rule.items()})
    assert done.returncode == 3, done.stdout + done.stderr
    assert ours(done.stderr) == [line_for(url)]
