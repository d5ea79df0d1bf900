"""The recipes of docs/containers.md and docs/kubernetes.md: builds are run by the real buildah and podman, and what
they store is searched for the secret; what nothing here can run is checked for its syntax."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
import yaml

from authpip.cli.tools import containers
from authpip.config.loading import read_settings
from authpip.config.unread_variables import unread_variables
from authpip.core.errors import UsageError
from support.leaks.canary import new_canary
from support.machine.isolation import ROOT
from support.programs import image_builders
from support.programs.authpip_cli import logins
from support.samples import packages
from support.servers.index_server import IndexServer

PAGE = (ROOT / "docs/containers.md").read_text("utf-8")
CLUSTER = (ROOT / "docs/kubernetes.md").read_text("utf-8")
DOCKERFILES = re.findall(r"```dockerfile\n(.*?)```", PAGE, re.DOTALL)
INDEX = "https://pypi.corp.example/team/simple/"


def command(start: str) -> list[str]:
    """The words of the one command on the page that begins so."""
    [line] = [line for line in re.findall(r"```sh\n(.*?)\n```", PAGE, re.DOTALL) if start in line]
    return shlex.split(line.replace("\\\n", " "))


class Builder:
    """A machine with buildah and podman, a private index, and a login for it."""

    def __init__(self, base: Path, server: IndexServer, environment: dict[str, str]) -> None:
        self.base, self.server, self.canary = base, server, new_canary("odd")
        self.environ = image_builders.environ_of(base, environment)
        wheel = packages.wheel(base.parent / "wheels", "corp-thing")
        index = server.add("/team/simple/", [wheel], username="ci", password=self.canary.secret)
        index.headers |= {"Vary": "Authorization", "Cache-Control": "max-age=3600"}  # pip's cache keeps such pages
        self.url = server.url("/team/simple/", host="127.0.0.1")
        image_builders.make_base_image(base, Path(server.environ["PIP_CERT"]), self.environ)
        self.context = base / "app"
        self.context.mkdir()
        (self.context / "requirements.txt").write_text("corp-thing\n")

    def build(self, argv: list[str], dockerfile: str, **variables: str) -> str:
        """Build the recipe with this index in place of the page's; all that was said."""
        (self.context / "Dockerfile").write_text(dockerfile.replace("FROM python:", "FROM localhost/python:"))
        words = [word.replace(INDEX, self.url) for word in argv]
        if words[0] == "authpip":
            words[:1] = [sys.executable, "-m", "authpip"]
        environ = {**self.environ, **self.server.environ, **variables}
        return image_builders.run(*words, environ=environ, cwd=self.context)

    def login(self) -> dict[str, str]:
        """A login of the user who builds; its file lies outside of what is searched afterwards."""
        return logins(self.base.parent / "own-logins.json", (self.url, "ci", self.canary.secret))

    def stored(self) -> list[str]:
        """Where the secret is in what the builders keep: layers, configuration, history, caches, temporary files."""
        return [sighting.where for sighting in self.canary.find_below(self.base)]


@pytest.fixture
def builder(tmp_path: Path, index_server: IndexServer, environment: dict[str, str]) -> Builder:
    """A fresh store for each test, so that a search of it is about that test alone."""
    base = tmp_path / "builder"
    base.mkdir()
    return Builder(base, index_server, environment)


@pytest.mark.heavy
@pytest.mark.real
@pytest.mark.parametrize("program", ["buildah", "podman"])
def test_a_build_with_ones_own_login(builder: Builder, program: str) -> None:
    """P3, P10: the package is in the image, and the secret is nowhere in what the builder stores, in 8 encodings."""
    argv = command(f"authpip auth exec -- {program} ")
    argv[-1:] = ["--layers", "."]  # each step's layer stays, with its history
    said = builder.build(argv, with_cache_mount(DOCKERFILES[0]), **builder.login())
    assert "Successfully installed corp-thing" in said
    assert 401 not in builder.server.statuses()
    assert not builder.canary.find_in(said)
    assert any(path.is_file() for path in builder.base.glob("tmp/buildah-cache/**/*"))  # it is searched, too
    assert builder.stored() == []


@pytest.mark.heavy
@pytest.mark.real
def test_a_build_with_a_password_of_ci(builder: Builder) -> None:
    """P3, P10: the same with one password as the secret, here with buildah in place of docker."""
    argv = command("docker build --secret id=pypi-password")
    said = builder.build(["buildah", *argv[1:-1], "--layers", "."], DOCKERFILES[1], PYPI_PASSWORD=builder.canary.secret)
    assert "Successfully installed corp-thing" in said
    assert 401 not in builder.server.statuses()
    assert builder.stored() == []


@pytest.mark.heavy
@pytest.mark.real
def test_a_step_of_another_user(builder: Builder) -> None:
    """A step that is not root's reads a secret that is its user's."""
    mount = "RUN --mount=type=secret,id=authpip,"
    dockerfile = DOCKERFILES[0].replace(mount, f"USER 1000\n{mount}uid=1000,")
    dockerfile = dockerfile.replace("authpip install", "HOME=/tmp authpip install --target /tmp/lib")
    said = builder.build(command("authpip auth exec -- buildah "), dockerfile, **builder.login())
    assert "Successfully installed corp-thing" in said
    assert builder.stored() == []


@pytest.mark.heavy
@pytest.mark.real
def test_the_search_finds_a_build_argument(builder: Builder) -> None:
    """Control: a password in a build argument, as many Dockerfiles have it, is found in what buildah stores."""
    url = builder.server.url("/team/simple/", host="127.0.0.1", userinfo=f"ci:{quote(builder.canary.secret, safe='')}")
    dockerfile = DOCKERFILES[0].split("RUN --mount")[0] + "RUN pip install -r requirements.txt\n"
    builder.build(["buildah", "build", "--layers", "--build-arg", f"PIP_INDEX_URL={url}", "."], dockerfile)
    assert builder.stored()


def with_cache_mount(dockerfile: str) -> str:
    """The page says that pip's cache may stand beside the secret."""
    cache = "--mount=type=cache,target=/root/.cache/pip"
    return dockerfile.replace("RUN --mount=type=secret", f"RUN {cache} --mount=type=secret")


def yaml_documents(page: str) -> list[dict]:
    """The blocks of YAML on a page."""
    return [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)]


def problems_of(environ: dict[str, str]) -> list[UsageError]:
    """What `auth config check` would say about these variables: rules that are wrong, names that nothing reads."""
    settings, problems = read_settings(environ)
    return [*problems, *unread_variables(environ, settings)]


def test_compose_file() -> None:
    """Not run, for want of Docker: it is YAML, its service asks for the secret, and the secret is our variable."""
    [file] = yaml_documents(PAGE)
    assert file["services"]["app"]["build"]["secrets"] == ["authpip"]
    assert file["secrets"] == {"authpip": {"environment": containers.VARIABLE}}


def test_manifests(environment: dict[str, str]) -> None:
    """Not run, for want of a cluster: mounts have their volumes, secret files lie on them, and rules are accepted."""
    for manifest in yaml_documents(CLUSTER):
        spec = manifest["spec"].get("template", manifest)["spec"]
        volumes = {volume["name"] for volume in spec["volumes"]}
        for container in spec["containers"]:
            mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
            assert set(mounts.values()) == volumes
            variables = {entry["name"]: entry["value"] for entry in container["env"]}
            assert problems_of(variables | environment) == []
            for path in (value for name, value in variables.items() if name.endswith("_FILE")):
                assert str(Path(path).parent) in mounts


@pytest.mark.parametrize("dockerfile", DOCKERFILES)
def test_dockerfiles(dockerfile: str, environment: dict[str, str]) -> None:
    """Each step is one of a Dockerfile, a command on the page passes the secret, and the rules are accepted."""
    steps = [line for line in dockerfile.replace("\\\n", " ").splitlines() if not line.startswith("#")]
    assert {step.split()[0] for step in steps} <= {"FROM", "RUN", "WORKDIR", "COPY", "ARG", "ENV"}
    [secret] = re.findall(r"type=secret,id=([\w-]+)", dockerfile)
    assert f"--secret id={secret}" in PAGE
    variables = dict(re.findall(r"\b(AUTHPIP_INDEX_\w+)=\"?([^\s\"]*)", dockerfile))
    variables = {name: INDEX if value == "$PIP_INDEX_URL" else value for name, value in variables.items()}
    assert problems_of(variables | environment) == []
