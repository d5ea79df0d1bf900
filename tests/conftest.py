"""Every test starts in clean surroundings of its own, and one that leaves them fails."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from authpip.storage import kernel_keyring, token_cache
from support.machine.isolation import COMPLETE, GUARD, clean_environment
from support.machine.requirements import NOT_RUN
from support.programs import authpip_cli, pip_venvs
from support.programs.authpip_cli import Run
from support.programs.pip_venvs import PipVenv
from support.samples import packages
from support.servers.index_server import Authority, IndexServer


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In scripts/test, what was skipped for want of something has failed."""
    report = yield
    if COMPLETE and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if NOT_RUN not in reason:
            report.outcome, report.longrepr = "failed", f"skipped, where everything should be there: {reason}"
    return report


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test of a group fails where pytest-xdist has spread the group: its tests share a program or a directory."""
    is_spread = item.get_closest_marker("xdist_group") and "@" not in item.nodeid
    if is_spread and getattr(item.config.option, "loadgroup", False):
        pytest.fail("this pytest-xdist does not keep a group of tests in one process", pytrace=False)


@pytest.fixture(scope="session", autouse=True)
def _temporary_root(tmp_path_factory: pytest.TempPathFactory) -> None:
    """pytest picks its own temporary root before the first test gets a TMPDIR that goes away with it."""
    tmp_path_factory.getbasetemp()


@pytest.fixture(autouse=True)
def environment(
    monkeypatch: pytest.MonkeyPatch, _temporary_root: None, request: pytest.FixtureRequest
) -> Iterator[dict[str, str]]:
    """The environment of this test, as a value for child processes; os.environ is the same.

    The directories have short names: a socket's path holds 108 bytes.
    """
    base = Path(tempfile.mkdtemp(prefix="ap-", dir="/tmp" if os.path.isdir("/tmp") else None))
    environ = clean_environment(base)
    for name in set(os.environ) - {"PYTEST_CURRENT_TEST"}:
        monkeypatch.delenv(name)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(tempfile, "tempdir", environ["TMPDIR"])
    GUARD.trespasses.clear()
    GUARD.active = True
    try:
        yield dict(environ)
    finally:
        GUARD.active = False
        shutil.rmtree(base, ignore_errors=True)
    if GUARD.trespasses:
        pytest.fail(f"this test is not isolated: {'; '.join(GUARD.trespasses)}", pytrace=False)


@pytest.fixture
def home(environment: dict[str, str]) -> Path:
    """The test's own, empty HOME."""
    return Path(environment["HOME"])


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """A certificate authority that nobody but the tests trusts; `authority.file` is for PIP_CERT."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def serve(authority: Authority) -> Iterator[Callable[..., IndexServer]]:
    """Start index servers on loopback: serve(tls=True, names=("localhost", "127.0.0.1"))."""
    servers: list[IndexServer] = []

    def start(*, tls: bool = True, names: tuple[str, ...] = ()) -> IndexServer:
        server = IndexServer(authority if tls else None, names=names)
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def index_server(serve: Callable[..., IndexServer]) -> IndexServer:
    """One index server over TLS, with no index on it yet."""
    return serve()


@pytest.fixture
def venv(environment: dict[str, str]) -> Callable[..., PipVenv]:
    """venv(python, pip): a fresh environment with that pip and the wheel under test in it."""
    base = Path(environment["HOME"]).parent

    def make(python: str = "", pip: str = "26.3", *, authpip: bool = True) -> PipVenv:
        return pip_venvs.make(base / f"venv-{pip}", python, pip, authpip=authpip)

    return make


@pytest.fixture(scope="session")
def shared_venv(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., PipVenv]:
    """shared_venv(python, pip): one environment for all tests that install nothing into it."""
    made: dict[tuple[str, str], PipVenv] = {}

    def get(python: str = pip_venvs.PYTHON, pip: str = "26.3") -> PipVenv:
        if (python, pip) not in made:
            directory = tmp_path_factory.mktemp("shared") / f"{python}-{pip}"
            made[python, pip] = pip_venvs.make(directory, python, pip)
        return made[python, pip]

    return get


@pytest.fixture
def trusting(environment: dict[str, str], authority: Authority) -> dict[str, str]:
    """The test's environment, with the tests' own certificate authority trusted by pip."""
    return environment | {"PIP_CERT": str(authority.file)}


@pytest.fixture
def pip(shared_venv: Callable[..., PipVenv], trusting: dict[str, str]) -> Run:
    """pip(*arguments, venv=…, **variables): pip behind authpip, in an environment that must stay as it is."""

    def run(*arguments: str, venv: PipVenv | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
        return authpip_cli.pip(venv or shared_venv(), *arguments, env=trusting | variables)

    return run


@pytest.fixture
def download(pip: Run, tmp_path: Path) -> Run:
    """pip download without dependencies and without a cache; what came is in tmp_path / "downloads"."""
    options = ["--no-deps", "--no-cache-dir", "-d", str(tmp_path / "downloads")]
    return lambda *arguments, **more: pip("download", *options, *arguments, **more)


@pytest.fixture
def downloads(tmp_path: Path) -> Callable[[], set[str]]:
    """The names of the files that came."""
    return lambda: {path.name for path in (tmp_path / "downloads").glob("*")}


@pytest.fixture
def wheel(tmp_path: Path) -> Callable[..., Path]:
    """wheel("corp-thing", "1.0"): a small wheel."""
    return lambda name, version="1.0", **more: packages.wheel(tmp_path / "files" / version, name, version, **more)


@pytest.fixture
def text_file(tmp_path: Path) -> Callable[[str, str], Path]:
    """text_file("requirements.txt", text): a file that an index can serve."""

    def write(name: str, text: str) -> Path:
        path = tmp_path / "texts" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    return write


@pytest.fixture
def no_cached_tokens(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing was minted in this process before, and what it keeps in the kernel is forgotten at the end."""
    written: set[str] = set()
    write = kernel_keyring.write

    def noted(name: str, content: bytes, seconds: float) -> bool:
        written.add(name)
        return write(name, content, seconds)

    monkeypatch.setattr(kernel_keyring, "write", noted)
    monkeypatch.setattr(token_cache, "_minted", {})
    monkeypatch.setattr(token_cache, "_failed", {})
    yield
    for name in written:
        kernel_keyring.forget(name)
