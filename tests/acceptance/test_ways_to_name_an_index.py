"""Each way to name an index installs a private package, by the first request, and no request is answered 401."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import pytest

from support.leaks.canary import Canary, new_canary
from support.programs import pip_venvs
from support.programs.authpip_cli import rule
from support.programs.pip_venvs import PipVenv
from support.samples import packages
from support.servers.index_server import IndexServer

pytestmark = pytest.mark.real

Arguments = list[str]


@pytest.fixture(scope="module")
def shared_venv(tmp_path_factory: pytest.TempPathFactory) -> PipVenv:
    """One environment with the newest pip and the wheel under test; nothing is installed into it."""
    return pip_venvs.make(tmp_path_factory.mktemp("venv") / "venv", pip_venvs.PYTHON, "26.3", authpip=True)


class Desk(NamedTuple):
    """One test's place: a private index with one package, and a directory to work in."""

    server: IndexServer
    secret: Canary
    work: Path
    home: Path
    environ: dict[str, str]
    venv: PipVenv
    userinfo: str = ""

    @property
    def url(self) -> str:
        return self.server.url("/team/simple/", userinfo=self.userinfo)

    def write(self, path: Path, text: str, encoding: str = "utf-8") -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode(encoding))
        return path

    def config(self, path: Path, text: str = "[global]\nindex-url = {}\n") -> Arguments:
        """A configuration file that names the index, and nothing that hides it."""
        self.write(path, text.format(self.url))
        self.environ.pop("PIP_CONFIG_FILE", None)
        return ["thing"]

    def file(self, name: str, text: str, encoding: str = "utf-8") -> None:
        self.write(self.work / name, text.format(self.url), encoding)

    def variable(self, name: str, value: str = "") -> Arguments:
        self.environ[name] = value or self.url
        return ["thing"]


@pytest.fixture
def desk(
    environment: dict[str, str], home: Path, index_server: IndexServer, shared_venv: PipVenv, tmp_path: Path
) -> Desk:
    secret, work, wheel = new_canary(), tmp_path / "work", packages.wheel(tmp_path, "thing")
    work.mkdir()
    index_server.add("/team/simple", [wheel], username="alice", password=secret.secret)
    index_server.add("/open/simple", [wheel])
    return Desk(index_server, secret, work, home, environment | index_server.environ, shared_venv)


def with_file(text: str, encoding: str = "utf-8") -> Callable[[Desk], Arguments]:
    """A requirements file of these lines."""

    def name(desk: Desk) -> Arguments:
        desk.file("r.txt", text, encoding)
        return ["-r", "r.txt"]

    return name


def given(*arguments: str) -> Callable[[Desk], Arguments]:
    """An option with the URL in the place of {}."""
    return lambda desk: [argument.format(desk.url) for argument in arguments] + ["thing"]


def nested(desk: Desk) -> Arguments:
    desk.file("r.txt", "thing\n-r sub/more.txt\n")
    desk.file("sub/more.txt", "-c ../c.txt\n")
    desk.file("c.txt", "--extra-index-url {}\n")
    return ["-r", "r.txt"]


def by_file_url(desk: Desk) -> Arguments:
    desk.file("r.txt", "-i {}\nthing\n")
    return ["-r", (desk.work / "r.txt").as_uri()]


def by_requirement_variable(desk: Desk) -> Arguments:
    desk.file("r.txt", "-i {}\nthing\n")
    desk.variable("PIP_REQUIREMENT", "r.txt")
    return []


def by_constraint_variable(desk: Desk) -> Arguments:
    desk.file("c.txt", "-i {}\n")
    return desk.variable("PIP_CONSTRAINT", "c.txt")


def by_expansion(desk: Desk) -> Arguments:
    desk.file("r.txt", "-i ${{WHERE}}\nthing\n")
    desk.variable("WHERE")
    return ["-r", "r.txt"]


def beside(way: Callable[[Desk], Arguments]) -> Callable[[Desk], Arguments]:
    """One that adds to the main index, which is then an open one."""

    def name(desk: Desk) -> Arguments:
        desk.variable("PIP_INDEX_URL", desk.server.url("/open/simple/"))
        return way(desk)

    return name


FILE = "thing-1.0-py3-none-any.whl"
WAYS: dict[str, Callable[[Desk], Arguments]] = {
    "-i URL": given("-i", "{}"),
    "-iURL": given("-i{}"),
    "-qiURL": given("-qi{}"),
    "--index-url URL": given("--index-url", "{}"),
    "--index-url=URL": given("--index-url={}"),
    "--index URL": given("--index", "{}"),
    "--index=URL": given("--index={}"),
    "--pypi-url URL": given("--pypi-url", "{}"),
    "--extra-index-url URL": beside(given("--extra-index-url", "{}")),
    "--extra-index-url=URL": beside(given("--extra-index-url={}")),
    "--extra URL": beside(given("--extra", "{}")),
    "-f page": given("--no-index", "-f", "{}thing/"),
    "-fpage": given("--no-index", "-f{}thing/"),
    "--find-links=page": given("--no-index", "--find-links={}thing/"),
    "name @ URL": lambda desk: [f"thing @ {desk.url}thing/{FILE}"],
    "file's URL": lambda desk: [f"{desk.url}thing/{FILE}"],
    "PIP_INDEX_URL": lambda desk: desk.variable("PIP_INDEX_URL"),
    "PIP_PYPI_URL": lambda desk: desk.variable("PIP_PYPI_URL"),
    "PIP_EXTRA_INDEX_URL": beside(lambda desk: desk.variable("PIP_EXTRA_INDEX_URL")),
    "PIP_FIND_LINKS": beside(lambda desk: desk.variable("PIP_FIND_LINKS", desk.url + "thing/")),
    "user's pip.conf": lambda desk: desk.config(desk.home / ".config/pip/pip.conf"),
    "legacy pip.conf": lambda desk: desk.config(desk.home / ".pip/pip.conf"),
    "global pip.conf": lambda desk: desk.config(desk.home.parent / "etc/xdg/pip/pip.conf"),
    "command's section": lambda desk: desk.config(
        desk.home / ".pip/pip.conf", "[global]\nindex-url = https://0.invalid/\n[download]\nindex_url: {}\n"
    ),
    "list in pip.conf": beside(
        lambda desk: desk.config(desk.home / ".pip/pip.conf", "[global]\nextra-index-url =\n    {}\n")
    ),
    "line of its own": lambda desk: desk.config(desk.home / ".pip/pip.conf", "[global]\nindex-url =\n    {}\n"),
    "-i in a file": with_file("-i {}\nthing\n"),
    "--index-url= in a file": with_file("--index-url={}\nthing\n"),
    "--extra in a file": beside(with_file("--extra {}\nthing\n")),
    "two lines": beside(with_file("--extra-index-url \\\n  {} # ours\nthing\n")),
    "byte-order mark": with_file("\ufeff-i {}\nthing\n", "utf-16-le"),
    "coding": with_file("# coding: latin-1\n# é\n-i {}\nthing\n", "latin-1"),
    "-f in a file": with_file("--no-index\n-f {}thing/\nthing\n"),
    "name @ URL in a file": with_file("thing @ {}thing/" + FILE + "\n"),
    "nested files": beside(nested),
    "file: URL": by_file_url,
    "PIP_REQUIREMENT": by_requirement_variable,
    "PIP_CONSTRAINT": by_constraint_variable,
    "variable in a file": by_expansion,
}


@pytest.mark.parametrize("way", WAYS)
def test_a_way_to_name_an_index(way: str, desk: Desk) -> None:
    """Issue 3: its requests carry the credential of its rule from the first one on."""
    desk.environ.update(rule(desk.url, "alice", desk.secret.secret))
    download(desk, WAYS[way](desk))


@pytest.mark.heavy
@pytest.mark.parametrize("way", WAYS)
def test_a_way_to_name_an_index_with_its_password(way: str, desk: Desk) -> None:
    """The same where the password stands in the URL."""
    desk = desk._replace(userinfo=f"alice:{quote(desk.secret.secret, safe='')}")
    download(desk, WAYS[way](desk))


def download(desk: Desk, arguments: Arguments) -> None:
    """Fetch the package; the private index is asked, each answer is a 200, and the secret shows nowhere."""
    command = ["download", "--no-deps", "--no-cache-dir", "-d", str(desk.work / "out"), *arguments]
    done = desk.venv.run(*command, env=desk.environ, module="authpip", cwd=desk.work)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (desk.work / "out" / FILE).exists()
    assert desk.server.seen("/team/")
    assert set(desk.server.statuses()) == {200}
    assert not desk.secret.find_in(done.stdout + done.stderr)
