"""A server says no to a credential: once more with a fresh one, then one clear message and an end (F10, A27)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pexpect
import pytest

from support.leaks.canary import SECRET, Canary
from support.programs import authpip_cli, pip_venvs
from support.programs.authpip_cli import Run
from support.programs.pip_venvs import PipVenv
from support.samples import packages
from support.servers.index_server import IndexServer, basic

pytestmark = pytest.mark.real

FRESH = "fr3sh-" + SECRET


def test_revoked_in_mid_run(download: Run, index_server: IndexServer, wheel: Any, tmp_path: Path) -> None:
    """F10: between the page and the file the password changes; one 401, one refresh, success."""
    url = index_server.url("/team/simple/")
    index = index_server.add("/team/simple", [wheel("corp-thing")], username="alice", password=SECRET)
    login = authpip_cli.logins(tmp_path / "logins.json", (url, "alice", SECRET))

    def change(_: IndexServer, path: str) -> None:
        if path.endswith(".whl"):
            index.accepted = {basic("alice", FRESH)}
            authpip_cli.logins(tmp_path / "logins.json", (url, "alice", FRESH))

    index_server.on_request = change
    done = download("corp-thing", "-i", url, **login)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert index_server.statuses() == [200, 401, 200]
    assert index_server.requests[-1].authorization == basic("alice", FRESH)


def test_a_fresh_credential_serves_the_rest_of_the_run(
    download: Run, index_server: IndexServer, wheel: Any, tmp_path: Path
) -> None:
    """The credential of a rule's whole host is renewed for an index below it; a second project asks with it at once."""
    url = index_server.url("/team/simple/")
    index_server.add("/team/simple", [wheel("corp-one"), wheel("corp-two")], username="alice", password=FRESH)
    site = index_server.url("/team/")
    login = authpip_cli.logins(tmp_path / "logins.json", (site, "alice", SECRET))
    index_server.on_request = lambda *_: authpip_cli.logins(tmp_path / "logins.json", (site, "alice", FRESH))
    done = download("corp-one", "corp-two", "-i", url, **login)
    assert done.returncode == 0, done.stderr
    assert index_server.statuses().count(401) == 1


def test_a_fresh_credential_is_the_same_users(
    download: Run, index_server: IndexServer, wheel: Any, tmp_path: Path
) -> None:
    """A user name in the index URL chooses among two logins, at the refresh as well."""
    url, others = index_server.url("/team/simple/"), "others-" + SECRET
    index_server.add("/team/simple", [wheel("corp-thing")], username="bob", password=FRESH)
    path = tmp_path / "logins.json"
    stored = authpip_cli.logins(path, (url, "bob", SECRET), (url, "alice", others))
    index_server.on_request = lambda *_: authpip_cli.logins(path, (url, "bob", FRESH), (url, "alice", others))
    done = download("corp-thing", "-i", index_server.url("/team/simple/", userinfo="bob"), **stored)
    assert done.returncode == 0, done.stderr
    assert {seen.authorization for seen in index_server.requests} == {basic("bob", SECRET), basic("bob", FRESH)}


@pytest.mark.parametrize("source", ["login", "rule", "url"])
def test_a_wrong_credential(
    download: Run, index_server: IndexServer, wheel: Any, downloads: Any, tmp_path: Path, source: str
) -> None:
    """One message with the index, the identity, the source and the remedy; exit 3; the public twin is not taken."""
    url = index_server.url("/team/simple/")
    index_server.add("/team/simple", [wheel("corp-thing")], username="alice", password=FRESH)
    index_server.add("/simple", [wheel("corp-thing", "9.0")])
    variables, name = {
        "login": (authpip_cli.logins(tmp_path / "logins.json", (url, "alice", SECRET)), "keyring"),
        "rule": (authpip_cli.rule(url, "alice", SECRET), "env"),
        "url": ({}, "url"),
    }[source]
    given = index_server.url("/team/simple/", userinfo=f"alice:{SECRET}") if source == "url" else url
    done = download("corp-thing", "-i", given, "--extra-index-url", index_server.url("/simple/"), **variables)
    assert done.returncode == 3, done.stdout + done.stderr
    ours = [line for line in done.stderr.splitlines() if line.startswith("authpip: ")]
    assert len(ours) == 1
    assert all(word in ours[0] for word in (url, "alice", name, "401", "authpip auth"))
    assert SECRET not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert downloads() == set()
    assert len(index_server.seen("/team")) == 1


def test_a_forbidden_project(
    download: Run, index_server: IndexServer, wheel: Any, downloads: Any, environment: dict[str, str]
) -> None:
    """With required = false a 403 ends nothing: the message, once, and pip goes on as it does by itself."""
    url = index_server.url("/team/simple/")
    index = index_server.add("/team/simple", [wheel("corp-thing")], username="alice", password=FRESH)
    index.refusal = 403
    index_server.add("/simple", [wheel("corp-thing", "9.0"), wheel("corp-other", "9.0")])
    config = Path(environment["XDG_CONFIG_HOME"], "authpip", "config.toml")
    config.parent.mkdir(parents=True)
    config.write_text(f'confusion = "ignore"\n[[index]]\nname = "corp"\nurl = "{url}"\nrequired = false\n')
    rule = {"AUTHPIP_INDEX_CORP_USERNAME": "alice", "AUTHPIP_INDEX_CORP_PASSWORD": SECRET}
    done = download("corp-thing", "corp-other", "-i", url, "--extra-index-url", index_server.url("/simple/"), **rule)
    assert done.returncode == 0, done.stderr
    ours = [line for line in done.stderr.splitlines() if line.startswith("authpip: ")]
    assert len(ours) == 1
    assert all(word in ours[0] for word in (url, "alice", "env", "403", "authpip auth"))
    assert len(downloads()) == 2


def test_forbidden_first_and_unauthorised_later(download: Run, index_server: IndexServer, wheel: Any) -> None:
    """A 403 that could not be helped does not let a later 401 of the same index pass in silence (A27)."""
    url = index_server.url("/team/simple/")
    index = index_server.add("/team/simple", [wheel("corp-one"), wheel("corp-two")], username="alice", password=FRESH)
    index_server.add("/simple", [wheel("corp-one", "9.0"), wheel("corp-two", "9.0")])

    def refuse(_: IndexServer, path: str) -> None:
        index.refusal = 403 if "corp-one" in path else 401

    index_server.on_request = refuse
    rule = authpip_cli.rule(url, "alice", SECRET)
    done = download("corp-one", "corp-two", "-i", url, "--extra-index-url", index_server.url("/simple/"), **rule)
    assert done.returncode == 3, done.stdout + done.stderr


def test_a_redirect_that_nobody_has_a_credential_for(
    download: Run, serve: Callable[..., IndexServer], wheel: Any, downloads: Any
) -> None:
    """A27: a managed index moved to a place that wants a credential: said, exit 3, no public twin."""
    here, there = serve(), serve()
    here.add("/team/simple", username="alice", password=SECRET)
    here.add("/simple", [wheel("corp-thing", "9.0")])
    there.add("/new/simple", [wheel("corp-thing")], username="alice", password=SECRET)
    here.redirect("/team/simple/", there.url("/new/simple/"))
    rule = authpip_cli.rule(here.url("/team/simple/"), "alice", SECRET)
    urls = ["-i", here.url("/team/simple/"), "--extra-index-url", here.url("/simple/")]
    done = download("--no-input", "corp-thing", *urls, **rule)
    assert done.returncode == 3, done.stdout + done.stderr
    assert f"authpip auth login {there.url('/')}" in done.stderr
    assert {seen.authorization for seen in there.requests} == {None}
    assert downloads() == set()


def test_a_nested_pip_that_is_refused(
    shared_venv: Callable[..., PipVenv], trusting: dict[str, str], index_server: IndexServer, tmp_path: Path
) -> None:
    """The refusal of a private build dependency ends the outer run with 3, too; the message is shown."""

    secure = index_server.url("/secure/simple/")
    source = packages.spy_sdist(tmp_path / "files", "spy-thing", tmp_path / "report", requires=["early-dep"])
    index_server.add("/secure/simple", username="alice", password=FRESH)
    index_server.add("/open", [source])
    done = authpip_cli.pip(
        shared_venv(),
        *("wheel", "--no-deps", "-w", str(tmp_path / "wheels"), "-i", secure),
        index_server.url(f"/open/{source.name}"),
        env=trusting | authpip_cli.rule(secure, "alice", SECRET),
    )
    assert done.returncode == 3, done.stdout + done.stderr
    assert "authpip: " + secure in done.stdout + done.stderr


def on_a_terminal(venv: PipVenv, environ: dict[str, str], *arguments: str) -> pexpect.spawn:
    """pip behind authpip with a terminal of its own."""
    argv = authpip_cli.command(*arguments)
    return pexpect.spawn(argv[0], argv[1:], env=authpip_cli.surroundings(venv, environ), encoding="utf-8", timeout=30)


def test_pips_own_prompt(
    shared_venv: Callable[..., PipVenv], trusting: dict[str, str], index_server: IndexServer, wheel: Any, tmp_path: Path
) -> None:
    """With a terminal, pip asks for an index that authpip knows nothing about, and what is typed serves it alone."""
    index_server.add("/team/simple", [wheel("corp-thing")], username="alice", password=SECRET)
    environ = trusting | authpip_cli.rule("https://pypi.corp.example/simple/", "bob", FRESH)
    environ["PIP_KEYRING_PROVIDER"] = "disabled"  # it would offer to save what is typed
    arguments = ["download", "--no-deps", "-d", str(tmp_path), "-i", index_server.url("/team/simple/"), "corp-thing"]
    child = on_a_terminal(shared_venv(), environ, *arguments)
    child.expect("User for 127.0.0.1:[0-9]+: ")
    child.sendline("alice")
    child.expect("Password: ")
    child.sendline(SECRET)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0, child.before
    assert {seen.authorization for seen in index_server.requests} == {None, basic("alice", SECRET)}


def test_no_prompt_for_a_managed_index(
    shared_venv: Callable[..., PipVenv], trusting: dict[str, str], index_server: IndexServer, wheel: Any
) -> None:
    """With a terminal, a rejected credential ends the run: a password typed now would be one more wrong identity."""
    url = index_server.url("/team/simple/")
    index_server.add("/team/simple", [wheel("corp-thing")], username="alice", password=FRESH)
    child = on_a_terminal(
        shared_venv(), trusting | authpip_cli.rule(url, "alice", SECRET), "download", "-i", url, "corp-thing"
    )
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 3
    assert "User for" not in child.before
    assert "authpip: " in child.before


def test_a_rejection_under_pips_debug_mode(download: Run, index_server: IndexServer, wheel: Any) -> None:
    """A24: --debug lets the exception through, with a traceback that shows locals; none of them is the secret."""
    url = index_server.url("/team/simple/")
    index_server.add("/team/simple", [wheel("corp-thing")], username="alice", password=FRESH)
    done = download("--debug", "corp-thing", "-i", url, **authpip_cli.rule(url, "alice", SECRET))
    assert done.returncode == 3, done.stderr
    assert f"authpip: {url} answered 401" in done.stderr
    assert Canary(SECRET).find_in(done.stdout + done.stderr) == []


@pytest.mark.parametrize("versions", [(pip_venvs.PYTHON, "26.3"), ("3.8", "24.0")])
def test_a_rejection_of_the_check_for_a_newer_pip(
    trusting: dict[str, str], index_server: IndexServer, wheel: Any, tmp_path: Path, versions: tuple[str, str]
) -> None:
    """What was asked for has nothing to do with the index, and succeeds: the check is said to fail, and passed over."""
    url = index_server.url("/team/simple/")
    index_server.add("/team/simple", username="alice", password=FRESH)
    environ = trusting | {"PIP_INDEX_URL": url} | authpip_cli.rule(url, "alice", SECRET)
    del environ["PIP_DISABLE_PIP_VERSION_CHECK"]
    venv = pip_venvs.make(tmp_path / "venv", *versions)
    done = authpip_cli.pip(venv, "install", "--no-deps", str(wheel("corp-thing")), env=environ)
    assert done.returncode == 0, done.stderr
    assert index_server.statuses() == [401]
    assert "Traceback" not in done.stderr
    assert "corp_thing" in venv.installed()


def test_a_token_in_the_place_of_the_user_name_is_not_said(pip: Run, index_server: IndexServer) -> None:
    """P3, A23, audit 9: `https://TOKEN:@host/` that is rejected names no identity: the user name is the secret."""
    index_server.add("/team/simple", [], username="alice", password="right")
    url = index_server.url("/team/simple/", userinfo="T0kenAsUser-5a6b7c8d9e0f:")
    done = pip("download", "--no-deps", "-i", url, "corp-thing")
    assert done.returncode == 3, done.stderr
    assert "rejects its credential" in done.stderr
    assert "T0kenAsUser" not in done.stdout + done.stderr
