"""What the tests of pip's own ways share: environments that nobody changes, and authpip in front of them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from support import front, packages, pip_venvs
from support.canary import new_canary
from support.index_server import Authority
from support.pip_venvs import PipVenv

Run = Callable[..., "subprocess.CompletedProcess[str]"]
SECRET = new_canary().secret


@pytest.fixture(scope="session")
def shared_venv(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., PipVenv]:
    """shared_venv(python, pip): one environment for all tests that install nothing into it."""
    made: dict[tuple[str, str], PipVenv] = {}

    def get(python: str = "3.11", pip: str = "26.3") -> PipVenv:
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
        return front.pip(venv or shared_venv(), *arguments, env=trusting | variables)

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
