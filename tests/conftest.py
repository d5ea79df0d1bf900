"""Every test starts in clean surroundings of its own, and one that leaves them fails."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from support.components import NOT_RUN
from support.index_server import Authority, IndexServer
from support.surroundings import COMPLETE, GUARD, clean_environment


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In scripts/test, what was skipped for want of something has failed."""
    report = yield
    if COMPLETE and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if NOT_RUN not in reason:
            report.outcome, report.longrepr = "failed", f"skipped, where everything should be there: {reason}"
    return report


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
