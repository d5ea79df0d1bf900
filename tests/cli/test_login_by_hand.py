"""`auth login` by a person at a terminal, and by a newcomer with the wrong URL: real terminals, servers, stores."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest

from support.programs.keyrings import SecretService
from support.servers.index_server import IndexServer, basic

pytestmark = pytest.mark.real

Environ = dict[str, str]
SECRET = "s3cret"
LIST_ITEMS = """
import secretstorage
items = secretstorage.get_default_collection(secretstorage.dbus_init()).get_all_items()
print([item.get_attributes().get("service") for item in items])
"""


@pytest.fixture
def environ(environment: Environ, index_server: IndexServer) -> Environ:
    """A private index at /team/simple/; secrets are stored in a file."""
    index_server.add("/team/simple", username="alice", password=SECRET)
    config = Path(environment["XDG_CONFIG_HOME"], "authpip", "config.toml")
    config.parent.mkdir()
    config.write_text('storage = "file"\n')
    return {**environment, **index_server.environ}


def login(environ: Environ, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`auth login … --password-stdin` of alice, where there is no terminal."""
    words = ("login", *arguments, "--username", "alice", "--password-stdin")
    return auth(environ, *words)


def auth(environ: Environ, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "authpip", "auth", *words]
    return subprocess.run(
        command, env=environ, input=SECRET, capture_output=True, text=True, timeout=60, start_new_session=True
    )


def at_terminal(environ: Environ, *words: str) -> pexpect.spawn[str]:
    """`auth …` at a terminal that is wide enough for a message on one line."""
    arguments, wide = ["-m", "authpip", "auth", *words], {**environ, "COLUMNS": "400"}
    return pexpect.spawn(sys.executable, arguments, env=wide, encoding="utf-8", timeout=30, dimensions=(24, 400))


def ended(terminal: pexpect.spawn[str]) -> tuple[int | None, str]:
    """(exit status, what was shown since the last question)."""
    terminal.expect(pexpect.EOF)
    shown = terminal.before or ""
    terminal.close()
    assert SECRET not in shown
    return terminal.exitstatus, shown


def users(environ: Environ) -> list[tuple[str, str, bool]]:
    """(URL, user name, used) of each login."""
    listed = json.loads(auth(environ, "list", "--json").stdout)
    return [(entry["url"], entry["username"], entry["used"]) for entry in listed]


def test_a_path_without_an_index(environ: Environ, index_server: IndexServer) -> None:
    """trial B2: a typo (404) and the host's root are refused, nothing is stored, and the likely URL is named."""
    typo = login(environ, index_server.url("/tema/simple/"))
    assert typo.returncode == 3
    assert "there is no index at this path (404)" in typo.stderr
    assert "without a credential as well" not in typo.stderr
    root = login(environ, index_server.url("/"))
    assert root.returncode == 3
    above = login(environ, index_server.url("/team/"))
    likely = index_server.url("/team/simple/")
    assert f"an index answers at {likely}; if you mean that index, type: authpip auth login {likely}" in above.stderr
    assert users(environ) == []
    assert login(environ, index_server.url("/tema/simple/"), "--no-verify").returncode == 0


def test_an_index_above_a_forbidden_page(environ: Environ, index_server: IndexServer) -> None:
    """trial B2: /team/ answers 403 (nginx without a listing) to the right password: simple/ is offered."""
    index_server.on_request = lambda server, path: setattr(server, "fail", (403, "no") if path == "/team/" else None)
    done = login(environ, index_server.url("/team/"))
    assert done.returncode == 3
    assert f"an index answers at {index_server.url('/team/simple/')}" in done.stderr


SSO = "<html><form action='/login'><input name='user'><input type='password' name='p'></form></html>"
FRONT = "<h1>Welcome to pypiserver!</h1><p>see the <a href='/front/simple/'>simple</a> index</p>"


@pytest.mark.parametrize(
    ("page", "expected"),
    [(SSO, "it answers with a sign-in page for browsers"), (FRONT, "it answers with a page that is not an index")],
    ids=["SSO", "front page"],
)
def test_a_page_that_is_not_an_index(
    environ: Environ, serve: Callable[..., IndexServer], page: str, expected: str
) -> None:
    """trial B2: a sign-in page and pypiserver's front page are refused by login and by check, with one word."""
    server = serve()
    server.add("/front/simple", username="alice", password=SECRET)
    server.pages["/front/"] = page
    done = login(environ, server.url("/front/"))
    assert (done.returncode, expected in done.stderr) == (3, True), done.stderr
    assert (server.url("/front/simple/") in done.stderr) is (page == FRONT)
    found = json.loads(auth(environ, "check", "--json", server.url("/front/")).stdout)["indexes"][0]["answer"]
    assert (found["verdict"], found["why"]) == ("no-index", expected)
    assert users(environ) == []


def test_the_page_of_one_project(environ: Environ, index_server: IndexServer, tmp_path: Path) -> None:
    """trial B2: the URL of a project's page leads to its index."""
    wheel = tmp_path / "corp_lib-1.0-py3-none-any.whl"
    wheel.write_bytes(b"")
    index_server.add("/open/simple", [wheel])
    done = login(environ, index_server.url("/open/simple/corp-lib/"))
    assert "it is the page of one project" in done.stderr
    assert f"type: authpip auth login {index_server.url('/open/simple/')};" in done.stderr


def test_a_redirect_is_no_circle(
    environ: Environ, index_server: IndexServer, serve: Callable[..., IndexServer]
) -> None:
    """trial B7: check names where the index leads, so does login; after a login there, check is content."""
    other = serve()
    other.add("/simple", username="alice", password=SECRET)
    index_server.redirect("/redir/", other.url("/"))
    url, target = index_server.url("/redir/simple/"), other.url("/simple/")
    found = json.loads(auth(environ, "check", "--json", url).stdout)["indexes"][0]["answer"]
    assert found["remedy"] == f"if you trust it, type: authpip auth login {target}"
    assert f"type: authpip auth login {target}" in login(environ, url).stderr
    assert [seen.authorization for seen in other.requests] == [None]
    assert login(environ, target).returncode == 0
    assert auth(environ, "check", url).returncode == 0


def test_a_wrong_password_is_asked_again(environ: Environ, index_server: IndexServer) -> None:
    """trial, first ten minutes: three tries at a terminal, the user name is kept; one without a terminal."""
    url = index_server.url("/team/simple/")
    with at_terminal(environ, "login", url) as terminal:
        terminal.expect_exact(f"User name for {url}: ")
        terminal.sendline("alice")
        for typed, left in (("wrong", "2 more tries"), ("wrong", "1 more try")):
            terminal.expect_exact(f"Password for alice at {url}: ")
            terminal.waitnoecho(5)
            terminal.sendline(typed)
            terminal.expect_exact(f"{url} answered 401: wrong user name or secret for alice; {left}")
        terminal.expect_exact(f"Password for alice at {url}: ")
        terminal.waitnoecho(5)
        terminal.sendline(SECRET)
        status, shown = ended(terminal)
    assert (status, f"logged in to {url} as alice" in shown) == (0, True)
    with at_terminal(environ, "login", url, "--username", "alice") as terminal:
        for _ in range(3):
            terminal.expect_exact("Password for alice")
            terminal.waitnoecho(5)
            terminal.sendline("wrong")
        status, shown = ended(terminal)
    assert (status, "nothing was stored" in shown) == (3, True)
    index_server.requests.clear()
    wrong = [*("login", url, "--username", "alice", "--token-stdin")]
    assert auth({**environ}, *wrong).returncode == 0
    index_server.indexes[0].revoke()
    index_server.requests.clear()
    assert auth(environ, *wrong).returncode == 3
    assert [seen.authorization for seen in index_server.requests] == [None, basic("alice", SECRET)]


def test_the_likely_index_is_offered(environ: Environ, index_server: IndexServer) -> None:
    """trial B2: at a terminal, Enter goes on with the URL that is likely meant; n ends it."""
    above, url = index_server.url("/team/"), index_server.url("/team/simple/")
    with at_terminal(environ, "login", above, "--username", "alice") as terminal:
        terminal.expect_exact(f"Log in to {url} instead? [Y/n] ")
        terminal.sendline("")
        terminal.expect_exact(f"Password for alice at {url}: ")
        terminal.waitnoecho(5)
        terminal.sendline(SECRET)
        assert ended(terminal)[0] == 0
    assert users(environ) == [(url, "alice", True)]
    with at_terminal(environ, "login", above) as terminal:
        terminal.expect_exact("[Y/n] ")
        terminal.sendline("n")
        status, shown = ended(terminal)
    assert (status, "authpip: nothing was stored; check the URL" in shown) == (3, True)


def test_an_address_without_a_scheme_is_offered(environ: Environ) -> None:
    """trial, first ten minutes: https:// is offered at a terminal, and named without one; a password is not shown."""
    environ = {name: value for name, value in environ.items() if not name.startswith("AUTHPIP_")}
    done = login(environ, "pypi.corp.example/team/simple")
    assert done.returncode == 2
    assert "type: authpip auth login https://pypi.corp.example/team/simple/" in done.stderr
    with at_terminal(environ, "login", "pypi.corp.example/team/simple", "--no-verify") as terminal:
        terminal.expect_exact("Log in to https://pypi.corp.example/team/simple/? [Y/n] ")
        terminal.sendline("y")
        terminal.expect_exact("User name for https://pypi.corp.example/team/simple/: ")
        terminal.sendeof()
        status, shown = ended(terminal)
    assert (status, "authpip: nothing was typed" in shown, "Password" in shown) == (2, True, False)
    secret = login(environ, "alice:hunter2@pypi.corp.example/simple/")
    assert "there is a password in the URL" in secret.stderr
    assert "hunter2" not in secret.stderr


def test_end_of_input_at_the_password(environ: Environ, index_server: IndexServer) -> None:
    """trial, first ten minutes: Ctrl-D in place of a password is one line, and nothing is stored."""
    with at_terminal(environ, "login", index_server.url("/team/simple/"), "--username", "alice") as terminal:
        terminal.expect_exact("Password for alice")
        terminal.waitnoecho(5)
        terminal.sendeof()
        status, shown = ended(terminal)
    assert status == 2
    assert "authpip: no secret was typed; nothing was stored" in shown
    assert "Traceback" not in shown


@pytest.mark.parametrize("broken", ["locked", "no bus", "no daemon"])
def test_the_keyring_is_tried_before_anybody_types(
    environment: Environ, index_server: IndexServer, broken: str
) -> None:
    """trial, first ten minutes: a keyring that cannot store is said before anything is asked, with both ways out."""
    index_server.add("/team/simple", username="alice", password=SECRET)
    with SecretService({**environment, **index_server.environ}, daemon=broken != "no daemon") as service:
        environ = dict(service.environ)
        if broken == "locked":
            service.lock()
        if broken == "no bus":
            del environ["DBUS_SESSION_BUS_ADDRESS"]
        with at_terminal(environ, "login", index_server.url("/team/simple/")) as terminal:
            status, shown = ended(terminal)
    assert status == 3
    assert "authpip: no login can be stored: the OS keyring" in shown
    assert "--insecure-storage" in shown
    assert "AUTHPIP_AUTH_FILE" in shown
    assert "User name" not in shown
    assert index_server.seen("/team/")[0].authorization is None


def test_nothing_is_left_of_the_trial(environment: Environ) -> None:
    """The item that tries the keyring out is deleted again; the backend sees it stored, read and deleted."""
    with SecretService(environment) as service:
        done = login(service.environ, "https://index.example/simple/", "--no-verify")
        assert done.returncode == 0, done.stderr
        command = [sys.executable, "-c", LIST_ITEMS]
        found = subprocess.run(command, env=service.environ, capture_output=True, text=True, timeout=30, check=True)
    assert "index.example" in found.stdout
    assert "authpip-test" not in found.stdout


@pytest.mark.parametrize("option", ["--insecure-storage", "AUTHPIP_AUTH_FILE"])
def test_a_directory_that_cannot_be_written(environ: Environ, tmp_path: Path, option: str) -> None:
    """trial, first ten minutes: a store that cannot be written is said before anybody types."""
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a directory should be")
    environ["XDG_DATA_HOME"] = str(blocked)
    if option == "AUTHPIP_AUTH_FILE":
        environ[option] = str(blocked / "auth.json")
    with at_terminal(environ, "login", "https://index.example/simple/", "--no-verify") as terminal:
        status, shown = ended(terminal)
    assert status == 3
    assert "authpip: no login can be stored: " in shown
    assert "AUTHPIP_AUTH_FILE to a file elsewhere" in shown
    assert "User name" not in shown


def test_without_a_url(environ: Environ, index_server: IndexServer, home: Path) -> None:
    """trial, first ten minutes: the indexes of pip's configuration, of its variables and of rules are a numbered
    choice; without a terminal they are listed, and what to type; a password is never shown."""
    url = index_server.url("/team/simple/")
    nothing = login(environ)
    assert (nothing.returncode, "no index is named" in nothing.stderr) == (2, True)
    (home / "pip.conf").write_text(
        f"[global]\nindex-url = https://bob:hunter2@a.example/simple\nextra-index-url = {url}\n"
    )
    environ |= {"PIP_CONFIG_FILE": str(home / "pip.conf"), "PIP_FIND_LINKS": "https://links.example/ /wheels"}
    environ |= {"AUTHPIP_INDEX_B_URL": "https://b.example/", "AUTHPIP_INDEX_C_URL": "https://c.example/"}
    environ |= {"AUTHPIP_INDEX_C_AUTHENTICATE": "never"}
    listed = login(environ)
    assert listed.returncode == 2
    assert f"https://bob@a.example/simple/ ({home}/pip.conf:2), {url} ({home}/pip.conf:3), " in listed.stderr
    assert "https://b.example/ (AUTHPIP_INDEX_B_URL); type: authpip auth login https://bob@a.example" in listed.stderr
    assert "hunter2" not in listed.stderr
    assert "c.example" not in listed.stderr
    with at_terminal(environ, "login") as terminal:
        terminal.expect_exact("pip and your rules name these indexes:")
        terminal.expect_exact("1  https://bob@a.example/simple/")
        terminal.expect_exact(f"2  {url}")
        terminal.expect_exact("Log in to which one? [1-4] ")
        terminal.sendline("9")
        terminal.expect_exact("Type a number from 1 to 4: ")
        terminal.sendline("2")
        terminal.expect_exact(f"User name for {url}: ")
        terminal.sendline("alice")
        terminal.expect_exact("Password for alice")
        terminal.waitnoecho(5)
        terminal.sendline(SECRET)
        assert ended(terminal)[0] == 0
    assert users(environ) == [(url, "alice", True)]


def test_two_accounts(environ: Environ, index_server: IndexServer) -> None:
    """trial, first ten minutes: the second login for a URL says that there is a first and which is used; so do list and
    explain; logout asks which, or is told by --username."""
    url = index_server.url("/team/simple/")
    bob = ("login", url, "--username", "bob", "--password-stdin", "--no-verify")
    assert auth(environ, *bob).returncode == 0
    second = login(environ, url)
    assert f"{url} has another login, of bob; the one of alice is used" in second.stderr
    assert sorted(users(environ)) == [(url, "alice", True), (url, "bob", False)]
    listed = auth(environ, "list").stdout
    assert "alice (used)" in listed
    assert "bob (used if named)" in listed
    with at_terminal(environ, "list") as terminal:
        assert "alice (used)" in ended(terminal)[1]
    narrow = pexpect.spawn(sys.executable, ["-m", "authpip", "auth", "list"], env=environ, encoding="utf-8", timeout=30)
    assert f"{url}\r\n  bob (used if named), basic, file\r\n" in ended(narrow)[1]
    explained = auth({**environ, "PIP_INDEX_URL": url}, "explain", "--json").stdout
    assert json.loads(explained)["indexes"][0]["other_users"] == ["bob"]
    assert "also there    bob: " in auth({**environ, "PIP_INDEX_URL": url}, "explain").stdout
    refused = auth(environ, "logout", url)
    assert refused.returncode == 2
    assert "bob, alice; add --username U" in refused.stderr
    with at_terminal(environ, "logout", url) as terminal:
        terminal.expect_exact("There are several logins for")
        terminal.expect_exact("1  bob")
        terminal.expect_exact("2  alice")
        terminal.expect_exact("3  all of them")
        terminal.expect_exact("Log out which one? [1-3] ")
        terminal.sendline("1")
        assert ended(terminal)[0] == 0
    assert users(environ) == [(url, "alice", True)]
    assert auth(environ, *bob).returncode == 0
    assert auth(environ, "logout", url, "--username", "alice").returncode == 0
    assert login(environ, url).returncode == 0
    assert auth(environ, "logout", url, "--all").returncode == 0
    assert users(environ) == []
