"""F16: a pip of tomorrow, whose authentication class has another name, is served through keyring or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from support.leaks.canary import SECRET, Canary
from support.programs import authpip_cli, pip_venvs
from support.programs.authpip_cli import Run
from support.programs.pip_venvs import PipVenv
from support.samples import packages
from support.servers.index_server import IndexServer, basic

pytestmark = pytest.mark.real


@pytest.fixture
def tomorrow(environment: dict[str, str], tmp_path: Path) -> PipVenv:
    """A pip 26.3 in which MultiDomainBasicAuth is called something else."""
    venv = pip_venvs.make(tmp_path / "tomorrow", pip_venvs.PYTHON, "26.3")
    for name in ("auth.py", "session.py"):
        path = venv.site_packages / "pip/_internal/network" / name
        text = path.read_text().replace("MultiDomainBasicAuth", "PerIndexAuth")
        path.unlink()  # it is a hard link to the template's
        path.write_text(text)
    return venv


def test_one_index_is_served_through_keyring(
    tomorrow: PipVenv, index_server: IndexServer, trusting: dict[str, str], wheel: Any, tmp_path: Path
) -> None:
    """With a private build dependency, which its nested pip gets in the same way; the build sees no secret."""
    report = tmp_path / "report.jsonl"
    files = [packages.spy_sdist(tmp_path / "files", "spy-thing", report, requires=["early-dep"]), wheel("early-dep")]
    index_server.add("/team/simple", files, username="alice", password=SECRET)
    url = index_server.url("/team/simple/")
    done = authpip_cli.pip(
        tomorrow, "install", "-i", url, "spy-thing", env=trusting | authpip_cli.rule(url, "alice", SECRET)
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "authpip: this pip is not one that authpip knows" in done.stderr
    assert {seen.authorization for seen in index_server.requests} == {None, basic("alice", SECRET)}
    assert Canary(SECRET).find_in(report.read_text()) == []


def test_keyring_does_not_serve_the_rest_of_the_host(
    download: Run, tomorrow: PipVenv, index_server: IndexServer, wheel: Any
) -> None:
    """A10: a redirect to another path of the host, and a file there: pip by itself would send the credential."""
    index_server.add("/team/simple", [wheel("corp-thing")], username="alice", password=SECRET)
    index_server.add("/open/simple", [wheel("corp-other")])
    index_server.redirect("/team/simple/corp-other/", index_server.url("/open/simple/corp-other/"))
    url = index_server.url("/team/simple/")
    rule = authpip_cli.rule(url, "alice", SECRET)
    done = download("-i", url, "corp-thing", "corp-other", venv=tomorrow, **rule)
    assert done.returncode == 0, done.stderr
    assert {seen.authorization for seen in index_server.seen("/open/")} == {None}


def test_a_wrong_credential_ends_the_run(
    download: Run, tomorrow: PipVenv, index_server: IndexServer, serve: Any, wheel: Any, downloads: Any
) -> None:
    """A27: here, too, the public package of the same name is not taken."""
    public = serve()
    public.add("/simple", [wheel("corp-thing", "9.0")])
    index_server.add("/team/simple", [wheel("corp-thing")], username="alice", password="another")
    url = index_server.url("/team/simple/", host="localhost")
    urls = ["-i", url, "--extra-index-url", public.url("/simple/")]
    done = download(*urls, "corp-thing", venv=tomorrow, **authpip_cli.rule(url, "alice", SECRET))
    assert done.returncode == 3, done.stdout + done.stderr
    assert f"authpip: {url} rejects its credential" in done.stderr
    assert "Traceback" not in done.stderr
    assert downloads() == set()


@pytest.mark.parametrize("case", ["two indexes on one host", "bearer", "a password in the URL"])
def test_what_keyring_cannot_hold_ends_before_pip_starts(
    download: Run, tomorrow: PipVenv, index_server: IndexServer, tmp_path: Path, case: str
) -> None:
    """pip would send one index's credential to the other, cannot send Bearer, and hands the URL on to nested pips."""
    url = index_server.url("/team/simple/")
    arguments, variables = ["-i", url, "corp-thing"], authpip_cli.rule(url, "alice", SECRET)
    if case == "two indexes on one host":
        arguments += ["--extra-index-url", index_server.url("/open/simple/")]
    elif case == "bearer":
        config = tmp_path / "config.toml"
        config.write_text(f'[[index]]\nname = "corp"\nurl = "{url}"\nscheme = "bearer"\nprovider = "env"\n')
        variables = {"AUTHPIP_CONFIG": str(config), "AUTHPIP_INDEX_CORP_PASSWORD": SECRET}
    else:
        arguments[1] = index_server.url("/team/simple/", userinfo=f"alice:{SECRET}")
        variables = {}
    done = download(*arguments, venv=tomorrow, **variables)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "authpip: this pip is not one that authpip knows" in done.stderr
    assert "AUTHPIP_DISABLE=1" in done.stderr
    assert "Traceback" not in done.stderr
    assert index_server.requests == []


def test_a_pip_whose_main_has_moved(
    index_server: IndexServer, trusting: dict[str, str], wheel: Any, tmp_path: Path
) -> None:
    """Our pieces are in place before it can ask anybody for anything, in the nested pip as well."""
    venv = pip_venvs.make(tmp_path / "moved", pip_venvs.PYTHON, "26.3")
    home = venv.site_packages / "pip"
    (home / "_internal/cli/main.py").rename(home / "_internal/cli/entry.py")
    for path in (home / "__main__.py", home / "_internal/utils/entrypoints.py", venv.directory / "bin/pip"):
        text = path.read_text().replace("pip._internal.cli.main ", "pip._internal.cli.entry ")
        path.unlink()
        path.write_text(text)
    (venv.directory / "bin/pip").chmod(0o755)
    report = tmp_path / "report.jsonl"
    files = [packages.spy_sdist(tmp_path / "files", "spy-thing", report, requires=["early-dep"]), wheel("early-dep")]
    index_server.add("/team/simple", files, username="alice", password=SECRET)
    url = index_server.url("/team/simple/")
    done = authpip_cli.pip(
        venv, "install", "-i", url, "spy-thing", env=trusting | authpip_cli.rule(url, "alice", SECRET)
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert {seen.authorization for seen in index_server.requests} == {basic("alice", SECRET)}
    assert Canary(SECRET).find_in(report.read_text()) == []


def test_it_is_left_alone_where_authpip_has_nothing_to_do(
    download: Run, tomorrow: PipVenv, index_server: IndexServer, wheel: Any
) -> None:
    """A public index: nothing is said."""
    index_server.add("/simple", [wheel("corp-thing")])
    done = download("-i", index_server.url("/simple/"), "corp-thing", venv=tomorrow)
    assert (done.returncode, done.stderr) == (0, "")
