"""The files of other tools: .netrc, .pypirc, pixi's credentials.json; what each answers, and what it refuses."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from authpip.config.settings import Rule, Settings
from authpip.core.credential import Credential
from authpip.core.errors import AuthpipError, CredentialError
from authpip.core.index import Index, parse_scope
from authpip.files.pypirc import parse
from authpip.providers import netrc, pypirc, rattler
from authpip.providers.base import Request

SECRET = "hunter2-%:@é"


def ask(url: str, environ: dict[str, str], *, user: str | None = None, options: dict | None = None) -> Request:
    scope = parse_scope(url)
    rule = Rule("corp", "config.toml:1", scope, options=options) if options else None
    index = Index(url, scope, "--index-url", user)
    return Request(index, Settings(), environ, time.monotonic() + 20, rule)


def write(path: Path, text: str, mode: int = 0o600) -> dict[str, str]:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return {"HOME": str(path.parent), "PATH": os.defpath}


def shown(credential: Credential | None) -> tuple[str, str, str] | None:
    return (credential.scheme, credential.username, credential.secret.expose()) if credential else None


NETRC = f"""
machine pypi.corp.example login alice password {SECRET}
machine other.example:8443
  login bob
  password ported
machine Mixed.example login carol password cased
machine empty.example login dave
default login eve password everywhere
"""


@pytest.mark.parametrize(
    ("url", "user", "expected"),
    [
        ("https://pypi.corp.example/simple", None, ("basic", "alice", SECRET)),
        ("https://PYPI.corp.example:8443/", None, ("basic", "alice", SECRET)),
        ("https://pypi.corp.example/", "alice", ("basic", "alice", SECRET)),
        ("https://pypi.corp.example/", "zoe", None),
        ("https://other.example:8443/", None, ("basic", "bob", "ported")),
        ("https://other.example/", None, None),
        ("https://mixed.example/", None, ("basic", "carol", "cased")),
        ("https://empty.example/", None, None),
        ("https://evil.pypi.corp.example/", None, None),
        ("https://public.example/", None, None),
    ],
)
def test_netrc(home: Path, url: str, user: str | None, expected: tuple[str, str, str] | None) -> None:
    """A .netrc entry serves its own host alone; P1: the `default` entry, which would go everywhere, is not used."""
    environ = write(home / ".netrc", NETRC)
    assert shown(netrc.find(ask(url, environ, user=user))) == expected


def test_netrc_places(home: Path) -> None:
    """NETRC names the only file, then ~/.netrc, then ~/_netrc; /dev/null and missing files are no files."""
    environ = write(home / "_netrc", "machine a.example login u password underscore\n")
    request = lambda environ: ask("https://a.example/", environ)  # noqa: E731
    assert shown(netrc.find(request(environ))) == ("basic", "u", "underscore")
    write(home / ".netrc", "machine a.example login u password dot\n")
    assert shown(netrc.find(request(environ))) == ("basic", "u", "dot")
    write(home / "named", "machine a.example login u password named\n")
    assert shown(netrc.find(request({**environ, "NETRC": str(home / "named")}))) == ("basic", "u", "named")
    for name in (os.devnull, str(home / "missing"), "named"):
        assert netrc.find(request({**environ, "NETRC": name})) is None
    by_rule = ask("https://a.example/", environ, options={"netrc": {"file": "~/named"}})
    assert shown(netrc.find(by_rule)) == ("basic", "u", "named")


@pytest.mark.posix
def test_a_netrc_that_others_can_read(home: Path) -> None:
    """It is refused with the chmod to type, and only where it has an entry for the index's host."""
    environ = write(home / ".netrc", "machine a.example login u password p\n", 0o644)
    assert netrc.find(ask("https://b.example/", environ)) is None
    with pytest.raises(CredentialError) as caught:
        netrc.find(ask("https://a.example/", environ))
    path = home / ".netrc"
    assert str(caught.value) == f"{path} is not used for a.example: other users can read it; type: chmod go-rwx {path}"


def test_a_broken_netrc(home: Path) -> None:
    """One that cannot be parsed stops only an index whose host it names, and quotes nothing of itself."""
    environ = write(home / ".netrc", f"machine a.example login u passwort {SECRET}\n")
    assert netrc.find(ask("https://b.example/", environ)) is None
    with pytest.raises(CredentialError) as caught:
        netrc.find(ask("https://a.example/", environ))
    assert "is not in the form of a .netrc" in str(caught.value)
    assert "hunter2" not in str(caught.value)


PYPIRC = f"""
[distutils]
index-servers = corp, host
[corp]
repository = https://pypi.corp.example/team/legacy/
username = alice
password = {SECRET}
[deeper]
repository: https://pypi.corp.example/team/sub/
username: bob
password: deep
[devpi]
repository = https://devpi.example/alice/dev/
password = token
[host]
repository = host.example
username = carol
password = anywhere
[trusted]
trusted-host = trusted.example:8443
username = dan
password = there
[odd]
repository = https://evil\\@good/
password = x
[pypi]
username = __token__
password = pypi-upload
[testpypi]
password = pypi-test
"""


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://pypi.corp.example/team/simple/", ("basic", "alice", SECRET)),
        ("https://pypi.corp.example/team/legacy/", ("basic", "alice", SECRET)),
        ("https://pypi.corp.example/team/sub/simple/", ("basic", "bob", "deep")),
        ("https://pypi.corp.example/teams/simple/", None),
        ("https://pypi.corp.example/", None),
        ("https://pypi.corp.example:8443/team/simple/", None),
        ("http://pypi.corp.example/team/simple/", None),
        ("https://devpi.example/alice/dev/+simple/", ("basic", "__token__", "token")),
        ("https://host.example/any/simple", ("basic", "carol", "anywhere")),
        ("https://trusted.example:8443/simple", ("basic", "dan", "there")),
        ("https://trusted.example/simple", None),
        ("https://upload.pypi.org/legacy/", ("basic", "__token__", "pypi-upload")),
        ("https://pypi.org/simple/", None),
        ("https://test.pypi.org/legacy/", ("basic", "__token__", "pypi-test")),
        ("https://test.pypi.org/simple/", None),
    ],
)
def test_pypirc(home: Path, url: str, expected: tuple[str, str, str] | None) -> None:
    """A section serves the server that its repository names, upload and download side alike; no other path (A26)."""
    environ = write(home / ".pypirc", PYPIRC)
    assert shown(pypirc.find(ask(url, environ))) == expected


def test_pypirc_places(home: Path) -> None:
    """PYPIRC_PATH names another file; a rule may name file and section."""
    environ = write(home / "elsewhere", PYPIRC)
    url = "https://pypi.corp.example/team/simple/"
    assert pypirc.find(ask(url, environ)) is None
    assert shown(pypirc.find(ask(url, {**environ, "PYPIRC_PATH": str(home / "elsewhere")}))) == (
        "basic",
        "alice",
        SECRET,
    )
    assert pypirc.find(ask(url, {**environ, "PYPIRC_PATH": "elsewhere"})) is None
    options = {"pypirc": {"file": "~/elsewhere", "section": "host"}}
    assert shown(pypirc.find(ask(url, environ, options=options))) == ("basic", "carol", "anywhere")


@pytest.mark.posix
def test_password_command(home: Path) -> None:
    """password-command is run without a shell and prints the password; one that needs a shell is not run."""
    text = "[a]\nrepository = https://a.example/\nusername = u\npassword-command = {}\n"
    for command, password in (("printf 's3cret\\n'", "s3cret"), ("/usr/bin/printf %s 'a|b $c'", "a|b $c")):
        environ = write(home / ".pypirc", text.format(command))
        assert shown(pypirc.find(ask("https://a.example/", environ))) == ("basic", "u", password)
    for command in ("cat x | head", "echo $(id)", "a; b", "a && b", "x > y", "`id`", "'open"):
        environ = write(home / ".pypirc", text.format(command))
        with pytest.raises(
            AuthpipError, match=r"password-command of \[a\] in .* is not one command: authpip runs no shell"
        ):
            pypirc.find(ask("https://a.example/", environ))


@pytest.mark.posix
def test_password_command_of_a_file_that_others_can_write(home: Path) -> None:
    """P6: no command is taken from a file that somebody else may have written; the canary does not run."""
    canary = home / "canary"
    text = f"[a]\nrepository = https://a.example/\npassword-command = touch {canary}\n"
    environ = write(home / ".pypirc", text, 0o620)
    with pytest.raises(CredentialError, match=r"is not run: other users can write .*; type: chmod go-w "):
        pypirc.find(ask("https://a.example/", environ))
    assert not canary.exists()
    assert pypirc.find(ask("https://b.example/", environ)) is None


def test_a_broken_pypirc(home: Path) -> None:
    """It is told by its line, and nothing of it is quoted."""
    environ = write(home / ".pypirc", "[a]\nhunter2 without a key\n")
    with pytest.raises(CredentialError, match=r"\.pypirc:?\d* cannot be read: it is not in the form") as caught:
        pypirc.find(ask("https://a.example/", environ))
    assert "hunter2" not in str(caught.value)
    (home / ".pypirc").write_bytes(b"\xff\xfe")
    with pytest.raises(CredentialError, match="it is not UTF-8 text"):
        pypirc.find(ask("https://a.example/", environ))


RATTLER = {
    "*.prefix.dev": {"BearerToken": "wild"},
    "*.repo.prefix.dev": {"BearerToken": "longer"},
    "exact.prefix.dev": {"BasicHTTP": {"username": "alice", "password": SECRET}},
    "conda.example": {"CondaToken": "conda"},
    "s3://bucket": {"S3Credentials": {"access_key_id": "a", "secret_access_key": "b"}},
    "odd.example": {"BasicHTTP": {"username": 1}},
    "odder.example": "text",
    "*": {"BearerToken": "everywhere"},
}


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("a.prefix.dev", ("bearer", "", "wild")),
        ("a.repo.prefix.dev", ("bearer", "", "longer")),
        ("exact.prefix.dev", ("basic", "alice", SECRET)),
        ("prefix.dev", None),
        ("evilprefix.dev", None),
        ("conda.example", None),
        ("bucket", None),
        ("odd.example", None),
        ("odder.example", None),
    ],
)
def test_rattler(home: Path, host: str, expected: tuple[str, str, str] | None) -> None:
    """pixi's file: an exact host before wildcards, the longest wildcard first; only Basic and Bearer count."""
    environ = write(home / ".rattler/credentials.json", json.dumps(RATTLER)) | {"HOME": str(home)}
    assert shown(rattler.find(ask(f"https://{host}/simple", environ))) == expected


@pytest.mark.posix
def test_rattler_file(home: Path) -> None:
    """RATTLER_AUTH_FILE names another file; one that others can read, or that is no JSON object, is refused."""
    path = home / "own.json"
    environ = write(path, json.dumps(RATTLER)) | {"RATTLER_AUTH_FILE": str(path)}
    url = "https://exact.prefix.dev/simple"
    assert rattler.find(ask(url, environ)) is not None
    assert rattler.find(ask(url, environ, user="zoe")) is None
    path.chmod(0o644)
    with pytest.raises(CredentialError, match="other users can read it; type: chmod go-rwx"):
        rattler.find(ask(url, environ))
    for text in ("[]", "{", '"x"'):
        write(path, text)
        with pytest.raises(CredentialError, match="it is not a JSON object"):
            rattler.find(ask(url, environ))
    write(path, "")
    assert rattler.find(ask(url, environ)) is None
    write(path, " " * (1 << 20) + "{}")
    with pytest.raises(CredentialError, match=r"cannot be read: it is larger than 1 MiB"):
        rattler.find(ask(url, environ))


TEXTS = st.text(
    st.sampled_from("machine login password default\n\t \"'#[]=:;{}\\\x00é*.ab") | st.characters(), max_size=80
)
WORDS = st.lists(
    st.sampled_from(
        ["machine", "a.example", "login", "password", "macdef", "default", "\n", '"', "#", "\\", "x", "[a]", "="]
    ),
    max_size=12,
).map(" ".join)
FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FUZZ
@given(text=TEXTS | WORDS)
@example("machine a.example macdef x")
@example("machine a.example login \x00")
def test_netrc_never_raises_anything_else(home: Path, text: str) -> None:
    """Whatever stands in a .netrc: a credential, None or an AuthpipError."""
    path = home / ".netrc"
    path.write_bytes(text.encode("utf-8", "replace"))
    path.chmod(0o600)
    with suppress(AuthpipError):
        netrc.find(ask("https://a.example/", {"HOME": str(home)}))


@FUZZ
@given(text=TEXTS | WORDS)
@example("[a]\nrepository = https://[::1/\n")
@example("[a]\na\n[a]\n[DEFAULT]\nrepository=//\n")
def test_pypirc_never_raises_anything_else(text: str) -> None:
    """Whatever stands in a .pypirc: sections or an AuthpipError."""
    with suppress(AuthpipError):
        for section in parse(text):
            section.serves(parse_scope("https://a.example/"))


JSON = st.recursive(
    st.none() | st.booleans() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["a.example", "*.example", "*", "BasicHTTP", "BearerToken", "username", "password"]), inner
        )
    ),
    max_leaves=8,
)


@FUZZ
@given(value=JSON.map(json.dumps) | TEXTS)
@example("[" * 100_000)
def test_rattler_never_raises_anything_else(home: Path, value: str) -> None:
    """Whatever stands in credentials.json: a credential, None or an AuthpipError."""
    path = home / "credentials.json"
    path.write_bytes(value.encode("utf-8", "replace"))
    path.chmod(0o600)
    with suppress(AuthpipError):
        rattler.find(ask("https://a.example/", {"HOME": str(home), "RATTLER_AUTH_FILE": str(path)}))
