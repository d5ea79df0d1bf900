"""login, list, token, helper, logout: the real command, a real GNOME Keyring, a real index over TLS."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from support.programs.keyrings import SecretService, use_backend
from support.samples.upload_tokens import upload_token
from support.servers.index_server import IndexServer, basic

pytestmark = pytest.mark.real

Environ = dict[str, str]
Done = subprocess.CompletedProcess[str]
SECRET = "p:@%+/=\u00e9\U0001f511"


def auth(environ: Environ, *arguments: str, stdin: str | None = None) -> Done:
    """Run `authpip auth …`; stdin None: nothing to read."""
    command = [sys.executable, "-m", "authpip", "auth", *arguments]
    return subprocess.run(
        command,
        env=environ,
        input=stdin or "",
        capture_output=True,
        timeout=60,
        encoding="utf-8",
        start_new_session=True,
    )


def said(done: Done, status: int = 0) -> str:
    """The lines on stderr of a run that ended like this, each of them ours, and nothing of the secret."""
    assert done.returncode == status, done.stderr
    lines = done.stderr.splitlines()
    assert all(line.startswith("authpip: ") for line in lines), done.stderr
    assert SECRET not in done.stderr
    return "\n".join(line.removeprefix("authpip: ") for line in lines)


@pytest.fixture
def server(index_server: IndexServer) -> IndexServer:
    """A private index, an open one, and one that speaks Bearer."""
    index_server.add("/team/simple", username="alice", password=SECRET)
    index_server.add("/open/simple")
    index_server.add("/bearer/simple", token="t0ken")
    return index_server


@pytest.fixture
def environ(environment: Environ, server: IndexServer) -> Environ:
    """What `authpip auth` needs to trust the server; there is no keyring."""
    return {**environment, **server.environ}


@pytest.fixture
def keyring(environ: Environ) -> Iterator[SecretService]:
    """An unlocked GNOME Keyring."""
    with SecretService(environ) as running:
        yield running


def stored(environ: Environ) -> list[dict[str, str]]:
    """What `auth list --json` says."""
    found: list[dict[str, str]] = json.loads(auth(environ, "list", "--json").stdout)
    return found


def test_login_list_token_logout(keyring: SecretService, server: IndexServer) -> None:
    """The whole life of a login; the index is asked without the credential and with it; nothing is left."""
    environ, url = keyring.environ, server.url("/team/simple")
    done = auth(environ, "login", url, "--username", "alice", "--password-stdin", stdin=SECRET + "\n")
    assert said(done) == f"logged in to {url}/ as alice; the secret is in the OS keyring (SecretService)"
    assert done.stdout == ""
    assert [seen.authorization for seen in server.requests] == [None, basic("alice", SECRET)]
    (login,) = stored(environ)
    assert (login["url"], login["username"], login["backend"]) == (
        f"{url}/",
        "alice",
        "keyring.backends.SecretService.Keyring",
    )
    listed = auth(environ, "list")
    assert listed.stdout.split() == [f"{url}/", "alice", "basic", "SecretService", "-"]
    assert auth(environ, "token", url).stdout == SECRET + "\n"
    answer = json.loads(auth(environ, "token", url + "/deeper/", "--json").stdout)
    assert answer == {"username": "alice", "secret": SECRET, "scheme": "basic", "expires": None, "source": "keyring"}
    headers = json.loads(auth(environ, "helper", "get", stdin=json.dumps({"uri": f"{url}/thing/"})).stdout)
    assert headers == {"headers": {"Authorization": [basic("alice", SECRET)]}}
    assert said(auth(environ, "logout", url)) == f"logged alice out of {url}/"
    assert stored(environ) == []
    assert "auth login" in said(auth(environ, "token", url), 3)
    assert keyring.keyring("get", url, "alice").returncode == 1
    assert "there is no login" in said(auth(environ, "logout", url), 3)


def test_a_wrong_password_is_refused_and_not_stored(keyring: SecretService, server: IndexServer) -> None:
    """A 401 ends in exit status 3; neither list nor keyring has it, and an earlier login stays as it was."""
    url = server.url("/team/simple/")
    auth(keyring.environ, "login", url, "--username", "alice", "--password-stdin", stdin=SECRET)
    before = stored(keyring.environ)
    done = auth(keyring.environ, "login", url, "--username", "alice", "--password-stdin", stdin="wrong")
    assert said(done, 3) == f"{url} refused this login as alice: it answered 401; nothing was stored; try again"
    assert stored(keyring.environ) == before
    assert auth(keyring.environ, "token", url).stdout == SECRET + "\n"
    auth(keyring.environ, "login", url, "--username", "bob", "--password-stdin", stdin="wrong")
    assert keyring.keyring("get", url, "bob").returncode == 1


def test_locked_stalled_absent(keyring: SecretService, server: IndexServer, environ: Environ) -> None:
    """Issue 2: each ends within 6 s with a clear message that names the login, the cause and the remedy."""
    url = server.url("/team/simple/")
    auth(keyring.environ, "login", url, "--username", "alice", "--password-stdin", stdin=SECRET)
    keyring.lock()
    start = f"the stored login of alice for {url} cannot be used: the OS keyring (SecretService) "
    assert said(auth(keyring.environ, "token", url), 3) == start + "is locked; unlock it and try again"
    keyring.stall()
    began = time.monotonic()
    message = said(auth(keyring.environ, "token", url), 3)
    assert time.monotonic() - began < 6
    assert message == start + "did not answer within 5 s; unlock it or restart its daemon"
    environ = {name: value for name, value in keyring.environ.items() if name != "DBUS_SESSION_BUS_ADDRESS"}
    message = said(auth(environ, "token", url), 3)
    assert message.startswith(start + "is out of reach: DBUS_SESSION_BUS_ADDRESS is not set")
    assert message.count("cannot be used") == 1
    assert "--insecure-storage" in message
    assert "Error" not in message
    done = auth(environ, "login", url, "--username", "bob", "--password-stdin", stdin=SECRET)
    assert "is not there, or cannot be reached" in said(done, 3)


def test_a_vanished_secret_is_named(keyring: SecretService, server: IndexServer) -> None:
    """Somebody deleted the entry with another program: an error with the remedy, not another identity (P9)."""
    url = server.url("/team/simple/")
    auth(keyring.environ, "login", url, "--username", "alice", "--password-stdin", stdin=SECRET)
    for service in (url, url.rstrip("/")):
        keyring.keyring("del", service, "alice")
    message = said(auth(keyring.environ, "token", url), 3)
    assert message.endswith(f"it is no longer in the OS keyring (SecretService); type: authpip auth login {url}")


def test_a_renewed_login_leaves_nothing_of_the_old_one(keyring: SecretService, server: IndexServer) -> None:
    """From the keyring to a file: the keyring's entries go."""
    environ, url = keyring.environ, server.url("/team/simple/")
    auth(environ, "login", url, "--username", "alice", "--password-stdin", stdin=SECRET)
    auth(environ, "login", url, "--username", "alice", "--password-stdin", "--insecure-storage", stdin=SECRET)
    assert [login["storage"] for login in stored(environ)] == ["file"]
    assert keyring.keyring("get", url, "alice").returncode == 1
    assert auth(environ, "token", url).stdout == SECRET + "\n"


def test_insecure_storage(environ: Environ, server: IndexServer) -> None:
    """Without a keyring, and said so: a file of mode 0600, and a line that it is not encrypted."""
    url = server.url("/team/simple/")
    done = auth(environ, "login", url, "--username", "alice", "--password-stdin", stdin=SECRET)
    assert "--insecure-storage" in said(done, 3)
    arguments = ("login", url, "--username", "alice", "--password-stdin", "--insecure-storage")
    path = Path(environ["XDG_DATA_HOME"], "authpip", "secrets.json")
    assert said(auth(environ, *arguments, stdin=SECRET)).endswith(f"in {path}, not encrypted, readable by you alone")
    assert path.stat().st_mode & 0o777 == 0o600
    assert auth(environ, "token", url).stdout == SECRET + "\n"
    auth(environ, "logout", url)
    assert SECRET not in path.read_text()


def test_storage_by_configuration_and_by_one_file(environ: Environ, server: IndexServer, tmp_path: Path) -> None:
    """`storage = "file"` does the same; AUTHPIP_AUTH_FILE names the file, and no other store is looked at."""
    url = server.url("/team/simple/")
    config = Path(environ["XDG_CONFIG_HOME"], "authpip", "config.toml")
    config.parent.mkdir()
    config.write_text('storage = "file"\n')
    login = ("login", url, "--username", "alice", "--password-stdin")
    said(auth(environ, *login, stdin=SECRET))
    alone = {**environ, "AUTHPIP_AUTH_FILE": str(tmp_path / "auth.json")}
    assert "is not there" in said(auth(alone, "token", url), 3)
    said(auth(alone, *login, stdin=SECRET))
    auth(environ, "logout", url)
    assert auth(alone, "token", url).stdout == SECRET + "\n"
    assert auth(environ, "token", url).returncode == 3


@pytest.mark.parametrize("body", ["keyring.backends.null.Keyring", "PlaintextKeyring"])
def test_an_unsafe_keyring_is_refused(environ: Environ, server: IndexServer, body: str) -> None:
    """A22: picked silently by keyring, refused by name here; nothing is stored."""
    if "." in body:
        environ["PYTHON_KEYRING_BACKEND"] = body
    else:
        use_backend(environ, body, "return 'x'")
    done = auth(environ, "login", server.url("/team/simple/"), "--username", "alice", "--password-stdin", stdin=SECRET)
    assert "would keep the secret readable, or not at all" in said(done, 3)
    assert stored(environ) == []


USAGE = [
    (["http://index.example/simple/"], "plain http"),
    (["https://alice:hunter2@index.example/simple/"], "password in the URL"),
    (["https://index.example/../x"], "refused"),
    (["https://evil\\@index.example/"], "refused"),
    (["*.com"], "refused"),
    (["https://index.example/", "--password", "hunter2"], "no option --password"),
    (["https://index.example/", "--password=hunter2"], "no option --password"),
    (["https://index.example/", "hunter2"], "too many arguments"),
    (["https://bob@index.example/", "--username", "alice"], "another user"),
    (["https://index.example/", "--username", "a:b"], "user name is refused"),
    (["https://index.example/", "--username", "a\nb"], "user name is refused"),
    ([], "no index is named"),
]


@pytest.mark.parametrize(("arguments", "expected"), USAGE, ids=range(len(USAGE)))
def test_usage_errors(environ: Environ, arguments: list[str], expected: str) -> None:
    """Exit status 2, one line, and what looks like a secret is not repeated."""
    done = auth(environ, "login", "--insecure-storage", "--password-stdin", *arguments, stdin="s3cret")
    assert expected in said(done, 2)
    assert "hunter2" not in done.stderr
    assert "\n" not in done.stderr.strip()
    assert stored(environ) == []


@pytest.mark.parametrize("name", ["", "a:b", "a\tb"])
def test_an_odd_user_name_is_refused_before_the_keyring_is_looked_for(environ: Environ, name: str) -> None:
    """F20: --username says at once that it is refused; without this the missing keyring is reported in its place."""
    done = auth(environ, "login", "https://index.example/", "--username", name, "--password-stdin", stdin="s3cret")
    assert "this user name is refused" in said(done, 2)


@pytest.mark.parametrize("name", ["", "a:b"])
def test_an_odd_user_name_is_refused_before_a_password_is_typed(environ: Environ, name: str) -> None:
    """F20: whoever types an empty name or one with a colon is told so, and is not asked for a password."""
    arguments = ["-m", "authpip", "auth", "login", "https://index.example/", "--insecure-storage", "--no-verify"]
    with pexpect.spawn(sys.executable, arguments, env=environ, encoding="utf-8", timeout=20) as terminal:
        terminal.expect("User name for https://index.example/: ")
        terminal.sendline(name)
        terminal.expect(pexpect.EOF)
        assert "this user name is refused" in terminal.before
        assert "Password" not in terminal.before
    assert terminal.exitstatus == 2


def test_an_address_without_a_scheme(environ: Environ) -> None:
    """The form of a URL is shown, before a keyring is looked for."""
    done = auth(environ, "login", "index.example/simple/", "--username", "alice", "--password-stdin", stdin="s3cret")
    assert "it is not of the form https://HOST" in said(done, 2)


@pytest.mark.parametrize("secret", ["", "\n", "a\nb\n", "a\r", "a\x00b", "a\x85"])
def test_secrets_that_no_request_can_carry(environ: Environ, secret: str) -> None:
    """F20: empty, or with control characters in it (RFC 7617): refused before anything is stored or sent."""
    arguments = ("login", "https://index.example/", "--username", "a", "--password-stdin", "--insecure-storage")
    done = auth(environ, *arguments, "--no-verify", stdin=secret)
    assert "secret" in said(done, 2)
    assert stored(environ) == []


@pytest.mark.parametrize("secret", ["x", " leading and trailing ", ":@%+/=", "\u00e9\u4e2d\U0001f511", "s" * 8192])
@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_secrets_exact_to_the_byte(environ: Environ, secret: str, end: str) -> None:
    """F20: one final line end is not part of the secret; everything else is."""
    url = "https://index.example/simple/"
    arguments = ("login", url, "--username", "a", "--password-stdin", "--insecure-storage", "--no-verify")
    said(auth(environ, *arguments, stdin=secret + end))
    assert auth(environ, "token", url).stdout == secret + "\n"


def test_a_token_has_a_user_name_by_itself(environ: Environ, server: IndexServer) -> None:
    """--token-stdin: __token__, as PyPI and its like want it; --bearer: sent as Bearer, and proved so."""
    url = server.url("/bearer/simple/")
    said(auth(environ, "login", url, "--token-stdin", "--bearer", "--insecure-storage", stdin="t0ken\n"))
    assert server.requests[1].authorization == "Bearer t0ken"
    (login,) = stored(environ)
    assert (login["username"], login["scheme"]) == ("__token__", "bearer")
    answer = json.loads(auth(environ, "helper", "get", stdin=json.dumps({"uri": url})).stdout)
    assert answer == {"headers": {"Authorization": ["Bearer t0ken"]}}
    odd = auth(environ, "login", url, "--token-stdin", "--bearer", "--insecure-storage", stdin="t0 ken")
    assert "bearer token" in said(odd, 2)


def test_a_rule_fills_in_what_login_is_not_told(environ: Environ, server: IndexServer) -> None:
    """The user name and the scheme that config.toml has for the index; an earlier basic login follows the rule, too."""
    config = Path(environ["XDG_CONFIG_HOME"], "authpip", "config.toml")
    config.parent.mkdir()
    rule = '[[index]]\nname = "{}"\nurl = "{}"\n{}\n'
    team, bearer = server.url("/team/simple/"), server.url("/bearer/simple/")
    config.write_text(rule.format("a", team, 'username = "alice"') + rule.format("b", bearer, 'scheme = "bearer"'))
    said(auth(environ, "login", team, "--password-stdin", "--insecure-storage", stdin=SECRET))
    said(auth(environ, "login", bearer, "--token-stdin", "--insecure-storage", stdin="t0ken"))
    assert [(login["username"], login["scheme"]) for login in stored(environ)] == [
        ("alice", "basic"),
        ("__token__", "bearer"),
    ]


def test_an_open_index_is_pointed_out(environ: Environ, server: IndexServer) -> None:
    """An index that lets everybody in cannot prove a password; it is stored, and that is said."""
    url = server.url("/open/simple/")
    done = auth(environ, "login", url, "--username", "a", "--password-stdin", "--insecure-storage", stdin="x")
    assert "answers without a credential as well" in said(done)
    assert len(stored(environ)) == 1


def test_a_wildcard(environ: Environ) -> None:
    """*.corp.example serves every host below, over https; it is stored unproved, and that is said."""
    arguments = ("login", "*.corp.example", "--username", "a", "--password-stdin", "--insecure-storage")
    assert "not proved" in said(auth(environ, *arguments, stdin="x"))
    assert auth(environ, "token", "https://pypi.corp.example/simple/").stdout == "x\n"
    assert auth(environ, "token", "https://corp.example/simple/").returncode == 3
    said(auth(environ, "logout", "*.corp.example"))


def test_several_names(environ: Environ) -> None:
    """--name keeps several logins of one user apart; logout takes one of them, or all."""
    url = "https://upload.example/legacy/"
    base = ("login", url, "--token-stdin", "--insecure-storage", "--no-verify")
    for name in ("ci", "laptop"):
        said(auth(environ, *base, "--name", name, stdin=name))
    assert [login["name"] for login in stored(environ)] == ["ci", "laptop"]
    said(auth(environ, "logout", url, "--name", "ci"))
    assert auth(environ, "token", url).stdout == "laptop\n"


PYPI = "https://upload.pypi.org/legacy/"


def test_tokens_for_uploads(environ: Environ) -> None:
    """PyPI: what a token is for is read from it and said; several are kept, by project; nothing is asked."""
    upload = ("login", PYPI, "--token-stdin", "--insecure-storage")
    said_of_all = said(auth(environ, *upload, stdin=upload_token()))
    assert "it is for the whole account on pypi.org" in said_of_all
    assert "make one token for each project instead" in said_of_all
    ends = time.time() + 3600
    done = auth(environ, *upload, stdin=upload_token([1, ["My.Thing"]], [0, ends, 0]))
    assert "for my-thing on pypi.org; PyPI was not asked" in said(done)
    said(auth(environ, *upload, "--project", "Other_Thing", stdin=upload_token([2, ["id"]])))
    assert [(login["name"], bool(login["expires"])) for login in stored(environ)] == [
        (None, False),
        ("my-thing", True),
        ("other-thing", False),
    ]
    assert auth(environ, "token", PYPI).stdout == upload_token() + "\n"


@pytest.mark.parametrize(
    ("arguments", "token", "expected"),
    [
        ([PYPI], "hunter2", "not a PyPI API token"),
        ([PYPI], upload_token(location="test.pypi.org"), "auth login https://test.pypi.org/legacy/"),
        ([PYPI], upload_token(location="elsewhere"), "does not know it"),
        ([PYPI], upload_token([0, 1000000000, 0]), "has expired"),
        ([PYPI, "--project", "thing"], upload_token([1, ["other"]]), "not for thing"),
        ([PYPI, "--username", "alice"], upload_token(), "__token__"),
    ],
)
def test_tokens_that_cannot_serve(environ: Environ, arguments: list[str], token: str, expected: str) -> None:
    """A password, the other site's token, an expired one, another project's: refused, and nothing is stored."""
    done = auth(environ, "login", "--token-stdin", "--insecure-storage", *arguments, stdin=token)
    assert expected in said(done, 2)
    assert token not in done.stderr
    assert stored(environ) == []


@pytest.mark.parametrize(("built", "expected"), [("my_thing-1.0.tar.gz", 1), ("else-1.0-py3-none-any.whl", 0)])
def test_twine_gets_the_token_of_its_project(environ: Environ, tmp_path: Path, built: str, expected: int) -> None:
    """`auth exec -- twine upload dist/*` takes the login for the project in dist/, else the one for all."""
    tokens = [upload_token(), upload_token([1, ["my-thing"]])]
    for token in tokens:
        said(auth(environ, "login", PYPI, "--token-stdin", "--insecure-storage", stdin=token))
    twine = tmp_path / "bin" / "twine"
    twine.parent.mkdir()
    twine.write_text('#!/bin/sh\necho "$TWINE_USERNAME $TWINE_PASSWORD"\n')
    twine.chmod(0o755)
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / built).write_bytes(b"")
    command = [sys.executable, "-m", "authpip", "auth", "exec", "--", "twine", "upload", "dist/*"]
    path = f"{twine.parent}:{environ['PATH']}"
    done = subprocess.run(command, env={**environ, "PATH": path}, cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout == f"__token__ {tokens[expected]}\n", done.stderr


def test_plain_http_if_it_must_be(environ: Environ) -> None:
    """P2: --allow-http at login is what allows it, at that place and nowhere else."""
    url = "http://index.example/simple/"
    arguments = ("login", url, "--username", "a", "--password-stdin", "--insecure-storage", "--no-verify")
    assert "plain http" in said(auth(environ, *arguments, stdin="x"), 2)
    said(auth(environ, *arguments, "--allow-http", stdin="x"))
    assert auth(environ, "token", url).stdout == "x\n"
    assert auth(environ, "token", "http://index.example/other/").returncode == 3


QUESTIONS = [
    b"", b"{", b"[]", b"null", b'{"uri": 1}', b"{}", b'{"uri": "https://x/"} trailing', b"\xff", b"[" * 60_000,
    b'{"uri": "https://x/%0a"}', b'{"uri": "' + b"x" * 70_000 + b'"}',
]  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS, ids=range(len(QUESTIONS)))
def test_the_helper_is_strict(environ: Environ, question: bytes) -> None:
    """A01, A30: what is no question is one line and exit status 2, and nothing on stdout."""
    command = [sys.executable, "-m", "authpip", "auth", "helper", "get"]
    done = subprocess.run(command, env=environ, input=question, capture_output=True, timeout=30)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"authpip: ")
    assert done.stderr.count(b"\n") == 1


def test_the_helper_says_so_where_nothing_is_known(environ: Environ) -> None:
    """A URI that needs no credential has no headers (the protocol's own words)."""
    done = auth(environ, "helper", "get", stdin='{"uri": "https://unknown.example/x.whl", "more": 1}')
    assert json.loads(done.stdout) == {"headers": {}}
