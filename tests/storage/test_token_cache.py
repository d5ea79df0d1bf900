"""Minted tokens: shared, kept as long as they are good, never another account's, never minted twice at once."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from authpip.core.credential import Secret
from authpip.core.errors import CredentialError
from authpip.storage import kernel_keyring, single_flight, token_cache
from authpip.storage.token_cache import CachedToken, Token, TokenRequest, clear, kept, obtain

HOUR = 3600.0
WANTED = TokenRequest("google", "someone", "scope", "gcloud", HOUR, "someone@example.com")


class Shelf:
    """A store in this process's memory."""

    def __init__(self) -> None:
        self.content: dict[str, bytes] = {}

    def read(self, name: str) -> bytes | None:
        return self.content.get(name)

    def write(self, name: str, content: bytes, seconds: float) -> bool:
        self.content[name] = content
        return True

    def forget(self, name: str) -> None:
        self.content.pop(name, None)

    def names(self) -> list[str]:
        return list(self.content)


class Mint:
    """Makes token-1, token-2, …; remembers how many, and how many at once."""

    def __init__(self, expires_in: float | None = HOUR, seconds: float = 0.0) -> None:
        self.calls = self.at_once = self.most_at_once = 0
        self.expires_in, self.seconds = expires_in, seconds
        self.error: CredentialError | None = None

    def __call__(self) -> Token:
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        self.calls += 1
        number = self.calls
        time.sleep(self.seconds)
        self.at_once -= 1
        if self.error:
            raise self.error
        expires = None if self.expires_in is None else time.time() + self.expires_in
        return Token(Secret(f"token-{number}"), expires)


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """The only store; nothing minted before."""
    shelf = Shelf()
    monkeypatch.setattr(token_cache, "_stores", lambda environ: iter([("shelf", shelf)]))
    return shelf


@pytest.fixture
def new_run(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Forget what this process knows, as a new one would."""

    def forget() -> None:
        monkeypatch.setattr(token_cache, "_minted", {})
        monkeypatch.setattr(token_cache, "_failed", {})
        monkeypatch.setattr(single_flight, "_warned", set())

    forget()
    return forget


def get(mint: Mint, environ: dict[str, str], wanted: TokenRequest = WANTED, **further: bool) -> str:
    return obtain(wanted, mint, environ=environ, deadline=time.monotonic() + 20, **further).secret.expose()


def test_kept_for_the_next_run(shelf: Shelf, new_run: Callable[[], None], environment: dict[str, str]) -> None:
    """The second run finds the first one's token."""
    mint = Mint()
    for _ in range(3):
        assert get(mint, environment) == "token-1"
        new_run()
    [entry] = kept(environment)
    assert entry == CachedToken(WANTED.name, "shelf", WANTED.label, entry.until)
    assert HOUR - 310 < entry.until - time.time() <= HOUR - 300
    assert clear(environment) == 1
    assert get(mint, environment) == "token-2"


@pytest.mark.parametrize(
    ("expires_in", "max_seconds", "seconds"),
    [
        (HOUR, HOUR, HOUR - 300),
        (12 * HOUR, HOUR, HOUR),
        (1e9, 12 * HOUR, 12 * HOUR),
        (None, HOUR, 600),
        (None, 60, 60),
        (1501, HOUR, 1201),
        (1500, HOUR, 1200),
        (300, HOUR, 240),
        (1, HOUR, None),
    ],
)
def test_how_long(
    expires_in: float | None,
    max_seconds: float,
    seconds: float | None,
    shelf: Shelf,
    new_run: Callable[[], None],
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """F09: 300 s before its end (a fifth of a short life), its longest, 10 minutes where it does not say: the first."""
    now = 1_800_000_000.0
    monkeypatch.setattr(time, "time", lambda: now)
    mint = Mint(expires_in)
    wanted = WANTED._replace(max_seconds=max_seconds)
    get(mint, environment, wanted)
    new_run()
    assert bool(shelf.content) == (seconds is not None)
    for later, calls in ((seconds or 0) - 0.5, 1), (max(60, seconds or 0) + 0.5, 2):
        if seconds is None and calls == 1:
            continue
        monkeypatch.setattr(time, "time", lambda later=later: now + later)
        get(mint, environment, wanted)
        assert mint.calls == calls
        new_run()


@pytest.mark.parametrize("skew", [-HOUR, -2 * 24 * HOUR])
def test_a_clock_that_was_set_back(
    skew: float,
    shelf: Shelf,
    new_run: Callable[[], None],
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """F09: a token from the future is not trusted: its end may be wrong by as much."""
    mint = Mint()
    get(mint, environment)
    new_run()
    real = time.time()
    monkeypatch.setattr(time, "time", lambda: real + skew)
    assert get(mint, environment) == "token-2"


def test_fresh(shelf: Shelf, new_run: Callable[[], None], environment: dict[str, str]) -> None:
    """F10: after a 401 the kept token is forgotten, and one is minted; the next run has that one."""
    mint = Mint()
    assert get(mint, environment) == "token-1"
    assert get(mint, environment, fresh=True) == "token-2"
    new_run()
    assert get(mint, environment) == "token-2"
    mint.error = CredentialError("refused")
    with pytest.raises(CredentialError):
        get(mint, environment, fresh=True)
    assert shelf.content == {}


@pytest.mark.parametrize("field", ["provider", "identity", "scope"])
def test_another_identity_gets_another_token(
    field: str, shelf: Shelf, new_run: Callable[[], None], environment: dict[str, str]
) -> None:
    """Another account, profile, tenant or domain never gets the first one's token."""
    mint = Mint()
    assert get(mint, environment) == "token-1"
    assert get(mint, environment, WANTED._replace(**{field: "other"})) == "token-2"  # type: ignore[arg-type]
    assert get(mint, environment, WANTED._replace(identity="some", scope="one\0scope")) == "token-3"
    assert get(mint, environment) == "token-1"


@pytest.mark.parametrize(
    "content",
    [
        b"", b"x", b"\xff\xfe", b"1\n2\n3\n4\n5", b"2\n1.0\n\n1.0\nlabel\ntoken", b"1\nnan\nnan\nnan\nlabel\ntoken",
        b"1\nx\ny\nz\nlabel\ntoken", b"1\n1e99\n\n1e99\nlabel\ntoken", b"\0" * 100,
    ],
)  # fmt: skip
def test_what_we_did_not_write(
    content: bytes, shelf: Shelf, new_run: Callable[[], None], environment: dict[str, str]
) -> None:
    """A store that gives rubbish counts as empty."""
    shelf.content[WANTED.name] = content
    assert get(Mint(), environment) == "token-1"


def test_nothing_secret_in_the_name(shelf: Shelf, new_run: Callable[[], None], environment: dict[str, str]) -> None:
    """What others can list is a provider's name and a hash."""
    get(Mint(), environment, WANTED._replace(identity="AKIA-SECRET"))
    [name] = shelf.content
    assert "SECRET" not in name
    assert name.startswith("google-")


@pytest.mark.parametrize("has_store", [True, False])
def test_threads_share(
    has_store: bool,
    shelf: Shelf,
    new_run: Callable[[], None],
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ten indexes of one account and token scope: one call, with a store or without."""
    if not has_store:
        monkeypatch.setattr(token_cache, "_stores", lambda environ: iter(()))
    mint, found = Mint(seconds=0.2), []
    together([lambda: found.append(get(mint, environment))] * 10)
    assert found == ["token-1"] * 10
    assert mint.calls == 1


def test_threads_share_a_failure(shelf: Shelf, new_run: Callable[[], None], environment: dict[str, str]) -> None:
    """Ten indexes and a gcloud that is not logged in: one call, ten errors; the next run asks anew."""
    mint, errors = Mint(seconds=0.2), []
    mint.error = CredentialError("not logged in")

    def attempt() -> None:
        try:
            get(mint, environment)
        except CredentialError as error:
            errors.append(error)

    together([attempt] * 10)
    assert len(errors) == 10
    assert mint.calls == 1
    mint.error = None
    assert get(mint, environment) == "token-2"


def test_two_accounts_of_one_program_take_turns(
    shelf: Shelf, new_run: Callable[[], None], environment: dict[str, str]
) -> None:
    """F01: two gclouds never run at once, be it for two accounts; two other programs may."""
    mint = Mint(seconds=0.05)
    wanted = [WANTED._replace(identity=str(number)) for number in range(5)]
    together([lambda one=one: get(mint, environment, one) for one in wanted])  # type: ignore[misc]
    assert (mint.calls, mint.most_at_once) == (5, 1)
    together(
        [lambda one=one: get(mint, environment, one._replace(lock_name=one.identity, scope="b")) for one in wanted]
    )  # type: ignore[misc]
    assert mint.most_at_once > 1


def together(jobs: list[Callable[[], object]]) -> None:
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()


@pytest.fixture
def busy(environment: dict[str, str]) -> Iterator[None]:
    """Somebody else holds the lock, and never lets go."""
    import filelock

    directory = Path(environment["XDG_CACHE_HOME"], "authpip", "locks")
    directory.mkdir(parents=True, mode=0o700)
    with filelock.FileLock(directory / "gcloud.lock"):
        yield


@pytest.mark.posix
def test_a_lock_that_cannot_be_had(
    busy: None,
    shelf: Shelf,
    new_run: Callable[[], None],
    environment: dict[str, str],
    capfd: pytest.CaptureFixture[str],
) -> None:
    """F01: in time, we go on without it, with one warning."""
    mint = Mint()
    started = time.monotonic()
    for name in ("a", "b"):
        wanted = WANTED._replace(identity=name)
        obtain(wanted, mint, environ=environment, deadline=time.monotonic() + 0.6)
    assert 0.5 < time.monotonic() - started < 3
    assert mint.calls == 2
    assert capfd.readouterr().err == "authpip: gcloud is kept busy by another process; not waiting any longer\n"


@pytest.mark.posix
def test_a_token_that_another_process_keeps_while_we_wait(
    busy: None, shelf: Shelf, new_run: Callable[[], None], environment: dict[str, str]
) -> None:
    """F01: the result of the one who works is taken as soon as it is there, before the lock is free."""
    mint = Mint()
    now = time.time()
    content = f"1\n{now}\n{now + HOUR}\n{now + HOUR}\nlabel\ntheirs".encode()
    threading.Timer(0.3, lambda: shelf.write(WANTED.name, content, HOUR)).start()
    assert get(mint, environment) == "theirs"
    assert mint.calls == 0


@pytest.mark.parametrize("spoiled", ["a file", "a symlink", "world-writable", "no home", "read-only"])
@pytest.mark.posix
def test_lock_directories(
    spoiled: str,
    shelf: Shelf,
    new_run: Callable[[], None],
    environment: dict[str, str],
    capfd: pytest.CaptureFixture[str],
) -> None:
    """F08, A25: a cache directory that cannot be used or trusted is passed over for another; nothing is said."""
    cache = Path(environment["XDG_CACHE_HOME"], "authpip")
    elsewhere = Path(environment["HOME"], "elsewhere")
    elsewhere.mkdir()
    if spoiled == "a file":
        cache.write_text("")
    elif spoiled == "a symlink":
        cache.mkdir(mode=0o700)
        (cache / "locks").symlink_to(elsewhere)
    elif spoiled == "world-writable":
        (cache / "locks").mkdir(parents=True)
        (cache / "locks").chmod(0o777)
    elif spoiled == "no home":
        environment.update(HOME="/nonexistent/home", XDG_CACHE_HOME="/proc/nonexistent")
    else:
        environment["XDG_CACHE_HOME"] = "/proc/self"
    assert get(Mint(), environment) == "token-1"
    assert list(elsewhere.iterdir()) == []
    assert Path(environment["XDG_RUNTIME_DIR"], "authpip", "gcloud.lock").stat().st_mode & 0o777 == 0o600
    assert capfd.readouterr().err == ""


@pytest.mark.posix
def test_no_lock_directory_at_all(
    shelf: Shelf, new_run: Callable[[], None], environment: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    """F08: without any, threads still take turns, and one warning says what may happen."""
    nowhere = {"HOME": "/proc/x", "XDG_CACHE_HOME": "/proc/x", "XDG_RUNTIME_DIR": "/proc/x", "TMPDIR": "/proc/x"}
    environment.update(nowhere)
    mint = Mint(seconds=0.05)
    wanted = [WANTED._replace(identity=str(number)) for number in range(4)]
    together([lambda one=one: get(mint, environment, one) for one in wanted])  # type: ignore[misc]
    assert (mint.calls, mint.most_at_once) == (4, 1)
    assert capfd.readouterr().err.count("\n") == 1


def test_a_planted_lock_file_is_not_followed(
    shelf: Shelf, new_run: Callable[[], None], environment: dict[str, str]
) -> None:
    """A25: a link in the place of a lock file does not make us touch what it leads to."""
    victim = Path(environment["HOME"], "victim")
    victim.write_text("content")
    directory = Path(environment["XDG_CACHE_HOME"], "authpip", "locks")
    directory.mkdir(parents=True, mode=0o700)
    (directory / "gcloud.lock").symlink_to(victim)
    assert get(Mint(), environment) == "token-1"
    assert victim.read_text() == "content"


@pytest.mark.skipif(not kernel_keyring.is_available(), reason="not run: this kernel keeps no keys for us")
def test_kernel_keyring(environment: dict[str, str]) -> None:
    """Kept, replaced, listed, forgotten; gone at its time-out; what is too large is not kept."""
    name = f"test-{os.getpid()}-{threading.get_ident()}"
    assert kernel_keyring.read(name) is None
    assert kernel_keyring.write(name, b"one", 30)
    assert kernel_keyring.write(name, b"two\0", 1)
    assert kernel_keyring.read(name) == b"two\0"
    assert name in kernel_keyring.names()
    found = []
    together([lambda: found.append(kernel_keyring.read(name))] * 3)
    assert found == [b"two\0"] * 3, "each thread may read"
    time.sleep(1.2)
    assert kernel_keyring.read(name) is None
    assert name not in kernel_keyring.names()
    assert not kernel_keyring.write(name, b"x" * 40_000, 30)
    assert kernel_keyring.write(name, b"three", 30)
    kernel_keyring.forget(name)
    assert kernel_keyring.read(name) is None
    kernel_keyring.forget(name)


@pytest.mark.parametrize("numbers", [(99999, 99999), None])
@pytest.mark.posix
def test_a_kernel_without_keys(
    numbers: tuple[int, int] | None, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With ENOSYS, or with unknown numbers of the system calls, no token is cached and nothing is raised."""
    monkeypatch.setattr(kernel_keyring, "_kernel", None)
    monkeypatch.setattr(kernel_keyring, "_CALLS", {os.uname().machine: numbers} if numbers else {})
    assert not kernel_keyring.is_available()
    assert not kernel_keyring.write("name", b"x", 30)
    assert kernel_keyring.read("name") is None
    assert kernel_keyring.names() == []
    kernel_keyring.forget("name")
