"""Secrets in files: AUTHPIP_INDEX_<NAME>_PASSWORD_FILE, AUTHPIP_AUTH_FILE and .netrc, with the modes of containers."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from authpip.cli.env_file import with_env_file
from authpip.config.loading import load_settings, read_settings
from authpip.config.unread_variables import unread_variables
from authpip.core.errors import CredentialError
from authpip.core.index import Index, parse_scope
from authpip.files import mounts, netrc
from authpip.launcher.handoff import without_secrets
from authpip.providers import env
from authpip.providers import netrc as netrc_provider
from authpip.providers.base import Request
from authpip.storage import logins
from support.machine.mount_namespace import with_mounts
from support.machine.other_user import NOBODY
from support.programs.authpip_cli import Run, rule
from support.servers.index_server import IndexServer

pytestmark = pytest.mark.real

URL = "https://pypi.corp.example/team/simple/"
GROUP = 4321
LOADED = (mounts, netrc)  # before a thread becomes a user who may not read this Python
Environ = dict[str, str]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A directory that an ordinary user reaches, too."""
    for parent in (tmp_path, *tmp_path.parents):
        if str(parent).startswith("/tmp/"):
            parent.chmod(0o755)
    return tmp_path


def ask(environ: Environ) -> Request:
    environ = {"HOME": "/nonexistent", "XDG_CONFIG_DIRS": "/nonexistent", "AUTHPIP_INDEX_CORP_URL": URL, **environ}
    scope = parse_scope(URL)
    settings = load_settings(environ)
    return Request(Index(URL, scope, "-i"), settings, environ, time.monotonic() + 20, settings.rule_for(scope))


def pair(environ: Environ) -> tuple[str, str]:
    found = env.find(ask(environ))
    assert found is not None
    return found.username, found.secret.expose()


def secret(path: Path, text: str = "s3cret\n", mode: int = 0o600) -> Environ:
    path.write_bytes(text.encode())
    path.chmod(mode)
    return {"AUTHPIP_INDEX_CORP_PASSWORD_FILE": str(path)}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("s3cret", "s3cret"),
        ("s3cret\n", "s3cret"),
        ("s3cret\r\n", "s3cret"),
        ("s3cret\n\n", "s3cret\n"),
        (" s3\rcret ", " s3\rcret "),
        ("s3\ncret", "s3\ncret"),
        ("pä%:@\n", "pä%:@"),
    ],
)
def test_the_content_without_its_last_line_end(tmp_path: Path, text: str, value: str) -> None:
    """F20: the file's content is the password, exact to the character, but for one line end."""
    assert pair(secret(tmp_path / "pw", text)) == ("__token__", value)


def test_both_files(tmp_path: Path) -> None:
    """The user name may lie in a file, too, and neither variable reaches pip (P4)."""
    (tmp_path / "user").write_text("ci\n")
    environ = secret(tmp_path / "pw") | {"AUTHPIP_INDEX_CORP_USERNAME_FILE": str(tmp_path / "user")}
    (tmp_path / "user").chmod(0o600)
    assert pair(environ) == ("ci", "s3cret")
    assert without_secrets(environ, load_settings({"AUTHPIP_CONFIG": os.devnull})) == {}
    assert list(unread_variables(environ | {"AUTHPIP_INDEX_CORP_URL": URL}, ask(environ).settings)) == []


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        (
            {"AUTHPIP_INDEX_CORP_PASSWORD": "other"},
            "both AUTHPIP_INDEX_CORP_PASSWORD and AUTHPIP_INDEX_CORP_PASSWORD_FILE are set; unset one of the two",
        ),
        (
            {"AUTHPIP_INDEX_CORP_PASSWORD_FILE": "secrets/pw"},
            "AUTHPIP_INDEX_CORP_PASSWORD_FILE is relative to wherever pip is run; write its absolute path",
        ),
        (
            {"AUTHPIP_INDEX_CORP_PASSWORD_FILE": "/nonexistent/pw"},
            "AUTHPIP_INDEX_CORP_PASSWORD_FILE names a file that is not there: /nonexistent/pw; correct the variable",
        ),
        (
            {"AUTHPIP_INDEX_CORP_PASSWORD_FILE": ""},
            "AUTHPIP_INDEX_CORP_PASSWORD is not set; give it a value, name a file in AUTHPIP_INDEX_CORP_PASSWORD_FILE",
        ),
    ],
)
def test_each_message(tmp_path: Path, environ: Environ, message: str) -> None:
    """Each mistake is told with the variable, the file and what to do; no value is shown."""
    with pytest.raises(CredentialError) as caught:
        pair(secret(tmp_path / "pw") | environ)
    assert message in str(caught.value)
    assert "other" not in str(caught.value)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "\n", "\r\n"])
def test_an_empty_file_is_an_error(tmp_path: Path, text: str) -> None:
    """What an unset secret leaves behind is not a password."""
    with pytest.raises(CredentialError, match=r"pw is empty \(AUTHPIP_INDEX_CORP_PASSWORD_FILE\)"):
        pair(secret(tmp_path / "pw", text))


def test_a_misspelt_key_is_told() -> None:
    """`_PASSWORDFILE` is not read, and `config check` says which word was meant."""
    environ = {"AUTHPIP_INDEX_CORP_URL": URL, "AUTHPIP_INDEX_CORP_PASSWORDFILE": "/x", "HOME": "/nonexistent"}
    _, problems = read_settings(environ)
    assert "did you mean AUTHPIP_INDEX_CORP_PASSWORD_FILE?" in "".join(map(str, problems))


PLACES = {
    "read-only mount": ("{d}/place", "mount -o remount,ro {d}/place"),
    "file of its own": ("{d}/place", "touch {d}/one; mount --bind {d}/place/pw {d}/one"),
    "/run/secrets": ("/run/secrets", "true"),
    "tmpfs": ("{d}/place", "true"),
}


def placed(directory: Path, mode: int, place: str, group: int = 0) -> tuple[list[str], Path]:
    """(commands that put a secret of root's there, its path)."""
    where, last = (text.format(d=directory) for text in PLACES[place])
    commands = [
        f"mkdir -p {where}; mount -t tmpfs -o mode=755 none {where}",
        f"printf 's3cret\\n' > {where}/pw; chown 0:{group} {where}/pw; chmod {mode:o} {where}/pw",
        last,
    ]
    return commands, directory / "one" if place == "file of its own" else Path(where, "pw")


@pytest.mark.parametrize("uid", [0, NOBODY], ids=["root", "ordinary user"])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("mode", [0o444, 0o644, 0o440])
def test_secrets_of_containers_serve(directory: Path, mode: int, place: str, uid: int) -> None:
    """Docker's and Kubernetes' modes, for root and for an ordinary user whose group reads the secret: on a read-only
    mount, as a mount of its own, below /run/secrets, and on a tmpfs of its own."""
    commands, path = placed(directory, mode, place, GROUP)
    job: Callable[[], tuple[str, str]] = lambda: pair({"AUTHPIP_INDEX_CORP_PASSWORD_FILE": str(path)})  # noqa: E731
    assert with_mounts(job, commands, uid=uid, group=GROUP)[1] == "s3cret"


def test_a_secret_for_its_user_alone_on_a_read_only_mount(directory: Path) -> None:
    """0400 on a read-only mount serves."""
    commands, path = placed(directory, 0o400, "read-only mount")
    assert with_mounts(lambda: pair({"AUTHPIP_INDEX_CORP_PASSWORD_FILE": str(path)}), commands)[1] == "s3cret"


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("mode", [0o464, 0o446, 0o660])
def test_a_secret_that_others_write_is_refused(directory: Path, mode: int, place: str) -> None:
    """P6: wherever it lies, a file that its group or others may write is refused, with the chmod to type."""
    commands, path = placed(directory, mode, place, GROUP)
    with pytest.raises(CredentialError, match=r"other users can write .*; type: chmod go-w "):
        with_mounts(lambda: pair({"AUTHPIP_INDEX_CORP_PASSWORD_FILE": str(path)}), commands)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_file_of_the_users_that_others_read_is_refused(tmp_path: Path, mode: int) -> None:
    """A file on an ordinary, writable mount: its user can type the chmod."""
    with pytest.raises(CredentialError, match=r"other users can read it; type: chmod go-rwx .*pw"):
        pair(secret(tmp_path / "pw", mode=mode))


@pytest.mark.parametrize("what", ["home", "for everybody", "of the user's own"])
def test_mounts_that_are_no_place_of_secrets(directory: Path, what: str) -> None:
    """A home directory or a /tmp that is a mount, and a file of an ordinary user's own, are no mounted secrets."""
    options = "mode=1777" if what == "for everybody" else "mode=755"
    owner = NOBODY if what == "of the user's own" else 0
    place = directory / "place"
    commands = [
        f"mkdir -p {place}; mount -t tmpfs -o {options} none {place}",
        f"printf 's3cret' > {place}/pw; chown {owner} {place}/pw; chmod 644 {place}/pw",
    ]

    def job() -> None:
        before = os.environ["HOME"]
        os.environ["HOME"] = str(place) if what == "home" else before
        try:
            pair({"AUTHPIP_INDEX_CORP_PASSWORD_FILE": f"{place}/pw"})
        finally:
            os.environ["HOME"] = before

    with pytest.raises(CredentialError, match="other users can read it"):
        with_mounts(job, commands, uid=owner)


def kubernetes(directory: Path, content: str, *, read_only: bool) -> list[str]:
    """A volume of secrets as the kubelet writes it for a pod with fsGroup: a sticky tmpfs, ..data, links to it."""
    volume, data = f"{directory}/volume", f"{directory}/volume/..2026_11_25"
    return [
        f"mkdir {volume}; mount -t tmpfs -o mode=1777 none {volume}; chown 0:{GROUP} {volume}; chmod 3777 {volume}",
        f"mkdir {data}; chown 0:{GROUP} {data}; chmod 2755 {data}",
        f"printf '%s' '{content}' > {data}/entry; chown 0:{GROUP} {data}/entry; chmod 440 {data}/entry",
        f"ln -s ..2026_11_25 {volume}/..data; ln -s ..data/entry {volume}/entry",
        f"mount -o remount,ro {volume}" if read_only else "true",
    ]


@pytest.mark.parametrize("read_only", [True, False])
def test_kubernetes_with_fs_group(directory: Path, read_only: bool) -> None:
    """A pod that does not run as root: 0440, root:fsGroup, behind two links."""
    commands = kubernetes(directory, "s3cret", read_only=read_only)
    environ = {"AUTHPIP_INDEX_CORP_PASSWORD_FILE": f"{directory}/volume/entry"}
    assert with_mounts(lambda: pair(environ), commands, uid=NOBODY, group=GROUP)[1] == "s3cret"


FORMS = {
    "authpip": json.dumps({"version": 1, "logins": [{"url": URL, "username": "ci", "secret": "s3cret"}]}),
    "pixi": json.dumps({"pypi.corp.example": {"BasicHTTP": {"username": "ci", "password": "s3cret"}}}),
    "netrc": "# made by CI\nmachine pypi.corp.example login ci password s3cret\ndefault login x password y\n",
}


def login_of(environ: Environ) -> tuple[str, str, str]:
    [login] = logins.load(environ)
    return login.url, login.username, logins.read_secret(login, environ).expose()


@pytest.mark.parametrize("form", FORMS)
def test_a_mounted_file_of_logins(directory: Path, form: str) -> None:
    """AUTHPIP_AUTH_FILE in each of its forms follows the same rule: a Kubernetes secret of 0440 serves."""
    commands = kubernetes(directory, FORMS[form], read_only=True)
    environ = {"AUTHPIP_AUTH_FILE": f"{directory}/volume/entry"}
    url, *rest = with_mounts(lambda: login_of(environ), commands, uid=NOBODY, group=GROUP)
    assert URL.startswith(url)
    assert rest == ["ci", "s3cret"]


@pytest.mark.parametrize("form", FORMS)
def test_a_file_of_logins_of_the_users_own(tmp_path: Path, form: str) -> None:
    """The same file in a writable directory: 0600 serves, 0644 and 0620 are refused with the chmod to type."""
    path = tmp_path / "auth"
    path.write_text(FORMS[form])
    environ = {"AUTHPIP_AUTH_FILE": str(path)}
    path.chmod(0o600)
    assert login_of(environ)[1:] == ("ci", "s3cret")
    for mode, words in ((0o644, "read it; type: chmod go-rwx"), (0o620, "write .*; type: chmod go-w")):
        path.chmod(mode)
        with pytest.raises(CredentialError, match=f"other users can {words}"):
            logins.load(environ)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("machine a.example\nlogn x", "line 2 is neither JSON nor .netrc; correct it"),
        ("not a file of logins", "line 1 is neither JSON nor .netrc"),
        ("{'url': 1}", "it is damaged"),
        ("", "it is damaged"),
    ],
)
def test_a_file_of_logins_in_no_form(tmp_path: Path, text: str, message: str) -> None:
    """The file and the line are named, and nothing of it is quoted."""
    path = tmp_path / "auth"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(CredentialError) as caught:
        logins.load({"AUTHPIP_AUTH_FILE": str(path)})
    assert f"{path} cannot be used: {message}" in str(caught.value)


def test_a_netrc_is_not_written(tmp_path: Path) -> None:
    """A login into a file that another tool keeps is refused, and the file stays as it is."""
    path = tmp_path / "auth"
    path.write_text(FORMS["netrc"])
    path.chmod(0o600)
    with pytest.raises(CredentialError, match=r"it is in the form of a .netrc, which authpip only reads"):
        logins.add({"AUTHPIP_AUTH_FILE": str(path)}, logins.Login(URL, "alice", storage="file"), "x")
    assert path.read_text() == FORMS["netrc"]


@pytest.mark.parametrize("mounted", [False, True])
def test_a_netrc_that_others_read(directory: Path, mounted: bool) -> None:
    """~/.netrc with 0644 is refused as ever; mounted read-only, where nobody can change that, it serves."""
    (directory / ".netrc").write_text(FORMS["netrc"])
    (directory / ".netrc").chmod(0o644)
    commands = [f"mount --bind {directory} {directory}", f"mount -o remount,bind,ro {directory}"] if mounted else []

    def found() -> str:
        credential = netrc_provider.find(ask({"HOME": str(directory)}))
        return credential.secret.expose() if credential else ""

    if mounted:
        assert with_mounts(found, commands) == "s3cret"
    else:
        with pytest.raises(CredentialError, match="other users can read it"):
            found()


def test_pip_installs_with_it(
    index_server: IndexServer, wheel: Callable[..., Path], download: Run, tmp_path: Path
) -> None:
    """The real pip downloads with the password of the file, and no request is refused."""
    index_server.add("/team/simple", [wheel("corp-thing")], username="ci", password="s3cret")
    environ = rule(index_server.url("/team/simple/"), "ci") | secret(tmp_path / "pw")
    done = download("--index-url", index_server.url("/team/simple/"), "corp-thing", **environ)
    assert done.returncode == 0, done.stderr
    assert set(index_server.statuses()) == {200}


def test_a_file_of_a_project_names_no_secret(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """P6: `auth exec --env-file` takes no `_FILE` of a rule from a project, which could name any file to be sent."""
    (tmp_path / ".env").write_text("AUTHPIP_INDEX_CORP_PASSWORD_FILE=/etc/shadow\nOTHER=1\n")
    found = with_env_file(str(tmp_path / ".env"), {}, ())
    assert "OTHER" in found
    assert "AUTHPIP_INDEX_CORP_PASSWORD_FILE" not in found
    assert "AUTHPIP_INDEX_CORP_PASSWORD_FILE not used" in capsys.readouterr().err
