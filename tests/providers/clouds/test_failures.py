"""gcloud, aws and az in every mood: the right token, or one clear message with its remedy (F09, F11-F13, A30)."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType

import pytest

from authpip.config.settings import Rule, Settings
from authpip.core.credential import Credential
from authpip.core.errors import CredentialError
from authpip.core.index import Index, parse_scope
from authpip.programs import run
from authpip.providers import aws, azure, google
from authpip.providers.base import Request
from authpip.storage import token_cache
from support.programs.fake_cli import GOOD, TOKEN, URLS, fake_cli

pytestmark = pytest.mark.real

PROVIDERS: dict[str, ModuleType] = {"gcloud": google, "aws": aws, "az": azure}
RECORDED = json.loads(Path(__file__).with_name("recorded_failures.json").read_text("utf-8"))
OPTIONS: dict[str, dict[str, str]] = {
    "gcloud": {"account": "dev@example.com", "impersonate-service-account": "builder@example.com"},
    "aws": {"profile": "build"},
    "az": {"tenant": "0a1b", "subscription": "nope"},
}


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one case mints is no answer to the next."""
    monkeypatch.setattr(token_cache, "_stores", lambda environ: iter(()))
    monkeypatch.setattr(token_cache, "_minted", {})
    monkeypatch.setattr(token_cache, "_failed", {})
    monkeypatch.setattr(run, "PATIENCE", 0.2)


@pytest.fixture
def environ(environment: dict[str, str], home: Path) -> Iterator[dict[str, str]]:
    """An environment in which the fake programs of `home / "bin"` come first."""
    return {**environment, "PATH": f"{home}/bin:/usr/bin:/bin"}


def ask(
    cli: str, environ: Mapping[str, str], *, seconds: float = 10, fresh: bool = False, **options: str
) -> Credential:
    """What the provider of this program answers for its usual URL."""
    provider = PROVIDERS[cli]
    rule = Rule("r", "test", provider=provider.NAME, options={provider.NAME: options}) if options else None
    index = Index(URLS[cli], parse_scope(URLS[cli]), "test")
    found = provider.find(Request(index, Settings(), environ, time.monotonic() + seconds, rule, fresh=fresh))
    assert found is not None, "the host is known"
    return found


def complaint_of(cli: str, environ: Mapping[str, str], **further: object) -> str:
    """The one line that a failure becomes: no control characters, no traceback, and a remedy."""
    started = time.monotonic()
    with pytest.raises(CredentialError) as caught:
        ask(cli, environ, **further)  # type: ignore[arg-type]
    assert time.monotonic() - started < 8
    line = str(caught.value)
    assert line.isprintable(), line
    assert caught.value.remedy, line
    assert line.startswith(f"{PROVIDERS[cli].NAME}: no token for {parse_scope(URLS[cli]).netloc}: "), line
    assert "Traceback" not in line
    assert 'File "' not in line
    assert TOKEN not in line
    assert caught.value.__cause__ is None
    return line


@pytest.mark.parametrize("cli", PROVIDERS)
def test_good(cli: str, environ: dict[str, str], home: Path) -> None:
    """The token, its expiry and its user name; the token shows nowhere."""
    fake_cli(home / "bin", cli, stdout=GOOD[cli], stderr="WARNING: a preview feature\n")
    found = ask(cli, environ)
    assert found.secret.expose() == TOKEN
    assert found.username == {"gcloud": "oauth2accesstoken", "aws": "aws", "az": "VssSessionToken"}[cli]
    assert found.expires == 4070908800
    assert TOKEN not in repr(found)


@pytest.mark.parametrize("case", RECORDED, ids=lambda case: f"{case['cli']} {case['case']}")
def test_recorded_failures(case: dict[str, str], environ: dict[str, str], home: Path) -> None:
    """F13: each failure in the program's own words becomes the cause and what to type next."""
    fake_cli(home / "bin", case["cli"], stderr=case["stderr"], status=int(case["status"]))
    line = complaint_of(case["cli"], environ, **OPTIONS[case["cli"]])
    assert case["why"] in line
    assert case["remedy"] in line


def wrapped(**changes: object) -> dict[str, str]:
    """What each program would print with these values changed: token, expiry."""
    token, expiry = changes.get("token", TOKEN), changes.get("expiry", 4070908800)
    return {
        "gcloud": json.dumps({"credential": {"access_token": token, "token_expiry": expiry}}),
        "aws": json.dumps({"authorizationToken": token, "expiration": expiry}),
        "az": json.dumps({"accessToken": token, "expires_on": expiry}),
    }


RUBBISH: dict[str, dict[str, str] | str | bytes] = {
    "nothing": b"",
    "blanks": b" \n\n",
    "text": "Please log in\n",
    "html": "<html><title>Sign in</title></html>",
    "a notice before": f"Updates are available!\n{GOOD['gcloud']}",
    "a notice after": f"{GOOD['aws']}\nUpdates are available!",
    "two documents": GOOD["az"] * 2,
    "byte-order mark": b"\xef\xbb\xbf" + GOOD["gcloud"].encode(),
    "UTF-16": GOOD["gcloud"].encode("utf-16"),
    "not UTF-8": b'{"credential": {"access_token": "\xff\xfe"}}',
    "NUL": b"\0",
    "NUL inside": GOOD["aws"].replace(TOKEN, TOKEN + "\0").encode(),
    "cut off": GOOD["gcloud"][:-4],
    "null": "null",
    "list": "[]",
    "string": f'"{TOKEN}"',
    "number": "42",
    "empty object": "{}",
    "NaN": wrapped(expiry=float("nan")),
    "deep": "[" * 60_000,
    "other keys": json.dumps({"token": TOKEN}),
    "token null": wrapped(token=None),
    "token empty": wrapped(token=""),
    "token number": wrapped(token=42),
    "token list": wrapped(token=[TOKEN]),
    "token with a line break": wrapped(token=TOKEN + "\nHost: evil"),
    "token with CR": wrapped(token=TOKEN + "\r"),
    "token with a space": wrapped(token=f"{TOKEN} {TOKEN}"),
    "token not ASCII": wrapped(token=TOKEN + "é"),
    "token of 20 KiB": wrapped(token="x" * 20480),
    "credential is text": json.dumps({"credential": TOKEN}),
    "expired": wrapped(expiry=1_000_000_000),
    "expired, in ISO": wrapped(expiry="2001-01-01T00:00:00Z"),
    "70 KiB": b" " * 70_000 + GOOD["gcloud"].encode(),
    "only stderr": b"",
}


@pytest.mark.parametrize("cli", PROVIDERS)
@pytest.mark.parametrize("case", RUBBISH)
def test_rubbish_on_stdout(cli: str, case: str, environ: dict[str, str], home: Path) -> None:
    """A30: whatever is printed with exit status 0 that is no good token is one clear error, and not shown."""
    given = RUBBISH[case]
    printed = given[cli] if isinstance(given, dict) else given
    fake_cli(home / "bin", cli, stdout=printed, stderr="odd\n" if case == "only stderr" else "")
    complaint_of(cli, environ)


@pytest.mark.parametrize("cli", PROVIDERS)
@pytest.mark.parametrize(
    ("before", "told"),
    {
        "hangs": ("sleep 600", "gave no answer"),
        "hangs, ignores SIGTERM": ("trap '' TERM; while :; do sleep 1; done", "gave no answer"),
        "hangs after the answer": ("cat >&1 </dev/null; exec 1>&1; (sleep 600) & sleep 600", "gave no answer"),
        "prints for ever": ("yes", "more than 64 KiB"),
        "is killed": ("kill -9 $$", "signal 9"),
        "crashes": ("kill -SEGV $$", "signal 11"),
        "asks on the terminal": ("exec 2>/dev/null; read answer </dev/tty || exit 7", "exit status 7"),
        "asks on stdin": ("read answer || exit 7", "exit status 7"),
        "fails in silence": ("exit 1", "exit status 1"),
        "fails with escapes": (r"printf '\033[31mred\033[0m\007\n' >&2; exit 1", "red"),
        "fails with 1 MB": ("yes noise | head -c 1000000 >&2; echo >&2; echo the end >&2; exit 1", "the end"),
        "fails with rubbish": ("head -c 5000 /dev/urandom >&2; exit 1", "exit status 1"),
        "fails with a token": (f"echo error: {TOKEN * 4} >&2; exit 1", "error: …"),
    }.values(),
    ids=lambda value: value[:24],
)
def test_bad_manners(cli: str, before: str, told: str, environ: dict[str, str], home: Path) -> None:
    """F11, F12, P11: it hangs, asks, floods, crashes: over within the deadline, and told."""
    fake_cli(home / "bin", cli, stdout=GOOD[cli], before=before)
    assert told in complaint_of(cli, environ, seconds=0.4 if "sleep" in before else 5)


@pytest.mark.parametrize("cli", PROVIDERS)
def test_a_grandchild_that_stays(cli: str, environ: dict[str, str], home: Path) -> None:
    """F12: a helper's helper that keeps the pipe open does not keep the token."""
    fake_cli(home / "bin", cli, stdout=GOOD[cli], before="sleep 2 &")
    assert ask(cli, environ, seconds=5).secret.expose() == TOKEN


@pytest.mark.parametrize("cli", PROVIDERS)
def test_missing(cli: str, environ: dict[str, str], home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F13, A18: missing, and present where it is not trusted, each with the remedy, at once."""
    environ["PATH"] = f"{home}/bin"
    assert f"{cli} was not found: it is in no directory of PATH; install it (https://" in complaint_of(cli, environ)
    fake_cli(home / "project", cli, stdout=GOOD[cli])
    monkeypatch.chdir(home / "project")
    environ["PATH"] = f"{home}/project"
    assert f"{home}/project/{cli} is not started because" in complaint_of(cli, environ)


@pytest.mark.parametrize("cli", PROVIDERS)
@pytest.mark.parametrize("content", ["", "#!/nonexistent\n", "\x7fELF"], ids=["empty", "no interpreter", "no program"])
def test_broken_program(cli: str, content: str, environ: dict[str, str], home: Path) -> None:
    """F13: a program that cannot be started is told from one that fails."""
    fake_cli(home / "bin", cli).write_text(content)
    assert "could not be started" in complaint_of(cli, environ)


@pytest.mark.parametrize(
    ("expiry", "seconds"),
    [
        (4070908800, 4070908800),
        (4070908800.5, 4070908800.5),
        ("4070908800", 4070908800),
        ("2099-01-01T00:00:00Z", 4070908800),
        ("2099-01-01T02:00:00+02:00", 4070908800),
        ("2099-01-01T00:00:00.000000+00:00", 4070908800),
        ("2099-01-01T00:00:00", None),
        ("2099-01-01 00:00:00.000000", None),
        (None, None),
        (True, None),
        ("soon", None),
        ("nan", None),
        (-1, None),
        (1e300, None),
        ([1], None),
    ],
)
@pytest.mark.parametrize("cli", PROVIDERS)
def test_expiry(cli: str, expiry: object, seconds: float | None, environ: dict[str, str], home: Path) -> None:
    """F09: an epoch or ISO 8601 with a zone; anything else, a naive local time above all, is not known."""
    fake_cli(home / "bin", cli, stdout=wrapped(expiry=expiry)[cli])
    assert ask(cli, environ).expires == seconds


@pytest.mark.parametrize(
    ("cli", "options", "expected"),
    [
        ("gcloud", {"account": "a@b"}, "config config-helper --min-expiry=15m --format=json(credential) --account=a@b"),
        ("gcloud", {"impersonate-service-account": "s@b"}, "--impersonate-service-account=s@b"),
        ("gcloud", {"source": "adc"}, "auth application-default print-access-token"),
        ("aws", {"profile": "build", "duration": "900"}, "--profile=build --duration-seconds=900"),
        ("aws", {"domain": "other", "region": "us-west-2"}, "--domain=other --domain-owner=123456789012"),
        ("az", {"tenant": "0a1b"}, "--tenant=0a1b"),
        ("az", {"subscription": "s"}, "--subscription=s"),
    ],
)
def test_settings(cli: str, options: dict[str, str], expected: str, environ: dict[str, str], home: Path) -> None:
    """The rule's settings reach the program, each joined to its option so that none can pose as another."""
    printed = TOKEN if options.get("source") == "adc" else GOOD[cli]
    fake_cli(home / "bin", cli, stdout=printed, before=f'echo "$*" > {home}/argv')
    assert ask(cli, environ, **options).secret.expose() == TOKEN
    assert expected in (home / "argv").read_text()


def test_an_assumed_role(environ: dict[str, str], home: Path) -> None:
    """`role`: aws assumes it with the profile, then asks for the token with the role's session alone."""
    session = {"AccessKeyId": "AKIAROLE", "SecretAccessKey": "s3cret", "SessionToken": "session"}
    (home / "session").write_text(json.dumps({"Credentials": session}))
    before = (
        f'echo "$* $AWS_ACCESS_KEY_ID $AWS_SESSION_TOKEN $AWS_PROFILE" >> {home}/argv\n'
        f"if [ $1 = sts ]; then cat {home}/session; exit; fi"
    )
    fake_cli(home / "bin", "aws", stdout=GOOD["aws"], before=before)
    found = ask("aws", {**environ, "AWS_PROFILE": "dev"}, role="arn:aws:iam::1:role/build")
    assert found.identity == "arn:aws:iam::1:role/build"
    first, second = (home / "argv").read_text().splitlines()
    assert first.startswith("sts assume-role --role-arn=arn:aws:iam::1:role/build")
    assert first.endswith("dev")
    assert second.startswith("codeartifact get-authorization-token")
    assert second.endswith("AKIAROLE session ")


def test_fresh_renews_gclouds_own_token(environ: dict[str, str], home: Path) -> None:
    """F10: after a 401 gcloud must not give again what it has kept itself."""
    fake_cli(home / "bin", "gcloud", stdout=GOOD["gcloud"], before=f'echo "$*" > {home}/argv')
    ask("gcloud", environ, fresh=True)
    assert "--force-auth-refresh" in (home / "argv").read_text()


@pytest.mark.parametrize(
    ("variables", "adc"),
    [
        ({"GOOGLE_APPLICATION_CREDENTIALS": "/key.json"}, True),
        ({"GOOGLE_APPLICATION_CREDENTIALS": "/key.json", "CLOUDSDK_CORE_ACCOUNT": "a@b"}, True),
        ({"GOOGLE_APPLICATION_CREDENTIALS": "/key.json", "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE": "/t"}, True),
        ({"CLOUDSDK_CORE_ACCOUNT": "a@b"}, False),
        ({}, False),
    ],
)
def test_which_google_login(variables: dict[str, str], adc: bool, environ: dict[str, str], home: Path) -> None:
    """GOOGLE_APPLICATION_CREDENTIALS goes before gcloud's account; nothing is tried in turn."""
    fake_cli(home / "bin", "gcloud", stdout=TOKEN if adc else GOOD["gcloud"], before=f'echo "$*" > {home}/argv')
    ask("gcloud", {**environ, **variables})
    assert ("application-default" in (home / "argv").read_text()) == adc
