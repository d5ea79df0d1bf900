"""Environments that are still to be made: the plug-in for virtualenv, under virtualenv itself, tox and nox."""

from __future__ import annotations

import os
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from authpip.activation import enabled_list
from authpip.cli.commands import venv as command
from support.machine.requirements import missing
from support.programs import pip_venvs
from support.samples import packages, private_index
from support.samples.private_index import PrivateIndex, run, said
from support.servers.index_server import IndexServer

pytestmark = pytest.mark.real

HEAVY = pytest.mark.heavy
TOX = """\
[tox]
env_list = t
no_package = true
[testenv]
deps = {project}
pass_env = AUTHPIP_*,PYTHONPATH,SSL_CERT_FILE
{extra}
commands = python -c "import corp_thing, sys; print('it is', corp_thing.__version__)"
"""
PYPROJECT = """\
[project]
name = "mine"
version = "1.0"
[build-system]
requires = ["{project}"]
build-backend = "backend"
backend-path = ["."]
"""
BACKEND = """\
import os, shutil

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    import corp_thing
    return os.path.basename(shutil.copy({wheel!r}, wheel_directory))
"""
NOX = """\
import nox

@nox.session
def t(session):
    session.install("{project}")
    session.run("python", "-c", "import corp_thing; print('it is', corp_thing.__version__)")
"""


@pytest.fixture
def private(
    index_server: IndexServer, tmp_path: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> PrivateIndex:
    """A private index; the plug-in is known as the installed authpip makes it known, or as it would be."""
    quiet = {**environment, "VIRTUALENV_NO_PERIODIC_UPDATE": "1"}  # it looks for a new pip in the background
    made = private_index.make(index_server, tmp_path / "wheels", quiet)
    if any(each.name == "authpip" for each in entry_points(group="virtualenv.activate")):
        return made
    info = tmp_path / "dist" / "authpip_plugin-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: authpip-plugin\nVersion: 1\n")
    plugin = "authpip = authpip.activation.virtualenv_plugin:Activator"
    (info / "entry_points.txt").write_text(f"[virtualenv.activate]\n{plugin}\n")
    path = f"{info.parent}{os.pathsep}{made.environ.get('PYTHONPATH', '')}"
    return made._replace(environ={**made.environ, "PYTHONPATH": path})


def tool(name: str) -> list[str]:
    """How this tool is started. Missing, it ends the test."""
    if not any((Path(entry) / name).is_dir() for entry in sys.path):
        missing(name)
    return [sys.executable, "-m", name]


def start_up_files(directory: Path) -> list[str]:
    """Ours, anywhere below."""
    return [path.name for path in directory.rglob("authpip_activation.*")]


def test_off_unless_asked_for(tmp_path: Path, private: PrivateIndex) -> None:
    """virtualenv with the plug-in present makes the environment it always made."""
    run(*tool("virtualenv"), tmp_path / "env", env=private.environ, check=True)
    assert start_up_files(tmp_path / "env") == []


@pytest.mark.parametrize("how", ["variable", *(pytest.param(how, marks=HEAVY) for how in ("option", "configuration"))])
def test_virtualenv(how: str, tmp_path: Path, private: PrivateIndex) -> None:
    """Asked for in any of virtualenv's ways, pip of the new environment installs a private package, and the
    environment is on the list of enabled ones."""
    (tmp_path / "virtualenv.ini").write_text("[virtualenv]\nauthpip = true\n")
    environ = {
        "option": private.environ,
        "variable": {**private.environ, "VIRTUALENV_AUTHPIP": "1"},
        "configuration": {**private.environ, "VIRTUALENV_CONFIG_FILE": str(tmp_path / "virtualenv.ini")},
    }[how]
    option = ["--authpip"] if how == "option" else []
    run(*tool("virtualenv"), *option, tmp_path / "env", env=environ, check=True)
    assert start_up_files(tmp_path / "env") == ["authpip_activation.pth"]
    assert [enabled.directory for enabled in enabled_list.load(private.environ)] == [tmp_path / "env"]
    run(tmp_path / "env/bin/pip", "install", private.project, env=private.environ, check=True)
    assert private.install_is_good()
    assert command.run(["disable", str(tmp_path / "env")], private.environ) == 0
    assert start_up_files(tmp_path / "env") == []


def test_tox(tmp_path: Path, private: PrivateIndex) -> None:
    """tox installs deps from the private index: its environments are enabled by the plug-in."""
    (tmp_path / "tox.ini").write_text(TOX.format(project=private.project, extra=""))
    environ = {**private.environ, "VIRTUALENV_AUTHPIP": "1"}
    done = run(*tool("tox"), "run", env=environ, cwd=tmp_path)
    assert done.returncode == 0, said(["tox"], done)
    assert "it is 1.0" in done.stdout
    assert private.install_is_good()


def test_the_tox_recipe_of_the_documentation(tmp_path: Path, private: PrivateIndex) -> None:
    """trial B5: with docs/activation.md's tox.ini, the environment that builds the project gets its build dependency
    from the private index, too. Without `[pkgenv]` it ends with `.pkg: exit 3`."""
    recipe = (Path(__file__).parents[2] / "docs/activation.md").read_text().partition("```ini\n")[2].partition("```")[0]
    for_the_test = recipe.replace("XDG_*", "XDG_*, PYTHONPATH, SSL_CERT_FILE")
    lines = 'package = wheel\ncommands = python -c "import mine"\n'
    (tmp_path / "tox.ini").write_text(f"[tox]\nenv_list = t\n{for_the_test.replace('[pkgenv]', lines + '[pkgenv]')}")
    wheel = packages.wheel(tmp_path / "built", "mine")
    (tmp_path / "backend.py").write_text(BACKEND.format(wheel=str(wheel)))
    (tmp_path / "pyproject.toml").write_text(PYPROJECT.format(project=private.project))
    done = run(*tool("tox"), "run", env={**private.environ, "VIRTUALENV_AUTHPIP": "1"}, cwd=tmp_path)
    assert done.returncode == 0, said(["tox"], done)
    assert private.install_is_good()


def test_nox(tmp_path: Path, private: PrivateIndex) -> None:
    """nox installs from the private index in its sessions."""
    (tmp_path / "noxfile.py").write_text(NOX.format(project=private.project))
    environ = {**private.environ, "VIRTUALENV_AUTHPIP": "1", "NOX_DEFAULT_VENV_BACKEND": "virtualenv"}
    done = run(*tool("nox"), "-v", env=environ, cwd=tmp_path)
    assert done.returncode == 0, said(["nox"], done)
    assert "it is 1.0" in done.stdout + done.stderr
    assert private.install_is_good()


def test_tox_by_the_keyring_command(tmp_path: Path, private: PrivateIndex, environment: dict[str, str]) -> None:
    """Without the plug-in: tox's own pip asks the keyring command."""
    from authpip.activation import shims

    shims.install(tmp_path / "shims", environment, keyring=True)
    extra = "set_env =\n    PIP_KEYRING_PROVIDER = subprocess"
    (tmp_path / "tox.ini").write_text(TOX.format(project=private.project, extra=extra))
    environ = {
        **private.environ,
        "PIP_INDEX_URL": private.environ["PIP_INDEX_URL"].replace("://", "://alice@"),
        "PATH": f"{tmp_path / 'shims'}:{private.environ['PATH']}",
    }
    done = run(*tool("tox"), "run", env=environ, cwd=tmp_path)
    assert done.returncode == 0, said(["tox"], done)
    assert "it is 1.0" in done.stdout


@pytest.mark.heavy
def test_pre_commit(tmp_path: Path, private: PrivateIndex) -> None:
    """pre-commit's environment for a hook gets a private dependency, and builds the hook's package on the way."""
    for name in ("setuptools", "wheel"):
        wheel = pip_venvs.fetch(name)
        private.server.indexes[0].files[wheel.name] = wheel
    repository = tmp_path / "repository"
    repository.mkdir()
    hook = f"""\
repos:
- repo: local
  hooks:
  - id: thing
    name: thing
    language: python
    additional_dependencies: [{private.project}]
    entry: python -c "import corp_thing; print('it is', corp_thing.__version__)"
    always_run: true
    pass_filenames: false
    verbose: true
"""
    (repository / ".pre-commit-config.yaml").write_text(hook)
    environ = {**private.environ, "VIRTUALENV_AUTHPIP": "1"}
    run("git", "init", "-q", env=environ, cwd=repository, check=True)
    run("git", "add", ".", env=environ, cwd=repository, check=True)
    done = run(*tool("pre_commit"), "run", "-a", env=environ, cwd=repository)
    assert done.returncode == 0, said(["pre-commit"], done)
    assert "it is 1.0" in done.stdout
    assert private.install_is_good()


@pytest.mark.heavy
def test_hatch(tmp_path: Path, private: PrivateIndex) -> None:
    """hatch fills its environment from the private index."""
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "x"\nversion = "1"\n[tool.hatch.envs.default]\nskip-install = true\n'
        f'installer = "pip"\ndependencies = ["{private.project}"]\n'
    )
    environ = {**private.environ, "VIRTUALENV_AUTHPIP": "1"}
    code = "import corp_thing; print('it is', corp_thing.__version__)"
    done = run(*tool("hatch"), "run", "python", "-c", code, env=environ, cwd=tmp_path)
    assert done.returncode == 0, said(["hatch"], done)
    assert "it is 1.0" in done.stdout
    assert private.install_is_good()
