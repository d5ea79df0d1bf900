"""The list of logins: what is on it, where it may be read from, and that it is whole whoever is killed."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from authpip.core.errors import CredentialError
from authpip.core.index import parse_scope
from authpip.files import private
from authpip.storage import logins
from authpip.storage.logins import Login

Environ = dict[str, str]
ALICE = Login("https://pypi.corp.example/team/simple/", "alice", services=("a", "b"), backend="x.Y", created=5.0)


def data(environment: Environ, name: str = "logins.json") -> Path:
    """A file in authpip's own data directory."""
    return Path(environment["XDG_DATA_HOME"], "authpip", name)


def mode(path: Path) -> int:
    """The permission bits."""
    return stat.S_IMODE(path.stat().st_mode)


def test_a_login_comes_back_as_it_was_put(environment: Environ) -> None:
    """Every field survives; nothing is there before, and nothing after it was removed."""
    assert logins.load(environment) == ()
    login = ALICE._replace(scheme="bearer", name="ci", expires=7.5, projects=("one", "two"))
    logins.add(environment, login)
    assert logins.load(environment) == (login,)
    logins.remove(environment, [login])
    assert logins.load(environment) == ()


def test_a_second_login_replaces_the_first(environment: Environ) -> None:
    """The same user at the same place has one login; another user or name has another."""
    logins.add(environment, ALICE)
    logins.add(environment, ALICE._replace(created=6.0))
    logins.add(environment, ALICE._replace(username="bob"))
    logins.add(environment, ALICE._replace(name="ci"))
    assert [(login.username, login.name, login.created) for login in logins.load(environment)] == [
        ("alice", "", 6.0),
        ("bob", "", 5.0),
        ("alice", "ci", 5.0),
    ]


@pytest.mark.posix
def test_files_are_the_users_alone(environment: Environ) -> None:
    """P10, A25: 0600 in a 0700 directory, whatever the umask; no secret in the list of logins."""
    before = os.umask(0)
    try:
        logins.add(environment, ALICE)
        logins.add(environment, ALICE._replace(username="bob", storage="file"), "hunter2")
    finally:
        os.umask(before)
    directory = data(environment).parent
    assert mode(directory) == 0o700
    assert {mode(path) for path in directory.iterdir()} == {0o600}
    assert "hunter2" not in data(environment).read_text()


@pytest.mark.posix
def test_a_file_login_moves_between_the_stores(environment: Environ) -> None:
    """A login is in one store only: the one that was chosen last."""
    logins.add(environment, ALICE._replace(storage="file"), "one")
    assert logins.read_secret(ALICE, environment).expose() == "one"
    logins.add(environment, ALICE)
    assert [login.storage for login in logins.load(environment)] == ["keyring"]
    assert "one" not in data(environment, "secrets.json").read_text()
    with pytest.raises(CredentialError, match="auth login"):
        logins.read_secret(ALICE, environment)


@pytest.mark.parametrize(
    ("url", "username", "expected"),
    [
        ("https://pypi.corp.example/team/simple/", None, "alice"),
        ("https://pypi.corp.example/team/simple/thing/", None, "alice"),
        ("https://PYPI.corp.example:443/team/%73imple", None, "alice"),
        ("https://pypi.corp.example/team/simple/deep/er", None, "deep"),
        ("https://pypi.corp.example/team/simple/deep/er", "alice", "alice"),
        ("https://pypi.corp.example/team/simple/", "bob", None),
        ("https://pypi.corp.example/team/simpleevil/", None, "wild"),
        ("https://other.corp.example/", None, "wild"),
        ("https://a.b.corp.example/", None, "deeper"),
        ("https://corp.example/", None, None),
        ("https://evilcorp.example/", None, None),
        ("http://pypi.corp.example/team/simple/", None, None),
        ("http://x.corp.example/", None, None),
        ("https://pypi.corp.example:8443/team/simple/", None, "port"),
        ("https://pypi.corp.example.evil.example/team/simple/", None, None),
        ("https://files.example/one", None, "newest"),
    ],
)
def test_the_best_login(url: str, username: str | None, expected: str | None) -> None:
    """P1, A04, A08: whole segments, longest first; exact before wildcard; the URL's own user name is respected."""
    stored = [
        Login("*.corp.example", "wild"),
        Login("*.b.corp.example", "deeper"),
        ALICE,
        Login("https://pypi.corp.example/team/simple/deep/", "deep"),
        Login("https://pypi.corp.example:8443/", "port"),
        Login("https://files.example/", "older", created=1),
        Login("https://files.example/", "newest", created=2),
        Login("https://files.example/", "named", name="ci", created=3),
    ]
    found = logins.best(stored, parse_scope(url), username)
    assert (found.username if found else None) == expected


def test_a_login_is_found_by_its_name() -> None:
    """Several logins of one user for one place are told apart by name; without one the unnamed is taken."""
    stored = [ALICE._replace(name=name) for name in ("ci", "", "laptop")]
    scope = parse_scope(ALICE.url)
    assert logins.best(stored, scope, None, "laptop") == stored[2]
    assert logins.best(stored, scope, None, "nobody") is None
    assert logins.best(stored, scope) == stored[1]


def test_a_login_for_one_project() -> None:
    """An upload takes the token for its project, else one for all; never one for another project."""
    scope = parse_scope("https://upload.pypi.org/legacy/")
    one, two = (Login(str(scope), "__token__", name=name, projects=(name,)) for name in ("one", "two"))
    every = Login(str(scope), "__token__")
    assert logins.best([one, two, every], scope, project="two") == two
    assert logins.best([one, two, every], scope, project="three") == every
    assert logins.best([one, two], scope, project="three") is None
    assert logins.best([one, two, every], scope) == every


DAMAGED = [
    b"",
    b"{",
    b"\xff\xfe",
    b"[]",
    b"null",
    b'{"version": 1}',
    b'{"version": 1, "logins": {}}',
    b'{"version": 1, "logins": [1]}',
    b'{"version": 1, "logins": [{}]}',
    b'{"version": 1, "logins": [{"url": 1, "username": "a"}]}',
    b'{"version": 1, "logins": [{"url": "https://x/../y", "username": "a"}]}',
    b'{"version": 1, "logins": [{"url": "*.com", "username": "a"}]}',
    b'{"version": 1, "logins": [{"url": "https://x/", "username": null}]}',
    b'{"version": 1, "logins": [{"url": "https://x/", "username": "a", "scheme": "digest"}]}',
    b'{"version": 1, "logins": [{"url": "https://x/", "username": "a", "services": [1]}]}',
    b'{"version": 1, "logins": [{"url": "https://x/", "username": "a", "services": 5}]}',
    b'{"version": 1, "logins": [{"url": "https://x/", "username": "a", "created": "2026-01-01"}]}',
    b'{"version": 1, "logins": [{"url": "https://x/", "username": "a", "expires": "2026-01-01"}]}',
    b"[" * 100_000,
]


@pytest.mark.parametrize("content", DAMAGED, ids=range(len(DAMAGED)))
@pytest.mark.posix
def test_a_damaged_list_is_an_error_with_a_remedy(environment: Environ, content: bytes) -> None:
    """Never a traceback, and never overwritten: logins could get lost."""
    path = data(environment)
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    path.chmod(0o600)
    for use in (lambda: logins.load(environment), lambda: logins.add(environment, ALICE)):
        with pytest.raises(CredentialError, match=r"damaged.*log in again"):
            use()
    assert path.read_bytes() == content


@pytest.mark.posix
def test_a_list_of_the_future_is_left_alone(environment: Environ) -> None:
    """A newer authpip's list is not guessed at."""
    path = data(environment)
    path.parent.mkdir(parents=True)
    path.write_text('{"version": 2, "logins": []}')
    path.chmod(0o600)
    with pytest.raises(CredentialError, match="upgrade authpip"):
        logins.load(environment)


@pytest.mark.posix
def test_unknown_fields_are_no_damage(environment: Environ) -> None:
    """A later 0.x may add a field; this one still reads the rest."""
    path = data(environment)
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"version": 1, "logins": [{"url": "https://x", "username": "a", "new": 1}], "more": 2}))
    path.chmod(0o600)
    assert logins.load(environment) == (Login("https://x/", "a"),)


@pytest.mark.posix
def test_a_link_or_open_file_is_refused(environment: Environ, tmp_path: Path) -> None:
    """A25: a symbolic link, a directory, a FIFO and a file that others may open are not read."""
    path = data(environment)
    path.parent.mkdir(parents=True)
    target = tmp_path / "elsewhere.json"
    target.write_text('{"version": 1, "logins": []}')
    target.chmod(0o600)
    path.symlink_to(target)
    with pytest.raises(CredentialError, match="symbolic link"):
        logins.load(environment)
    path.unlink()
    os.mkfifo(path, 0o600)
    with pytest.raises(CredentialError, match="regular file"):
        logins.load(environment)
    path.unlink()
    path.mkdir()
    with pytest.raises(CredentialError, match="cannot be used"):
        logins.load(environment)
    path.rmdir()
    path.write_bytes(target.read_bytes())
    path.chmod(0o640)
    with pytest.raises(CredentialError, match="chmod 600"):
        logins.load(environment)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="not run: only root can give a file away")
def test_a_file_of_another_user_is_refused(environment: Environ) -> None:
    """A25: another user's list does not decide where credentials go."""
    logins.add(environment, ALICE)
    os.chown(data(environment), 54321, -1)
    with pytest.raises(CredentialError, match=r"another user.*-H"):
        logins.load(environment)


@pytest.mark.posix
def test_a_link_in_the_way_of_writing_is_not_followed(environment: Environ, tmp_path: Path) -> None:
    """A25: what lies at the temporary file's or the lock's name is replaced or refused, never written through."""
    victim = tmp_path / "victim"
    victim.write_text("precious")
    path = data(environment)
    path.parent.mkdir(parents=True)
    Path(f"{path}.new").symlink_to(victim)
    logins.add(environment, ALICE)
    assert logins.load(environment) == (ALICE,)
    Path(f"{path}.lock").unlink()
    Path(f"{path}.lock").symlink_to(victim)
    with pytest.raises(CredentialError, match="cannot be written"):
        logins.add(environment, ALICE)
    assert victim.read_text() == "precious"


@pytest.mark.posix
def test_a_home_that_cannot_be_written(environment: Environ) -> None:
    """F08: no HOME to write to: reading finds nothing, writing is one error with its remedy."""
    environ = {**environment, "XDG_DATA_HOME": "/proc/nonexistent"}
    assert logins.load(environ) == ()
    with pytest.raises(CredentialError, match="XDG_DATA_HOME"):
        logins.add(environ, ALICE)


def test_a_full_disk_leaves_the_list_whole(environment: Environ, monkeypatch: pytest.MonkeyPatch) -> None:
    """F08: what could not be written in full replaces nothing and stays nowhere."""
    logins.add(environment, ALICE)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CredentialError, match="No space left"):
        logins.add(environment, ALICE._replace(username="bob"))
    assert logins.load(environment) == (ALICE,)
    assert not Path(f"{data(environment)}.new").exists()


@pytest.mark.posix
def test_the_lock_is_waited_for_and_then_named(environment: Environ, monkeypatch: pytest.MonkeyPatch) -> None:
    """F07: authpip waits for another writer, but not for ever."""
    monkeypatch.setattr(private, "LOCK_WAIT", 0.1)
    with private.locked(str(data(environment))), pytest.raises(CredentialError, match="another authpip"):
        logins.add(environment, ALICE)
    logins.add(environment, ALICE)


@pytest.mark.posix
def test_one_file_as_the_only_source(environment: Environ, tmp_path: Path) -> None:
    """AUTHPIP_AUTH_FILE replaces both stores; links to it are followed, as secrets are mounted into containers."""
    logins.add(environment, ALICE)
    real = tmp_path / "..data" / "auth.json"
    real.parent.mkdir()
    entry = {"url": "https://one.example/simple", "username": "ci", "secret": "s3cret"}
    real.write_text(json.dumps({"version": 1, "logins": [entry]}))
    real.chmod(0o600)
    named = tmp_path / "auth.json"
    named.symlink_to(real)
    environ = {**environment, "AUTHPIP_AUTH_FILE": str(named)}
    (login,) = logins.load(environ)
    assert (login.url, login.storage) == ("https://one.example/simple/", "file")
    assert logins.read_secret(login, environ).expose() == "s3cret"
    real.chmod(0o644)
    with pytest.raises(CredentialError, match="chmod"):
        logins.load(environ)


@pytest.mark.posix
def test_a_named_file_that_is_missing_is_an_error(environment: Environ, tmp_path: Path) -> None:
    """A mistyped AUTHPIP_AUTH_FILE must not look like "no logins"; a login into it makes it."""
    environ = {**environment, "AUTHPIP_AUTH_FILE": str(tmp_path / "new.json")}
    with pytest.raises(CredentialError, match="AUTHPIP_AUTH_FILE"):
        logins.load(environ)
    logins.add(environ, ALICE._replace(storage="file"), "x")
    assert [login.username for login in logins.load(environ)] == ["alice"]
    assert mode(tmp_path / "new.json") == 0o600


def test_pixis_file_as_the_only_source(environment: Environ, tmp_path: Path) -> None:
    """AUTHPIP_AUTH_FILE may be in pixi's form, which is read and never written."""
    path = tmp_path / "credentials.json"
    document = {
        "*.prefix.example": {"BearerToken": "t0ken"},
        "pypi.example": {"BasicHTTP": {"username": "alice", "password": "s3cret"}},
        "pypi.example/deep/er": {"BasicHTTP": {"username": "deep", "password": "x"}},
        "conda.example": {"CondaToken": "c"},
        "s3://bucket": {"S3Credentials": {"access_key_id": "a", "secret_access_key": "b"}},
    }
    path.write_text(json.dumps(document))
    path.chmod(0o600)
    environ = {**environment, "AUTHPIP_AUTH_FILE": str(path)}
    found = {login.url: (login.username, login.scheme) for login in logins.load(environ)}
    assert found == {
        "*.prefix.example": ("", "bearer"),
        "https://pypi.example/": ("alice", "basic"),
        "https://pypi.example/deep/er/": ("deep", "basic"),
    }
    for login in logins.load(environ):
        assert logins.read_secret(login, environ).expose() in {"t0ken", "s3cret", "x"}
    with pytest.raises(CredentialError, match="only reads"):
        logins.add(environ, ALICE._replace(storage="file"), "x")
    assert json.loads(path.read_text()) == document


@pytest.mark.parametrize("text", ['{"h": {"BasicHTTP": {}}}', '{"a b": {"BearerToken": "x"}}', '{"h": "text"}', "[1]"])
def test_a_damaged_file_of_pixis(environment: Environ, tmp_path: Path, text: str) -> None:
    """An error, not a traceback, and nothing of it is quoted."""
    path = tmp_path / "credentials.json"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(CredentialError, match="damaged"):
        logins.load({**environment, "AUTHPIP_AUTH_FILE": str(path)})
