"""`auth import`: what other tools' files hold becomes logins; the files change only with --remove."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from authpip.cli import import_files
from authpip.config.loading import load_settings
from support.programs.keyrings import SecretService

pytestmark = pytest.mark.real

NETRC = """# mine
machine a.example login alice password hunter2
machine b.example
  login bob
  password b-secret

machine github.com login alice password gh-secret

default login x password y
"""
PYPIRC = """[distutils]
index-servers = corp
[corp]
repository = https://pypi.corp.example/team/legacy/
password = p-secret
username = carol
[cmd]
repository = https://cmd.example/
password-command = show
"""
PIP = """[global]
index-url = https://dave:pip%40secret@pip.example/simple/
extra-index-url =
    https://open.example/simple
    http://eve:plain@plain.example/simple
"""
RATTLER = {
    "*.prefix.example": {"BearerToken": "wild"},
    "c.example": {"CondaToken": "no"},
    "*.com": {"BearerToken": "too wide"},
}


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o640)


@pytest.fixture
def files(home: Path) -> dict[str, Path]:
    """One file of each kind, as people have them."""
    texts = {
        ".netrc": NETRC,
        ".pypirc": PYPIRC,
        ".config/pip/pip.conf": PIP,
        ".rattler/credentials.json": json.dumps(RATTLER),
    }
    for name, text in texts.items():
        write(home / name, text)
    return {name: home / name for name in texts}


HOSTS = ("a.example", "b.example", "*.prefix.example")


def take(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """`auth import` of these hosts, too, without a question."""
    return auth(environment, "import", "--yes", "--insecure-storage", *words, *HOSTS)


def auth(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in environment.items() if name not in {"NETRC", "PIP_CONFIG_FILE"}}
    command = [sys.executable, "-m", "authpip", "auth", *words]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False, start_new_session=True)


OUTCOMES = {
    "https://a.example/ as alice": "stored",
    "https://b.example/ as bob": "stored",
    "https://github.com/ as alice": "left there: no pip configuration, rule or .pypirc names this host; "
    "to store it anyway, type: authpip auth import github.com",
    "https://pypi.corp.example/team/ as carol": "stored",
    "*.prefix.example as bearer": "stored",
    "*.com as bearer": "left there: it is too wide: at least two labels must follow the *",
    "https://pip.example/simple/ as dave": "stored",
    "http://plain.example/simple/ as eve": "left there: it is plain http",
}


def outcomes(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if ", from " in line]
    return {line.split(", from ")[0]: line.split(": ", 1)[1] for line in lines}


def test_import(environment: dict[str, str], home: Path, files: dict[str, Path]) -> None:
    """Each secret becomes a login once; no secret is shown; no file changes."""
    before = {path: path.read_text() for path in files.values()}
    dry = take(environment, "--dry-run")
    assert outcomes(dry) == {target: what.replace("stored", "would be stored") for target, what in OUTCOMES.items()}
    assert auth(environment, "list").stdout.count("example") == 0
    done = take(environment)
    assert outcomes(done) == OUTCOMES
    again = take(environment)
    assert outcomes(again) == {target: what.replace("stored", "stored already") for target, what in OUTCOMES.items()}
    assert not [
        secret
        for secret in ("hunter2", "b-secret", "p-secret", "wild\n", "pip@secret")
        if secret in done.stdout + done.stderr
    ]
    assert {path: path.read_text() for path in files.values()} == before
    for path in files.values():
        path.unlink()
    for url, header in (
        ("https://a.example/simple/", "Basic YWxpY2U6aHVudGVyMg=="),
        ("https://x.prefix.example/", "Bearer wild"),
        ("https://pip.example/simple/", "Basic ZGF2ZTpwaXBAc2VjcmV0"),
    ):
        environ = {**environment, "PIP_CONFIG_FILE": "/dev/null"}
        command = [sys.executable, "-m", "authpip", "auth", "helper", "get"]
        got = subprocess.run(
            command, env=environ, input=json.dumps({"uri": url}), capture_output=True, text=True, check=False
        )
        assert json.loads(got.stdout)["headers"]["Authorization"] == [header]


def test_remove(environment: dict[str, str], home: Path, files: dict[str, Path]) -> None:
    """--remove takes out what is stored and nothing else; the file as it was stands beside it, for its owner alone."""
    before = {path: path.read_text() for path in files.values()}
    take(environment)
    assert take(environment, "--remove").returncode == 0
    assert files[".netrc"].read_text() == (
        "# mine\n\nmachine github.com login alice password gh-secret\n\ndefault login x password y\n"
    )
    assert files[".pypirc"].read_text() == PYPIRC.replace("password = p-secret\n", "")
    assert files[".config/pip/pip.conf"].read_text() == PIP.replace("dave:pip%40secret@", "dave@")
    kept = json.loads(files[".rattler/credentials.json"].read_text())
    assert kept == {name: RATTLER[name] for name in ("c.example", "*.com")}
    for path, text in before.items():
        backup = path.with_name(path.name + ".authpip-backup")
        assert backup.read_text() == text
        assert stat.S_IMODE(backup.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
    write(files[".netrc"], NETRC)
    refused = take(environment, "netrc", "--remove")
    assert refused.returncode == 2
    assert "nothing was removed" in refused.stderr
    assert files[".netrc"].read_text() == NETRC


def test_another_secret_is_not_lost(environment: dict[str, str], home: Path, files: dict[str, Path]) -> None:
    """Where a login with another secret is stored, the file's one is neither taken nor removed."""
    take(environment, "netrc")
    write(files[".netrc"], NETRC.replace("hunter2", "newer"))
    done = take(environment, "netrc", "--remove")
    assert (
        outcomes(done)["https://a.example/ as alice"] == "left there: another secret is stored for https://a.example/"
    )
    assert "newer" in files[".netrc"].read_text()
    assert "b-secret" not in files[".netrc"].read_text()


def test_into_a_real_keyring(environment: dict[str, str], files: dict[str, Path]) -> None:
    """Without --insecure-storage the secrets are in the OS keyring, under names that pip finds as well."""
    with SecretService(environment) as service:
        taken = ("import", "--yes", "a.example")
        assert outcomes(auth(service.environ, *taken, "netrc", "pip"))["https://a.example/ as alice"] == "stored"
        assert service.keyring("get", "https://pip.example/simple/", "dave").stdout.strip() == "pip@secret"
        assert outcomes(auth(service.environ, *taken, "netrc"))["https://a.example/ as alice"] == "stored already"


def test_broken_files_and_none(environment: dict[str, str], home: Path) -> None:
    """A file that cannot be read is named and not quoted; no file at all is said so; an odd word is a usage error."""
    assert auth(environment, "import").stdout == "there is no secret in any of these files\n"
    assert auth(environment, "import", "keychain").returncode == 2
    for name, text in (
        (".netrc", "machine a login hunter2 passwort"),
        (".pypirc", "[a]\nhunter2"),
        (".rattler/credentials.json", "["),
    ):
        write(home / name, text)
        done = auth(environment, "import")
        assert (done.returncode, "cannot be read" in done.stderr, "hunter2" in done.stderr) == (3, True, False)
        (home / name).unlink()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("machine a login x password y", ""),
        ("machine a login x password y machine b login z password w", "machine b login z password w"),
        ('machine "a"\n\tlogin x\n\tpassword "y z"\n# note\nmachine b password q\n', "# note\nmachine b password q\n"),
        ("machine b login a password a\nmachine a password q\n", "machine b login a password a\n"),
        ("machine a login x password y\nmachine a login z password w\n", ""),
        ("default login a password b\nmachine a password q", "default login a password b\n"),
        ("# x\r\nmachine a login x password y\r\nmachine b password q\r\n", "# x\r\nmachine b password q\r\n"),
        (
            "machine b\n  password q\n  machine a password p\nmacdef m\n x\n\n",
            "machine b\n  password q\nmacdef m\n x\n\n",
        ),
        ("machine a password p # mine\nmachine b password q", "# mine\nmachine b password q"),
    ],
)
def test_without_machine(text: str, left: str) -> None:
    """Exactly the entries of one host are taken out of a .netrc."""
    assert import_files.without_machine(text, "a") == left


KEYRINGRC = """[backend]
default-keyring = x
[codeartifact]
profile_name = everywhere
[codeartifact domain="corp" account="123456789012" region="eu-west-1"]
profile_name = build
token_duration = 1800
[codeartifact domain="corp" account="123456789012" region="eu-west-1" name="other"]
profile_name = second
[codeartifact domain="keys" account="123456789012" region="eu-west-1"]
aws_access_key_id = AKIA
aws_secret_access_key = s3cret
"""


def test_keyringrc_becomes_rules(home: Path, environment: dict[str, str]) -> None:
    """What keyrings.codeartifact was told: the profile of a domain, once; keys and what names no domain stay there."""
    write(home / ".config/python_keyring/keyringrc.cfg", KEYRINGRC)
    config = home / ".config/authpip/config.toml"
    dry = auth(environment, "import", "keyringrc", "--dry-run")
    assert dry.stdout.count("would become a rule") == 2
    assert not config.exists()
    done = auth(environment, "import", "--yes", "keyringrc")
    assert done.returncode == 0, done.stderr
    assert "s3cret" not in done.stdout + config.read_text()
    assert done.stdout.count("left there: it names no domain") == done.stdout.count("left there: it holds keys") == 1
    rules = load_settings({"AUTHPIP_CONFIG": str(config)}).rules
    host = "https://corp-123456789012.d.codeartifact.eu-west-1.amazonaws.com/"
    assert [str(rule.scope) for rule in rules] == [host, f"{host}pypi/other/"]
    assert rules[0].options == {"aws": {"profile": "build", "duration": "1800"}}
    again = config.read_text()
    assert auth(environment, "import", "keyringrc").stdout.count("there is a rule already") == 2
    assert config.read_text() == again


def test_the_netrc_of_git_is_left_alone(environment: dict[str, str], home: Path) -> None:
    """trial B3: of a .netrc that git, curl and heroku use, only the host that a rule names is taken, and only with
    --yes where there is no terminal; all else stays byte for byte, as does the mode."""
    kept = b"# git\r\nmachine github.com login a password g \r\n\tmachine api.heroku.com password h\r\n"
    kept += b"macdef up\r\n x\r\n\r\n"
    netrc = home / ".netrc"
    netrc.write_bytes(b"machine pypi.corp.example login alice password hunter2\r\n" + kept)
    netrc.chmod(0o400)
    environment["AUTHPIP_INDEX_CORP_URL"] = "https://pypi.corp.example/team/simple/"
    before = netrc.read_bytes()
    asked = auth(environment, "import", "--remove", "--insecure-storage")
    assert asked.returncode == 2
    assert "add --yes to do what the list says" in asked.stderr
    assert "https://pypi.corp.example/ as alice" in asked.stdout
    assert (netrc.read_bytes(), json.loads(auth(environment, "list", "--json").stdout)) == (before, [])
    done = auth(environment, "import", "--remove", "--insecure-storage", "--yes", "--json")
    assert done.returncode == 0, done.stderr
    entries = json.loads(done.stdout)["entries"]
    assert [(entry["target"], entry["outcome"].partition(":")[0]) for entry in entries] == [
        ("https://pypi.corp.example/", "stored"),
        ("https://github.com/", "left there"),
        ("https://api.heroku.com/", "left there"),
    ]
    assert (netrc.read_bytes(), stat.S_IMODE(netrc.stat().st_mode)) == (kept, 0o400)
    assert netrc.with_name(".netrc.authpip-backup").read_bytes() == before


@pytest.mark.parametrize(("answer", "status"), [("n", 2), ("", 2), ("y", 0)])
def test_import_asks(environment: dict[str, str], home: Path, answer: str, status: int) -> None:
    """trial B3: on a terminal the list is shown, then a question whose default is no."""
    write(home / ".netrc", NETRC)
    command = ["-m", "authpip", "auth", "import", "--insecure-storage", "github.com"]
    environ = {name: value for name, value in environment.items() if name != "NETRC"}
    with pexpect.spawn(sys.executable, command, env=environ, encoding="utf-8", dimensions=(24, 400)) as terminal:
        terminal.expect_exact("https://github.com/ as alice, from")
        terminal.expect_exact("Store this login? [y/N] ")
        terminal.sendline(answer)
        terminal.expect(pexpect.EOF)
        assert ("https://github.com/ as alice" in terminal.before) is (answer == "y")
        assert "a.example" not in terminal.before
    assert terminal.exitstatus == status
    assert len(json.loads(auth(environment, "list", "--json").stdout)) == (answer == "y")
