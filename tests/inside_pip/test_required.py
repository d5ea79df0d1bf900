"""An index that is required answers with its page or with 404; whatever else it answers ends the run (audit 7, A27)."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.leaks.canary import SECRET
from support.programs import authpip_cli, pip_venvs
from support.programs.authpip_cli import Run
from support.programs.pip_venvs import PipVenv
from support.samples import packages
from support.servers.index_server import IndexServer

pytestmark = pytest.mark.real

CREDENTIAL = {"AUTHPIP_INDEX_CORP_USERNAME": "alice", "AUTHPIP_INDEX_CORP_PASSWORD": SECRET}
STATUSES = ("403", "407", "429", "500", "503")
FAILURES = (
    *("refused", "no answer", "name", "certificate"),
    *("sign-in page", "sign-in page elsewhere", "sign-in page with links"),
)


def broken(failure: str, serve: Callable[..., IndexServer], wheel: Any) -> str:
    """The URL of a private index that fails in this way."""
    server = serve(tls=failure != "certificate")
    server.add("/team/simple", [wheel("corp-thing")], username="alice", password=SECRET)
    if failure.isdigit():
        server.fail = int(failure), "no"
    elif failure == "no answer":
        server.hang_up = True
    elif failure == "certificate":
        return server.url("/team/simple/").replace("http:", "https:")
    elif failure.startswith("sign-in"):
        other = serve() if failure.endswith("elsewhere") else server
        page = Path(wheel("sign-in").parent, "sign-in.html")
        links = "<article><a href='/help'>Help</a></article>" if failure.endswith("links") else ""
        page.write_text(
            f"<!DOCTYPE html><html><body>{links}<form action='/sign-in'><input name=user></form></body></html>"
        )
        other.add("/sign-in", [page]).headers["Content-Type"] = "text/html"
        server.redirect("/team/simple/corp-thing/", other.url("/sign-in/sign-in.html?"))
    elif failure == "refused":
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            return f"https://127.0.0.1:{free.getsockname()[1]}/team/simple/"
    return server.url("/team/simple/", host="no-such-host.invalid" if failure == "name" else "127.0.0.1")


OLD_PIPS = [("3.9", "20.3.4"), ("3.11", "22.3.1"), ("3.11", "24.0")]


@pytest.mark.parametrize(
    "versions", [(pip_venvs.PYTHON, "26.3"), *(pytest.param(old, marks=pytest.mark.heavy) for old in OLD_PIPS)]
)
@pytest.mark.parametrize("required", [True, False])
@pytest.mark.parametrize("failure", STATUSES + FAILURES)
def test_what_ends_the_run(
    shared_venv: Callable[..., PipVenv],
    serve: Callable[..., IndexServer],
    wheel: Any,
    trusting: dict[str, str],
    tmp_path: Path,
    failure: str,
    required: bool,
    versions: tuple[str, str],
) -> None:
    """One clear line and exit 3, by default for a rule; with required = false pip goes on to the public twin."""
    url, public = broken(failure, serve, wheel), serve()
    public.add("/simple", [wheel("corp-thing", "99.0")])
    config = Path(trusting["XDG_CONFIG_HOME"], "authpip", "config.toml")
    config.parent.mkdir(parents=True)
    more = "" if required else "required = false\n"
    config.write_text(f'confusion = "ignore"\n[[index]]\nname = "corp"\nurl = "{url}"\nprovider = "env"\n{more}')
    options = ["-i", url, "--extra-index-url", public.url("/simple/"), "--retries", "0", "--timeout", "3"]
    target, words = tmp_path / "target", ["--no-deps", "--no-cache-dir", *options]
    words = ["-d", str(target), *words, "corp-thing"]
    done = authpip_cli.pip(shared_venv(*versions), "download", *words, env=trusting | CREDENTIAL)
    ours = [line for line in done.stderr.splitlines() if line.startswith("authpip: ")]
    if required:
        assert done.returncode == 3, done.stdout + done.stderr
        assert not list(target.glob("*.whl"))
        assert len(ours) == 1
        assert url in ours[0]
    else:
        assert done.returncode == 0, done.stdout + done.stderr
        assert [file.name for file in target.glob("*")] == ["corp_thing-99.0-py3-none-any.whl"]
        assert [line for line in ours if "answered 403 to the credential of alice" not in line] == []


def test_one_line_although_pip_looks_for_a_newer_pip(
    shared_venv: Callable[..., PipVenv], serve: Callable[..., IndexServer], trusting: dict[str, str], wheel: Any
) -> None:
    """After the command pip asks the same index about itself: the line is not said twice."""
    environ = trusting | {"AUTHPIP_INDEX_CORP_URL": (url := broken("500", serve, wheel)), **CREDENTIAL}
    environ.pop("PIP_DISABLE_PIP_VERSION_CHECK")
    done = authpip_cli.pip(shared_venv(), "download", "-i", url, "--retries", "0", "corp-thing", env=environ)
    assert (done.returncode, done.stderr.count("required = false")) == (3, 1), done.stderr
    assert "checking the latest version" in done.stderr


@pytest.mark.parametrize("failure", ["429", "503"])
def test_one_line_although_pip_tries_again(
    download: Run, serve: Callable[..., IndexServer], wheel: Any, failure: str
) -> None:
    """The line comes after pip's own retries, once."""
    url = broken(failure, serve, wheel)
    done = download("corp-thing", "-i", url, "--retries", "1", AUTHPIP_INDEX_CORP_URL=url, **CREDENTIAL)
    lines = [line for line in done.stderr.splitlines() if line.startswith("authpip: ")]
    assert (done.returncode, len(lines)) == (3, 1), done.stderr
    assert "a rule requires it" in lines[0]


@pytest.mark.parametrize("status", [403, 404])
def test_one_project_alone(
    download: Run, index_server: IndexServer, wheel: Any, downloads: Any, environment: dict[str, str], status: int
) -> None:
    """A 404, or a 403 for one project where the index's own page is there, is no failure of the index."""
    url = index_server.url("/team/simple/")
    index = index_server.add("/team/simple", [wheel("corp-thing")], username="alice", password=SECRET)
    index_server.add("/simple", [wheel("corp-other")])

    def refuse(_: IndexServer, path: str) -> None:
        index.accepted = {"Basic nobody"} if path.endswith("/corp-other/") and status == 403 else set()
        index.refusal = 403

    index_server.on_request = refuse
    rule = {"AUTHPIP_INDEX_CORP_URL": url, **CREDENTIAL}
    done = download("corp-other", "-i", url, "--extra-index-url", index_server.url("/simple/"), **rule)
    assert done.returncode == 0, done.stdout + done.stderr
    assert downloads()


def test_one_build_dependency_alone(
    venv: Callable[..., PipVenv], index_server: IndexServer, trusting: dict[str, str], wheel: Any, tmp_path: Path
) -> None:
    """A 403 for one project, of an index that is there, is no failure of the index in a nested pip either: it goes on
    to the next index (an answer that was cut off would end the run)."""
    sdist = packages.spy_sdist(tmp_path, "spy-thing", tmp_path / "spy.jsonl", requires=["build-dep"])
    index = index_server.add("/team/simple", [sdist], username="alice", password=SECRET)
    index_server.add("/simple", [wheel("build-dep")])
    accepted, index.refusal = set(index.accepted), 403

    def refuse(_: IndexServer, path: str) -> None:
        index.accepted = {"Basic nobody"} if path.endswith("/team/simple/build-dep/") else accepted

    index_server.on_request = refuse
    url = index_server.url("/team/simple/")
    options = ["-i", url, "--extra-index-url", index_server.url("/simple/"), "spy-thing"]
    environ = trusting | {"AUTHPIP_INDEX_CORP_URL": url, **CREDENTIAL}
    done = authpip_cli.pip(venv(authpip=False), "install", *options, env=environ)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr.count("answered 403 to the credential of alice") == 1


@pytest.mark.parametrize("status", [403, 500, 503])
@pytest.mark.parametrize(
    "pip", ["26.3", *(pytest.param(old, marks=pytest.mark.heavy) for old in ("20.3.4", "22.3.1", "24.0"))]
)
def test_a_build_dependency(
    venv: Callable[..., PipVenv],
    serve: Callable[..., IndexServer],
    trusting: dict[str, str],
    wheel: Any,
    tmp_path: Path,
    status: int,
    pip: str,
) -> None:
    """A required index fails when a nested pip asks it for a build dependency: one line, status 3, and the public twin
    of the dependency is not taken."""
    private, public = serve(), serve()
    files = [
        wheel("build-dep"),
        packages.spy_sdist(tmp_path, "spy-thing", tmp_path / "spy.jsonl", requires=["build-dep"]),
    ]
    private.add("/team/simple", files, username="alice", password=SECRET)
    public.add("/simple", [wheel("build-dep", "99.0")])

    def fail(server: IndexServer, path: str) -> None:
        server.fail = (status, "no") if server.seen("/team/simple/spy-thing/") and "files" not in path else None

    private.on_request = lambda server, path: fail(server, path) if "build-dep" in path or server.fail else None
    url, place = private.url("/team/simple/"), venv("", pip, authpip=False)
    environ = trusting | {"AUTHPIP_INDEX_CORP_URL": url, **CREDENTIAL}
    config = Path(trusting["XDG_CONFIG_HOME"], "authpip", "config.toml")
    config.parent.mkdir(parents=True)
    config.write_text('confusion = "ignore"\n')
    asked = ["-i", url, "--extra-index-url", public.url("/simple/"), "--retries", "0", "spy-thing"]
    done = authpip_cli.pip(place, "install", *asked, env=environ)
    said = done.stdout + done.stderr
    assert done.returncode == 3, said
    assert len([line for line in said.splitlines() if "authpip: " in line and url in line]) == 1, said
    assert not [seen for seen in public.requests if seen.path.endswith(".whl")]
