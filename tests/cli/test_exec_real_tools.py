"""`auth exec` with the real tools: twine uploads, uv, poetry, pdm and pip-compile install, from one stored login."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from support.leaks.canary import Canary, new_canary
from support.programs.keyrings import SecretService
from support.programs.tool_venvs import tool
from support.samples import packages
from support.samples.upload_tokens import upload_token
from support.servers.connect_proxy import ConnectProxy
from support.servers.index_server import Authority, IndexServer, basic

pytestmark = pytest.mark.real


class Shop(NamedTuple):
    """A real pypiserver that wants a password for everything, and a login for it in a real keyring."""

    url: str
    project: Path
    environ: dict[str, str]
    secret: Canary
    packages: Path

    def auth(self, *words: str, stdin: str | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "authpip", "auth", *words]
        environ = {**self.environ, **variables}
        return subprocess.run(
            command,
            env=environ,
            cwd=self.project,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )

    def tool(self, name: str, *words: str, **variables: str) -> str:
        """Run a tool through `auth exec`; it must succeed and say nothing of the secret; its output."""
        done = self.auth("exec", "--", str(tool(_VENV.get(name, name)) / name), *words, **variables)
        assert done.returncode == 0, done.stdout + done.stderr
        assert not self.secret.find_in(done.stdout + done.stderr)
        return done.stdout + done.stderr


_VENV = {"pip-compile": "pip-tools", "pip-sync": "pip-tools"}


@pytest.fixture
def shop(environment: dict[str, str], tmp_path: Path) -> Iterator[Shop]:
    secret, port = new_canary(), _free_port()
    folder, htpasswd, project = tmp_path / "packages", tmp_path / "htpasswd", tmp_path / "project"
    folder.mkdir()
    project.mkdir()
    programs = tool("pypiserver")
    hashed = (
        "import bcrypt, sys; print('alice:' + bcrypt.hashpw(sys.stdin.read().encode(), bcrypt.gensalt(4)).decode())"
    )
    htpasswd.write_text(
        subprocess.run(
            [programs / "python", "-c", hashed], input=secret.secret, capture_output=True, text=True, check=True
        ).stdout
    )
    argv = [
        programs / "pypi-server",
        "run",
        "-p",
        str(port),
        "-i",
        "127.0.0.1",
        "-P",
        str(htpasswd),
        "-a",
        "list,download,update",
    ]
    server = subprocess.Popen(
        [*argv, str(folder)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    with SecretService(environment) as keyring:
        try:
            _wait_for(port)
            shop = Shop(f"http://127.0.0.1:{port}", project, dict(keyring.environ), secret, folder)
            done = shop.auth(
                *("login", f"{shop.url}/", "--username", "alice", "--password-stdin", "--no-verify"),
                stdin=secret.secret,
            )
            assert done.returncode == 0, done.stderr
            yield shop
        finally:
            server.kill()
            server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert time.monotonic() < deadline, "pypiserver did not start"
            time.sleep(0.05)


def test_twine_uploads(shop: Shop, tmp_path: Path) -> None:
    """twine uploads to a real pypiserver with the stored login, and pip installs from there."""
    wheel = packages.wheel(tmp_path / "dist", "thing")
    shop.tool(
        "twine", "upload", "--non-interactive", "--disable-progress-bar", "--repository-url", f"{shop.url}/", str(wheel)
    )
    assert (shop.packages / wheel.name).exists()
    command = [
        sys.executable,
        "-m",
        "authpip",
        "download",
        "--no-deps",
        "-d",
        str(tmp_path / "d"),
        "-i",
        f"{shop.url}/simple/",
        "thing",
    ]
    done = subprocess.run(command, env=shop.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_twine_takes_the_token_of_the_project(
    environment: dict[str, str], authority: Authority, tmp_path: Path
) -> None:
    """Two tokens for PyPI, each for one project: the real twine sends, to the real host name, the one for what is in
    dist/."""
    tokens = {name: upload_token([1, [name]], [3, "user"]) for name in ("thing", "other")}
    shop = Shop("", tmp_path, environment, new_canary(), tmp_path)
    for token in tokens.values():
        words = ("login", "https://upload.pypi.org/legacy/", "--token-stdin", "--insecure-storage")
        assert shop.auth(*words, stdin=token).returncode == 0
    with IndexServer(authority, names=["upload.pypi.org"]) as server:
        server.add("/legacy", username="nobody").accepted.clear()
        with ConnectProxy({"upload.pypi.org:443": server.port}) as proxy:
            for name in tokens:
                wheel = packages.wheel(tmp_path / name / "dist", name)
                options = ("--non-interactive", "--disable-progress-bar", str(wheel))
                shop.tool("twine", "upload", *options, TWINE_CERT=str(authority.file), **proxy.environ)
    sent = [seen.authorization for seen in server.requests if seen.method == "POST"]
    assert sent == [basic("__token__", token) for token in tokens.values()]


def test_uv_installs(shop: Shop, tmp_path: Path) -> None:
    """uv pip install by an option, by UV_INDEX_URL, and uv lock by pyproject.toml."""
    packages.wheel(shop.packages, "thing")
    shared = {"UV_PYTHON": sys.executable, "UV_PYTHON_DOWNLOADS": "never"}
    for number, (words, variables) in enumerate(
        [(("--index-url", f"{shop.url}/simple/"), {}), ((), {"UV_INDEX_URL": f"{shop.url}/simple/"})]
    ):
        target = tmp_path / f"target{number}"
        shop.tool("uv", "pip", "install", "--no-cache", "--target", str(target), *words, "thing", **shared, **variables)
        assert (target / "thing.py").exists()
    (shop.project / "pyproject.toml").write_text(
        '[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.10"\ndependencies = ["thing"]\n'
        f'[[tool.uv.index]]\nname = "corp"\nurl = "{shop.url}/simple/"\ndefault = true\n'
    )
    shop.tool("uv", "lock", "--no-cache", **shared)
    lock = (shop.project / "uv.lock").read_text()
    assert "thing-1.0" in lock
    assert not shop.secret.find_in(lock)


@pytest.mark.heavy
def test_poetry_installs(shop: Shop) -> None:
    """poetry lock and install from a source that needs the login."""
    packages.wheel(shop.packages, "thing")
    (shop.project / "pyproject.toml").write_text(
        '[tool.poetry]\npackage-mode = false\n[tool.poetry.dependencies]\npython = ">=3.11,<3.15"\nthing = "*"\n'
        f'[[tool.poetry.source]]\nname = "my-corp"\nurl = "{shop.url}/simple/"\npriority = "primary"\n'
    )
    variables = {"POETRY_VIRTUALENVS_IN_PROJECT": "true", "POETRY_NO_INTERACTION": "1"}
    shop.tool("poetry", "lock", **variables)
    shop.tool("poetry", "install", **variables)
    assert list(shop.project.glob(".venv/lib/*/site-packages/thing.py"))
    assert not shop.secret.find_below(shop.project)


@pytest.mark.heavy
def test_pdm_locks(shop: Shop) -> None:
    """pdm lock from its main index."""
    packages.wheel(shop.packages, "thing")
    (shop.project / "pyproject.toml").write_text(
        '[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["thing"]\n'
        f'[[tool.pdm.source]]\nname = "pypi"\nurl = "{shop.url}/simple/"\nverify_ssl = true\n'
    )
    shop.tool("pdm", "lock", "-q", PDM_CHECK_UPDATE="0", PDM_NON_INTERACTIVE="1", PDM_PYTHON=sys.executable)
    assert "thing-1.0" in (shop.project / "pdm.lock").read_text()
    assert not shop.secret.find_below(shop.project)


@pytest.mark.heavy
def test_pip_compile(shop: Shop) -> None:
    """pip-compile asks our keyring command; no variable of its process holds the secret."""
    packages.wheel(shop.packages, "thing")
    (shop.project / "requirements.in").write_text("thing\n")
    shop.tool("pip-compile", "--no-emit-index-url", "-i", f"{shop.url}/simple/", "requirements.in")
    assert "thing==1.0" in (shop.project / "requirements.txt").read_text()


def test_pip_with_an_env_file(shop: Shop, tmp_path: Path) -> None:
    """A password in a .env's PIP_INDEX_URL is moved into the handoff: pip installs, and its output holds nothing."""
    packages.wheel(shop.packages, "thing")
    index = f"{shop.url}/simple/".replace("//", f"//alice:{shop.secret.secret}@", 1)
    (shop.project / ".env").write_text(f"PIP_INDEX_URL={index}\n")
    target = tmp_path / "target"
    bare = {name: value for name, value in shop.environ.items() if name != "DBUS_SESSION_BUS_ADDRESS"}
    shop = shop._replace(environ={**bare, "XDG_DATA_HOME": str(tmp_path / "none")})
    done = shop.auth("exec", "--env-file", ".env", "--", "pip", "install", "-vv", "--target", str(target), "thing")
    assert done.returncode == 0, done.stderr
    assert (target / "thing.py").exists()
    assert not shop.secret.find_in(done.stdout + done.stderr)
    assert os.listdir(shop.project) == [".env"]


@pytest.mark.heavy
def test_hatch_publishes(shop: Shop, tmp_path: Path) -> None:
    """hatch publish uploads with the stored login."""
    wheel = packages.wheel(tmp_path / "dist", "thing")
    shop.tool("hatch", "publish", "-n", "-r", f"{shop.url}/", str(wheel))
    assert (shop.packages / wheel.name).exists()


def backend_that_reports(shop: Shop, directory: Path) -> Path:
    """A package on the index whose build backend writes down its environment; the file that it writes."""
    report = directory / "environ.txt"
    backend = f"import os\nopen({str(report)!r}, 'w').write(repr(dict(os.environ)))\nraise SystemExit(1)\n"
    system = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    files = {"pyproject.toml": f'{system}[project]\nname = "built"\ndynamic = ["version"]\n', "backend.py": backend}
    packages.sdist(shop.packages, "built", files=files)
    return report


@pytest.mark.parametrize("asks", [True, False], ids=["by the keyring command", "by variables"])
def test_what_a_build_of_uv_sees(shop: Shop, tmp_path: Path, asks: bool) -> None:
    """P4, A19: the build backend of uv inherits no secret where uv asks our keyring command. The control is the same
    run with variables (UV_KEYRING_PROVIDER=disabled): there the backend sees it."""
    report = backend_that_reports(shop, tmp_path)
    more = {} if asks else {"UV_KEYRING_PROVIDER": "disabled"}
    variables = {"UV_PYTHON": sys.executable, "UV_NO_CACHE": "1", "AUTHPIP_INDEX_OTHER_PASSWORD": shop.secret.secret}
    words = ("pip", "install", "--target", str(tmp_path / "t"), "--index-url", f"{shop.url}/simple/", "built")
    done = shop.auth("exec", "--", str(tool("uv") / "uv"), *words, **variables, **more)
    assert done.returncode != 0
    assert report.exists(), done.stdout + done.stderr
    assert bool(shop.secret.find_in(report.read_text())) is not asks
    assert not shop.secret.find_in(done.stdout + done.stderr)


@pytest.mark.heavy
@pytest.mark.parametrize("name", ["poetry install --no-root", "pdm install --no-self"])
def test_who_hands_variables_on_to_build_backends(shop: Shop, tmp_path: Path, name: str) -> None:
    """docs/configuration.md says of these two that a build backend inherits their variables: so it is, and no other
    way than by the environment; should one of them stop doing so, the page must change."""
    report = backend_that_reports(shop, tmp_path)
    url = f"{shop.url}/simple/"
    (shop.project / "pyproject.toml").write_text(
        '[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.11,<3.15"\ndependencies = ["built"]\n'
        f'[[tool.poetry.source]]\nname = "corp"\nurl = "{url}"\npriority = "primary"\n'
        f'[[tool.pdm.source]]\nname = "pypi"\nurl = "{url}"\n'
    )
    variables = {"PDM_CHECK_UPDATE": "0", "PDM_PYTHON": sys.executable}
    name, *words = name.split()
    if name == "poetry":
        shop.tool(name, "lock")
    done = shop.auth("exec", "--", str(tool(name) / name), *words, **variables)
    assert done.returncode != 0
    assert report.exists(), done.stdout + done.stderr
    assert shop.secret.find_in(report.read_text())
