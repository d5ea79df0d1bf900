"""The OS keyring behind its deadline: a real GNOME Keyring, and backends that do everything wrong."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from authpip.core.credential import Secret
from authpip.core.errors import CredentialError
from authpip.storage import keyring_client, secret_service
from authpip.storage.keyring_client import KeyringCall
from support.programs.keyrings import SecretService, use_backend

pytestmark = pytest.mark.real

Environ = dict[str, str]
SERVICES = ("https://127.0.0.1/simple/", "https://127.0.0.1/simple")


@pytest.fixture
def service(environment: Environ) -> Iterator[SecretService]:
    """An unlocked GNOME Keyring on a bus of its own."""
    with SecretService(environment) as running:
        yield running


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """One second in place of five, so that the tests do not sleep."""
    monkeypatch.setattr(keyring_client, "UNATTENDED", 1.0)


def ask(environ: Environ, seconds: float = 30.0, *, interactive: bool = False) -> KeyringCall:
    """A question with so much time."""
    return KeyringCall(environ, time.monotonic() + seconds, interactive)


def failure(environ: Environ, backend: str = "", *, seconds: float = 6.0) -> str:
    """The message of a read that cannot work; it comes within 6 s."""
    started = time.monotonic()
    with pytest.raises(CredentialError) as raised:
        keyring_client.find(SERVICES, "alice", backend, ask(environ))
    assert time.monotonic() - started < seconds
    return str(raised.value)


@pytest.mark.parametrize("secret", ["x", ":@%+/= \u00e9\U0001f511", "s" * 8192], ids=["plain", "odd", "8 KiB"])
def test_a_secret_is_stored_read_and_forgotten(service: SecretService, secret: str) -> None:
    """F20: exact to the byte, by the fast read, by keyring in its process, and by keyring's own command."""
    backend = keyring_client.choose(ask(service.environ))
    assert backend == secret_service.BACKEND
    keyring_client.store(SERVICES, "alice", Secret(secret), backend, ask(service.environ))
    assert secret_service.read(SERVICES, "alice", service.environ, time.monotonic() + 5) == secret
    assert keyring_client.find(SERVICES, "alice", backend, ask(service.environ)) == ("alice", Secret(secret))
    assert keyring_client.find(SERVICES, None, "", ask(service.environ)) == ("alice", Secret(secret))
    assert {service.keyring("get", name, "alice").stdout for name in SERVICES} == {secret + "\n"}
    keyring_client.delete(SERVICES, "alice", backend, ask(service.environ))
    assert keyring_client.find(SERVICES, "alice", backend, ask(service.environ)) is None
    keyring_client.delete(SERVICES, "alice", backend, ask(service.environ))


def test_the_fast_read_finds_what_keyring_itself_stored(service: SecretService) -> None:
    """Whatever `keyring set` wrote is read without keyring; another user or service is not."""
    service.keyring("set", SERVICES[0], "alice", secret="from keyring")
    deadline = time.monotonic() + 5
    assert secret_service.read([SERVICES[0]], "alice", service.environ, deadline) == "from keyring"
    assert secret_service.read([SERVICES[0]], "bob", service.environ, deadline) is None
    assert secret_service.read([SERVICES[1]], "alice", service.environ, deadline) is None


def test_the_fast_read_leaves_altered_backends_alone(service: SecretService) -> None:
    """KEYRING_PROPERTY_* changes the attributes under which keyring stores: then keyring is asked."""
    environ = {**service.environ, "KEYRING_PROPERTY_SCHEME": "KeePassXC"}
    assert secret_service.speaks_for(secret_service.BACKEND, service.environ)
    assert not secret_service.speaks_for(secret_service.BACKEND, environ)
    keyring_client.store(SERVICES, "alice", Secret("other"), secret_service.BACKEND, ask(environ))
    assert keyring_client.find(SERVICES, "alice", secret_service.BACKEND, ask(service.environ)) is None
    assert keyring_client.find(SERVICES, "alice", secret_service.BACKEND, ask(environ)) == ("alice", Secret("other"))


@pytest.mark.parametrize("backend", ["", secret_service.BACKEND])
def test_a_locked_keyring_is_named(service: SecretService, backend: str) -> None:
    """F03: locked, and no display to unlock it at."""
    keyring_client.store(SERVICES, "alice", Secret("x"), secret_service.BACKEND, ask(service.environ))
    service.lock()
    assert failure(service.environ, backend) == "the OS keyring (SecretService) is locked; unlock it and try again"


@pytest.mark.parametrize("backend", ["", secret_service.BACKEND])
def test_a_stalled_keyring_is_given_up(service: SecretService, backend: str) -> None:
    """F03, P11: the daemon is stopped: over in 5 s, not never."""
    service.stall()
    assert "did not answer within 5 s; unlock it or restart its daemon" in failure(service.environ, backend)


@pytest.mark.parametrize("backend", ["", secret_service.BACKEND])
def test_a_stalled_bus_is_given_up(service: SecretService, backend: str, impatient: None) -> None:
    """F03, P11: the bus itself is stopped; keyring's own choice then is that there is no keyring."""
    service.stall("bus")
    message = failure(service.environ, backend)
    assert "did not answer within" in message or "cannot be reached" in message


def test_a_person_gets_more_time(service: SecretService, impatient: None) -> None:
    """With a terminal the request's own deadline counts: a person may be answering an unlock dialogue."""
    service.stall()
    started = time.monotonic()
    with pytest.raises(CredentialError, match="did not answer in time"):
        keyring_client.find(SERVICES, "alice", secret_service.BACKEND, ask(service.environ, 3, interactive=True))
    assert 2.9 < time.monotonic() - started < 5


def test_a_bus_without_a_keyring(environment: Environ) -> None:
    """F06: a bus, and nothing on it that could be unlocked without a display."""
    with SecretService(environment, daemon=False) as service:
        assert "the OS keyring" in failure(service.environ, secret_service.BACKEND)


def test_a_chain_of_keyrings_is_seen_through(service: SecretService, environment: Environ) -> None:
    """A22: what a chain writes to is what counts, and what is asked later on; an empty chain is no keyring."""
    chainer = {"PYTHON_KEYRING_BACKEND": "keyring.backends.chainer.ChainerBackend"}
    assert keyring_client.choose(ask({**service.environ, **chainer})) == secret_service.BACKEND
    with pytest.raises(CredentialError, match="is not there, or cannot be reached"):
        keyring_client.choose(ask({**environment, **chainer}))


def test_no_keyring_at_all(environment: Environ) -> None:
    """F06: no bus, as over ssh and in containers: said at once, with the way out."""
    started = time.monotonic()
    with pytest.raises(CredentialError, match=r"is not there, or cannot be reached.*--insecure-storage"):
        keyring_client.choose(ask(environment))
    text = failure(environment, secret_service.BACKEND)
    assert "is out of reach: DBUS_SESSION_BUS_ADDRESS is not set" in text
    assert all(word in text for word in ("AUTHPIP_AUTH_FILE", "--insecure-storage"))
    gone = {**environment, "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"}
    assert "does not work here" in failure(gone, secret_service.BACKEND)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("name", ["keyring.backends.null.Keyring", "PlaintextKeyring"])
def test_a_keyring_that_keeps_nothing_safe_is_refused(environment: Environ, name: str) -> None:
    """A22: neither a store in clear nor one that forgets is used to store, whoever chose it."""
    if "." in name:
        environment["PYTHON_KEYRING_BACKEND"] = name
    else:
        name = use_backend(environment, name, "sys.exit('called')")
    with pytest.raises(CredentialError, match=r"would keep the secret readable, or not at all.*--insecure-storage"):
        keyring_client.choose(ask(environment))
    with pytest.raises(CredentialError, match="would keep the secret readable"):
        keyring_client.store(SERVICES, "alice", Secret("x"), name, ask(environment))


def test_a_crash_leaves_no_core(environment: Environ) -> None:
    """P10: the secret that was to be stored is in the memory of what crashes."""
    body = "import resource; return str(resource.getrlimit(resource.RLIMIT_CORE))"
    backend = use_backend(environment, "Curious", body)
    assert keyring_client.find(SERVICES, "alice", backend, ask(environment)) == ("alice", Secret("(0, 0)"))


RAISED = [
    "Exception('hunter2')", "ValueError('hunter2')", "RuntimeError()", "OSError(5, 'hunter2')", "MemoryError()",
    "RecursionError()", "SystemExit('hunter2')", "KeyboardInterrupt()", "GeneratorExit()",
    "UnicodeDecodeError('x', b'', 0, 1, '')",
    "type('Own', (BaseException,), {})('hunter2')",
    "__import__('subprocess').CalledProcessError(2, ['gpg', 'hunter2'])",
]  # fmt: skip


@pytest.mark.parametrize("raised", RAISED)
def test_whatever_a_backend_raises_is_contained(environment: Environ, raised: str) -> None:
    """F05, A24: named by its class, its text withheld: it may hold the secret."""
    backend = use_backend(environment, "Odd", f"raise {raised}")
    message = failure(environment, backend)
    assert message.startswith("the OS keyring (Odd) failed: ")
    assert message.endswith("; see whether the command `keyring get SERVICE USER` works")
    assert "hunter2" not in message


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("raise errors.KeyringLocked('hunter2')", "is locked; unlock it"),
        ("raise errors.InitError('hunter2')", "could not be opened; "),
        ("raise errors.NoKeyringError('hunter2')", "is not there, or cannot be reached; "),
        ("raise type('X', (errors.KeyringLocked,), {})('hunter2')", "is locked; unlock it"),
        ("os._exit(0)", "crashed: ended with status 0 and no answer"),
        ("os._exit(7)", "crashed: ended with status 7"),
        ("ctypes.string_at(0)", "crashed: killed by signal 11"),
        ("os.abort()", "crashed: killed by signal 6"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "crashed: killed by signal 9"),
        ("time.sleep(600)", "did not answer within 1 s"),
        ("signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)", "did not answer within 1 s"),
        ("import subprocess; subprocess.run(['sleep', '600'])", "did not answer within 1 s"),
        ("return 5", "gave an answer that is no secret"),
        ("return b'hunter2'", "gave an answer that is no secret"),
    ],
)
def test_a_backend_that_ends_or_hangs_is_contained(
    environment: Environ, body: str, expected: str, impatient: None
) -> None:
    """F02, F03, F05: exits, crashes, sleeps and deaf ears are one line within 6 s."""
    backend = use_backend(environment, "Odd", body)
    message = failure(environment, backend)
    assert expected in message
    assert "hunter2" not in message


@pytest.mark.parametrize(
    "body", ["print('noise' * 5000, flush=True)", "os.write(1, b'noise')", "os.system('echo noise')"]
)
def test_what_a_backend_prints_is_no_answer(environment: Environ, body: str) -> None:
    """A30: noise on stdout stays out of the protocol."""
    backend = use_backend(environment, "Loud", f"{body}\nreturn 'the secret'")
    assert keyring_client.find(SERVICES, "alice", backend, ask(environment)) == ("alice", Secret("the secret"))


def test_an_entry_without_a_user_name(environment: Environ) -> None:
    """Other programs store secrets without one, and keyring then has None for it: authpip takes an empty name."""
    backend = use_backend(environment, "Nameless", "return None")
    with Path(environment["HOME"], "backends", "staged.py").open("a") as module:
        module.write("from keyring.credentials import SimpleCredential\n")
        module.write("Nameless.get_credential = lambda *_: SimpleCredential(None, 'hunter2')\n")
    assert keyring_client.find(SERVICES, None, backend, ask(environment)) == ("", Secret("hunter2"))


def test_a_secret_that_is_not_kept_whole_is_refused(environment: Environ) -> None:
    """F22: a store that cuts long secrets off is found out at login, not at the next install."""
    backend = use_backend(environment, "Short", "return 'cut off' if what == 'get_password' else None")
    with pytest.raises(CredentialError, match="did not keep the secret as it was given"):
        keyring_client.store(SERVICES, "alice", Secret("cut off here"), backend, ask(environment))
    backend = use_backend(environment, "Full", "raise errors.PasswordSetError('hunter2')")
    with pytest.raises(CredentialError, match="may be too long for it") as raised:
        keyring_client.store(SERVICES, "alice", Secret("long"), backend, ask(environment))
    assert "hunter2" not in str(raised.value)


def test_one_question_at_a_time(environment: Environ, monkeypatch: pytest.MonkeyPatch) -> None:
    """F04: 32 threads ask at once, and no two backends run side by side."""
    monkeypatch.setattr(keyring_client, "UNATTENDED", 60.0)
    body = """
        here = os.path.expanduser("~/inside")
        os.mkdir(here)
        time.sleep(0.02)
        os.rmdir(here)
        return "fine"
    """
    backend = use_backend(environment, "Careful", body)
    with ThreadPoolExecutor(32) as pool:
        jobs = [pool.submit(keyring_client.find, SERVICES, "alice", backend, ask(environment, 60)) for _ in range(32)]
        assert {job.result() for job in jobs} == {("alice", Secret("fine"))}


def test_waiting_for_ones_turn_ends_too(environment: Environ, monkeypatch: pytest.MonkeyPatch) -> None:
    """P11: those who wait behind a stalled question do not wait for ever."""
    monkeypatch.setattr(keyring_client, "UNATTENDED", 1.0)
    backend = use_backend(environment, "Slow", "time.sleep(600)")
    started = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(keyring_client.find, SERVICES, "alice", backend, ask(environment)) for _ in range(4)]
        messages = [str(job.exception()) for job in jobs]
    assert time.monotonic() - started < 3
    assert all("did not answer" in message or "busy" in message for message in messages)


def test_a_projects_modules_are_not_loaded(
    environment: Environ, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A21: a `keyring` on PYTHONPATH or in the working directory is not the one that runs."""
    evil = tmp_path_factory.mktemp("project")
    for name in ("keyring", "json", "jeepney", "sitecustomize"):
        (evil / f"{name}.py").write_text(f"open({str(evil / 'ran')!r}, 'w')\n")
    monkeypatch.chdir(evil)
    environ = {**environment, "PYTHONPATH": str(evil), "PYTHONSTARTUP": str(evil / "keyring.py")}
    backend = use_backend(environment, "Fine", "return 'fine'")
    assert keyring_client.find(SERVICES, "alice", backend, ask(environ)) == ("alice", Secret("fine"))
    assert not (evil / "ran").exists()
