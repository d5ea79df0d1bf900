"""What only pip can know is answered from inside pip: in time, once per index, and with the same rules (A27)."""

from __future__ import annotations

import json
import signal
import stat
import subprocess
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.leaks.canary import SECRET
from support.programs import authpip_cli, pip_venvs
from support.programs.authpip_cli import Run
from support.samples import packages
from support.servers.index_server import IndexServer, basic

pytestmark = pytest.mark.real


@pytest.fixture
def counted(tmp_path: Path, environment: dict[str, str]) -> Callable[..., Path]:
    """counted(url, status=0): a rule whose command answers with SECRET and leaves a line for each call."""

    def write(url: str, *, status: int = 0) -> Path:
        calls, program = tmp_path / "calls", tmp_path / "bin" / "secret-of-corp"
        program.parent.mkdir()
        program.write_text(f"#!/bin/sh\necho called >> {calls}\necho {SECRET}\nexit {status}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        config = Path(environment["XDG_CONFIG_HOME"], "authpip", "config.toml")
        config.parent.mkdir(parents=True)
        text = f"""
            [[index]]
            name = "corp"
            url = "{url}"
            username = "alice"
            provider = "command"
            [index.command]
            run = "{program}"
            protocol = "plain"
        """
        config.write_text(textwrap.dedent(text))
        return calls

    return write


def authorizations(server: IndexServer, prefix: str = "/") -> set[str | None]:
    """Every Authorization header that came with a request below a path; None: there was none."""
    return {seen.authorization for seen in server.seen(prefix)}


@pytest.mark.parametrize("source", ["rule", "login"])
def test_an_index_line_in_a_remote_requirements_file(
    download: Run, index_server: IndexServer, wheel: Any, text_file: Any, tmp_path: Path, source: str
) -> None:
    """pip alone sees the line; the credential goes with the first request there, and nowhere else."""
    url = index_server.url("/team/simple/")
    index_server.add("/team/simple", [wheel("corp-thing"), wheel("corp-other")], username="alice", password=SECRET)
    index_server.add("/open", [text_file("requirements.txt", f"--index-url {url}\ncorp-thing\ncorp-other\n")])
    by_rule = authpip_cli.rule(url, "alice", SECRET)
    variables = by_rule if source == "rule" else authpip_cli.logins(tmp_path / "logins.json", (url, "alice", SECRET))
    done = download("-r", index_server.url("/open/requirements.txt"), **variables)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert set(index_server.statuses()) == {200}
    assert authorizations(index_server, "/team") == {basic("alice", SECRET)}
    assert authorizations(index_server, "/open") == {None}


def test_a_late_index_is_asked_for_once(
    download: Run, index_server: IndexServer, wheel: Any, text_file: Any, counted: Any
) -> None:
    """Three projects of one index that only pip can see: one question, one call of the user's command."""
    url = index_server.url("/team/simple/")
    names = ["corp-one", "corp-two", "corp-three"]
    index_server.add("/team/simple", [wheel(name) for name in names], username="alice", password=SECRET)
    lines = "\n".join([f"--extra-index-url {url}", *names])
    index_server.add("/open", [text_file("requirements.txt", lines)])
    calls = counted(url)
    done = download("-r", index_server.url("/open/requirements.txt"), PIP_INDEX_URL=index_server.url("/open/"))
    assert done.returncode == 0, done.stderr
    assert calls.read_text() == "called\n"
    assert 401 not in index_server.statuses()


def test_a_redirect_to_another_private_host(
    download: Run, serve: Callable[..., IndexServer], wheel: Any, downloads: Any
) -> None:
    """A11: the host that it leads to gets its own credential with the first request, and the first host's never."""
    here, there = serve(), serve()
    there.add("/mirror/simple", [wheel("corp-thing")], username="bob", password="b0b-" + SECRET)
    here.add("/team/simple", username="alice", password=SECRET)
    here.redirect("/team/simple/corp-thing/", there.url("/mirror/simple/corp-thing/", host="localhost"))
    rules = authpip_cli.rule(here.url("/team/simple/"), "alice", SECRET)
    rules |= authpip_cli.rule(there.url("/mirror/simple/", host="localhost"), "bob", "b0b-" + SECRET, name="MIRROR")
    done = download("corp-thing", "-i", here.url("/team/simple/"), **rules)
    assert done.returncode == 0, done.stderr
    assert authorizations(here) == {basic("alice", SECRET)}
    assert authorizations(there) == {basic("bob", "b0b-" + SECRET)}
    assert downloads() == {"corp_thing-1.0-py3-none-any.whl"}


@pytest.mark.parametrize("failure", ["the command fails", "the configuration is broken in mid-run"])
def test_an_unmet_rule_ends_the_run_late(
    download: Run,
    serve: Callable[..., IndexServer],
    wheel: Any,
    text_file: Any,
    counted: Any,
    downloads: Any,
    environment: dict[str, str],
    failure: str,
) -> None:
    """P9, A27: the public package of the same name, in a higher version, is not taken; exit 3, no traceback."""
    private, public = serve(), serve()
    url = private.url("/team/simple/", host="localhost")
    private.add("/team/simple", [wheel("corp-thing")], username="alice", password=SECRET)
    public.add("/simple", [wheel("corp-thing", "9.0")])
    public.add("/open", [text_file("requirements.txt", f"--extra-index-url {url}\ncorp-thing\n")])
    counted(url, status=1 if failure == "the command fails" else 0)
    if failure != "the command fails":
        config = Path(environment["XDG_CONFIG_HOME"], "authpip", "config.toml")
        public.on_request = lambda *_: config.write_text("[[index]\n")
    done = download("-r", public.url("/open/requirements.txt"), PIP_INDEX_URL=public.url("/simple/"))
    assert done.returncode == 3, done.stdout + done.stderr
    assert downloads() == set()
    assert private.requests == []
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("authpip: ")


def test_no_descriptor_of_the_late_question_survives(
    index_server: IndexServer, wheel: Any, text_file: Any, counted: Any, trusting: dict[str, str], tmp_path: Path
) -> None:
    """P4: a package of a late index is built, its private build dependency too; the backend finds neither a secret
    nor a pipe but pip's own, and its nested pip knows the index without asking again."""
    report = tmp_path / "report.jsonl"
    files = [
        packages.spy_sdist(tmp_path / "files", "spy-thing", report, requires=["early-dep"]),
        wheel("early-dep"),
    ]
    url = index_server.url("/team/simple/")
    index_server.add("/team/simple", files, username="alice", password=SECRET)
    index_server.add("/open", [text_file("requirements.txt", f"--index-url {url}\nspy-thing\n")])
    calls = counted(url)
    venv = pip_venvs.make(tmp_path / "venv", pip_venvs.PYTHON, "26.3")
    done = authpip_cli.pip(venv, "install", "-r", index_server.url("/open/requirements.txt"), env=trusting)
    assert done.returncode == 0, done.stderr
    assert calls.read_text() == "called\n"
    looks = [json.loads(line) for line in report.read_text().splitlines()]
    assert looks
    assert SECRET not in report.read_text()
    for look in looks:
        beyond = {number: where for number, where in look["descriptors"].items() if int(number) > 2}
        assert not [where for where in beyond.values() if where[0].startswith(("pipe:", "socket:"))], beyond


def test_the_late_question_comes_before_the_request(
    download: Run, index_server: IndexServer, wheel: Any, text_file: Any, tmp_path: Path
) -> None:
    """A find-links page and a direct link, both named by a remote file: the first request there has the credential."""
    index_server.add("/team/files", [wheel("corp-thing")], username="alice", password=SECRET)
    link = index_server.url("/team/files/corp_thing-1.0-py3-none-any.whl")
    index_server.add("/open", [text_file("requirements.txt", f"corp-thing @ {link}\n")])
    rule = authpip_cli.rule(index_server.url("/team/"), "alice", SECRET)
    done = download("-r", index_server.url("/open/requirements.txt"), **rule)
    assert done.returncode == 0, done.stderr
    assert set(index_server.statuses()) == {200}
    assert authorizations(index_server, "/team") == {basic("alice", SECRET)}


def test_an_interrupt_while_a_late_question_is_out(
    index_server: IndexServer,
    text_file: Any,
    counted: Any,
    trusting: dict[str, str],
    shared_venv: Any,
    tmp_path: Path,
) -> None:
    """F02, F14: SIGINT to pip alone ends it as it ends pip, and the helper with the user's command does not live on."""
    url, pid = index_server.url("/team/simple/"), tmp_path / "pid"
    index_server.add("/open", [text_file("requirements.txt", f"--index-url {url}\ncorp-thing\n")])
    counted(url)
    program = tmp_path / "bin" / "secret-of-corp"
    program.write_text(f"#!/bin/sh\necho $$ > {pid}\nexec sleep 60\n")
    argv = authpip_cli.command("download", "-r", index_server.url("/open/requirements.txt"))
    child = subprocess.Popen(
        argv, env=authpip_cli.surroundings(shared_venv(), trusting), stderr=subprocess.PIPE, text=True
    )
    wait_for(lambda: pid.exists() and pid.read_text().strip())
    child.send_signal(signal.SIGINT)
    _, said = child.communicate(timeout=30)
    assert child.returncode == 1
    assert "Operation cancelled by user" in said
    wait_for(lambda: not Path("/proc", pid.read_text().strip()).exists())


def wait_for(condition: Callable[[], object]) -> None:
    """Until it holds, or the test has failed."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
