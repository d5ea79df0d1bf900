"""One environment: pip however it is started, everything else untouched, and back byte for byte."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from authpip.activation import environments, pth_files, shims
from authpip.cli.commands import venv as command
from authpip.core.errors import UsageError
from support.leaks.canary import new_canary
from support.programs import pip_venvs
from support.programs.pip_venvs import PipVenv
from support.samples import packages, private_index
from support.samples.private_index import PrivateIndex, run, said, tree
from support.servers.index_server import IndexServer

pytestmark = pytest.mark.real

STARTS: dict[str, Callable[[PipVenv], list[str]]] = {
    "bin/pip": lambda venv: [f"{venv.scripts}/pip"],
    "bin/pip3": lambda venv: [f"{venv.scripts}/pip3"],
    "python bin/pip": lambda venv: [venv.python, f"{venv.scripts}/pip"],
    "python -m pip": lambda venv: [venv.python, "-m", "pip"],
    "python -I -m pip": lambda venv: [venv.python, "-I", "-m", "pip"],
    "python -Im pip": lambda venv: [venv.python, "-Im", "pip"],
    "python -mpip": lambda venv: [venv.python, "-mpip"],
    "python -u -W ignore -m pip": lambda venv: [venv.python, "-u", "-W", "ignore", "-X", "utf8", "-m", "pip"],
}
LOOK = "import sys, os; print(sorted(sys.modules), sys.argv, sys.path, list(sys.flags), sorted(os.environ))"


@pytest.fixture
def private(index_server: IndexServer, tmp_path: Path, environment: dict[str, str]) -> PrivateIndex:
    """A private index."""
    return private_index.make(index_server, tmp_path / "wheels", environment)


def make(tmp_path: Path, python: str = pip_venvs.PYTHON, pip: str = "26.3") -> PipVenv:
    """An environment of one pip."""
    return pip_venvs.make(tmp_path / "env", python, pip)


FEW = ("bin/pip", "python -I -m pip", "python -mpip")
PAIRS = [("3.8", "23.2.1"), ("3.9", "22.3.1"), ("3.10", "24.0"), ("3.12", "24.3.1"), ("3.13", "25.3")]


@pytest.mark.parametrize(
    ("python", "pip", "via", "names"),
    [
        (pip_venvs.PYTHON, "26.3", "pth", tuple(STARTS)),
        (pip_venvs.PYTHON, "26.3", "sitecustomize", FEW),
        ("3.8", "23.2.1", "pth", FEW),
        *(
            pytest.param(python, pip, via, tuple(STARTS), marks=pytest.mark.heavy)
            for python, pip in PAIRS
            for via in ("pth", "sitecustomize")
        ),
    ],
)
def test_every_start_installs(
    python: str,
    pip: str,
    via: str,
    names: tuple[str, ...],
    tmp_path: Path,
    private: PrivateIndex,
    environment: dict[str, str],
) -> None:
    """Each way to start pip installs from a private index without one 401; the environment's own pip does it."""
    venv = make(tmp_path, python, pip)
    assert command.run(["enable", str(venv.directory), "--via", via], environment) == 0
    for name in names:
        argv = [*STARTS[name](venv), "install", "--force-reinstall", "--no-cache-dir", private.project]
        done = run(*argv, env=private.environ, cwd=tmp_path)
        assert done.returncode == 0, said([name, *argv], done)
        assert private.install_is_good(), name
        assert "s3cr3t" not in done.stdout + done.stderr
    assert "corp_thing" in venv.installed()


@pytest.mark.parametrize(("version", "pip"), [("3.8", "24.0"), (pip_venvs.PYTHON, "26.3"), ("3.13", "24.0")])
def test_plain_python_is_unchanged(tmp_path: Path, environment: dict[str, str], version: str, pip: str) -> None:
    """A python of the environment imports, prints and sees exactly what it did before, by either start-up file."""
    venv = make(tmp_path, version, pip)
    (tmp_path / "mod.py").write_text(LOOK)
    (venv.site_packages / "zz.pth").write_text("#\n")  # to read any .pth, Python imports a codec
    environ = {**environment, "PYTHONPATH": str(tmp_path)}
    starts = (["-c", LOOK, "a"], ["-I", "-c", LOOK], ["-m", "mod", "pip"], [str(tmp_path / "mod.py"), "pip"])
    before = [run(venv.python, *start, env=environ, check=True).stdout for start in starts]
    for via in ("pth", "sitecustomize"):
        command.run(["enable", str(venv.directory), "--via", via], environment)
        done = [run(venv.python, *start, env=environ, check=True) for start in starts]
        assert [each.stdout for each in done] == before
        assert [each.stderr for each in done] == [""] * len(starts)


@pytest.mark.parametrize("via", ["pth", "sitecustomize"])
def test_disable_restores_byte_for_byte(
    via: str, tmp_path: Path, private: PrivateIndex, environment: dict[str, str]
) -> None:
    """Enabled twice, used, disabled: the tree is what it was, its __pycache__ included."""
    venv = make(tmp_path)
    run(venv.python, "-m", "pip", "download", "-d", tmp_path / "x", "--no-index", "none", env=environment)
    (venv.site_packages / "__pycache__").mkdir(exist_ok=True)
    before = tree(venv.directory)
    for _ in range(2):
        command.run(["enable", str(venv.directory), "--via", via], environment)
    run(venv.python, "-c", "pass", env=environment, check=True)
    download = [venv.python, "-m", "pip", "download", "-q", "-d", tmp_path / "x", private.project]
    run(*download, env=private.environ, check=True)
    assert private.install_is_good()
    assert command.run(["status", str(venv.directory)], environment) == 0
    assert command.run(["disable", str(venv.directory)], environment) == 0
    assert tree(venv.directory) == before
    assert command.run(["status", str(venv.directory)], environment) == 1
    assert run(*download[:-1], "--isolated", "--no-index", "none", env=private.environ).returncode == 1


def test_upgrade_of_pip_survives(tmp_path: Path, private: PrivateIndex, environment: dict[str, str]) -> None:
    """`pip install -U pip` replaces bin/pip; the environment stays enabled (F18)."""
    venv = make(tmp_path, "", "24.0")
    command.run(["enable", str(venv.directory)], environment)
    newer = pip_venvs.fetch("pip==26.3")
    run(f"{venv.scripts}/pip", "install", "--no-index", "-U", newer, env=environment, check=True)
    run(f"{venv.scripts}/pip", "install", private.project, env=private.environ, check=True)
    assert private.install_is_good()


def test_pip_says_the_same(tmp_path: Path, environment: dict[str, str]) -> None:
    """Where authpip has nothing to do, output and exit status are pip's own (P12)."""
    venv = make(tmp_path)
    commands = ["", "--version", "list", "freeze", "install", "install --no-index none", "unheard-of", "config list"]
    commands += ["install --help", "list --outdated --no-index", "uninstall -y none", "download --no-index none"]

    def outcomes() -> list[tuple[int, str, str]]:
        found = []
        for target, words in enumerate(commands):
            start = STARTS[("bin/pip", "python -I -m pip")[target % 2]]
            done = run(*start(venv), *words.split(), env=environment)
            found.append((done.returncode, done.stdout, done.stderr))
        return found

    before = outcomes()
    command.run(["enable", str(venv.directory)], environment)
    assert outcomes() == before


def test_disable_variable(tmp_path: Path, private: PrivateIndex, environment: dict[str, str]) -> None:
    """AUTHPIP_DISABLE=1: pip is left alone, and so it is answered 401."""
    venv = make(tmp_path)
    command.run(["enable", str(venv.directory)], environment)
    plain = {**private.environ, "AUTHPIP_DISABLE": "1", "PIP_NO_INPUT": "1"}
    assert run(venv.python, "-m", "pip", "install", private.project, env=plain).returncode == 1
    assert 401 in private.server.statuses()


@pytest.mark.parametrize("missing", ["interpreter", "package"])
def test_authpip_is_gone(
    missing: str, tmp_path: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """trial 3: without authpip the plain pip runs; one line names the environment, what that means, how to enable it
    again and what to delete; python says nothing."""
    venv = make(tmp_path)
    here = tmp_path / "authpip"
    shutil.copytree(Path(environments.__file__).parents[1], here)
    shutil.copy(sys.executable, tmp_path / "python")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr(environments, "_PTH_HOOK", here / "activation" / "pth_hook.py")
    monkeypatch.setattr(environments, "_ENTRY", here / "__main__.py")
    environments.enable(environments.find(venv.directory))
    shutil.rmtree(here) if missing == "package" else (tmp_path / "python").unlink()
    for start in STARTS.values():
        done = run(*start(venv), "install", "--no-index", "none", env=environment)
        [line] = [line for line in done.stderr.splitlines() if line.startswith("authpip: ")]
        assert f"`authpip auth venv enable {venv.directory}`" in line
        assert "pip runs without authpip: indexes that need a credential will refuse" in line
        assert "rules that say `always` are not applied" in line
        assert f"below {venv.directory}" in line
        assert "No matching distribution found for none" in done.stderr
    assert run(venv.python, "-c", "print(1)", env=environment).stderr == ""


def test_a_sitecustomize_that_exists_runs(tmp_path: Path, private: PrivateIndex, environment: dict[str, str]) -> None:
    """The user's sitecustomize beside ours stays as it is, runs, and is the module that others see."""
    venv = make(tmp_path)
    own = venv.site_packages / "sitecustomize.py"
    own.write_text("import sys\nsys.mine = __file__, __name__\n")
    run(venv.python, "-c", "pass", env=environment, check=True)
    before = tree(venv.directory)
    look = "import sys, sitecustomize; print(sys.mine, sitecustomize.__file__, sitecustomize.__spec__.origin)"
    expected = run(venv.python, "-c", look, env=environment, check=True).stdout
    command.run(["enable", str(venv.directory), "--via", "sitecustomize"], environment)
    assert run(venv.python, "-c", look, env=environment, check=True).stdout == expected
    run(
        venv.python,
        "-m",
        "pip",
        "download",
        "-q",
        "-d",
        tmp_path / "x",
        private.project,
        env=private.environ,
        check=True,
    )
    assert private.install_is_good()
    command.run(["disable", str(venv.directory)], environment)
    assert tree(venv.directory) == before


def test_a_sitecustomize_elsewhere_on_the_path_runs(tmp_path: Path, environment: dict[str, str]) -> None:
    """One that PYTHONPATH brings comes first, as ever; one that comes later on sys.path is chained to."""
    venv = make(tmp_path)
    (tmp_path / "later").mkdir()
    (tmp_path / "later" / "sitecustomize.py").write_text("print('later')\n")
    (venv.site_packages / "zz.pth").write_text(f"{tmp_path / 'later'}\n")
    command.run(["enable", str(venv.directory), "--via", "sitecustomize"], environment)
    assert run(venv.python, "-c", "", env=environment, check=True).stdout == "later\n"


def test_a_sitecustomize_that_would_win(tmp_path: Path, environment: dict[str, str]) -> None:
    """Where one comes before ours on sys.path (Debian's), ours would never run: it is refused, with the remedy."""
    venv = make(tmp_path)
    found = environments.find(venv.directory)
    ahead = found._replace(customize=Path(found.path[0]).parent / "lib" / "sitecustomize.py")
    ahead = ahead._replace(path=(str(Path(ahead.customize or "").parent), *found.path))
    with pytest.raises(UsageError, match=r"comes before it; use the default, a \.pth"):
        environments.enable(ahead, via="sitecustomize")


def test_start_file_of_pep_829(tmp_path: Path, environment: dict[str, str]) -> None:
    """Python 3.18 gets a .start file and its module, too; what it names can be called, and leaves no module."""
    venv = make(tmp_path)
    found = environments.find(venv.directory)
    before = tree(venv.directory)
    environments.enable(found._replace(version=(3, 18)))
    entry = (venv.site_packages / "authpip_activation.start").read_text().splitlines()[-1]
    (venv.site_packages / "authpip_activation.pth").unlink()  # 3.18 ignores its import line
    call = "import pkgutil, sys; pkgutil.resolve_name(sys.argv[1])(); print([m for m in sys.modules if 'authpip' in m])"
    assert run(venv.python, "-c", call, entry, env=environment, check=True).stdout == "[]\n"
    environments.disable(found)
    assert {name: text for name, text in tree(venv.directory).items() if "pkgutil" not in name} == before


def test_all_below(tmp_path: Path, environment: dict[str, str], capfd: pytest.CaptureFixture[str]) -> None:
    """--all-below does every environment, goes on after a broken one, and says which it was. `status` without DIR
    lists what is enabled, and not what was removed or disabled."""
    for name in ("a", "b/c"):
        pip_venvs.make(tmp_path / name, pip_venvs.PYTHON, "26.3")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "pyvenv.cfg").touch()
    assert command.run(["enable", "--all-below", str(tmp_path)], environment) == 1
    output = capfd.readouterr()
    assert output.out.count("enabled by") == 2
    assert str(tmp_path / "broken") in output.err
    assert command.run(["status", "--all-below", str(tmp_path / "b")], environment) == 0
    capfd.readouterr()
    assert command.run(["status", "--json"], environment) == 0
    listed = json.loads(capfd.readouterr().out)["environments"]
    assert [one["directory"] for one in listed] == [str(tmp_path / "a"), str(tmp_path / "b/c")]
    assert all(one["enabled"] and one["leads_here"] for one in listed)
    shutil.rmtree(tmp_path / "a")
    assert command.run(["disable", str(tmp_path / "b/c")], environment) == 0
    capfd.readouterr()
    assert command.run(["status"], environment) == 0
    assert "no environment is enabled" in capfd.readouterr().err


def test_the_line_is_one_line_of_ascii() -> None:
    """A path with quotes, newlines or letters beyond ASCII is still one import line, read in any locale."""
    odd = '/home/jörg\'s "x"\n/authpip'
    text = pth_files.pth(odd, [odd, odd])
    assert text.startswith("import ")
    assert text.count("\n") == 1
    assert text.isascii()
    compile(text, "x.pth", "exec")


def test_a_foreign_file_is_not_replaced(tmp_path: Path, environment: dict[str, str]) -> None:
    """A file of that name which is not ours stays, and is an error."""
    venv = make(tmp_path)
    (venv.site_packages / "authpip_activation.pth").write_text("/some/path\n")
    with pytest.raises(UsageError, match="not replacing"):
        command.run(["enable", str(venv.directory)], environment)


def test_which_environment(tmp_path: Path, environment: dict[str, str]) -> None:
    """Without DIR it is the active one; without that, and for a directory that is none, an error with its remedy."""
    venv = make(tmp_path)
    assert command.run(["status"], {**environment, "VIRTUAL_ENV": str(venv.directory)}) == 1
    with pytest.raises(UsageError, match="name its directory"):
        command.run(["enable"], environment)
    with pytest.raises(UsageError, match="no Python environment"):
        command.run(["status", str(tmp_path)], environment)


def test_json_is_not_disturbed(tmp_path: Path, environment: dict[str, str]) -> None:
    """`pip list --format json` of an enabled environment is JSON on stdout and nothing else (F15)."""
    venv = make(tmp_path)
    command.run(["enable", str(venv.directory)], environment)
    done = run(venv.python, "-m", "pip", "list", "--format", "json", env=environment, check=True)
    assert json.loads(done.stdout)[0]["name"] == "pip"
    assert os.listdir(venv.directory)


def test_a_build_backend_finds_no_secret(
    tmp_path: Path, index_server: IndexServer, environment: dict[str, str]
) -> None:
    """In an enabled environment, through a shim, too: a nested pip gets its build dependency, the backend no secret."""
    canary, report = new_canary(), tmp_path / "report.jsonl"
    files = [
        packages.spy_sdist(tmp_path / "dist", "spy-thing", report, requires=["build-dep"]),
        packages.wheel(tmp_path / "dist", "build-dep"),
    ]
    private = private_index.make(index_server, tmp_path / "wheels", environment)
    index_server.add("/spied/", files, username="alice", password=canary.secret)
    url = index_server.url("/spied/", host="localhost")
    variables = {"PIP_INDEX_URL": url, "AUTHPIP_INDEX_CORP_URL": url, "AUTHPIP_INDEX_CORP_PASSWORD": canary.secret}
    venv = make(tmp_path)
    command.run(["enable", str(venv.directory)], environment)
    shims.install(tmp_path / "shims", environment)
    environ = venv.activated({**private.environ, **variables})
    environ["PATH"] = f"{tmp_path / 'shims'}:{environ['PATH']}"
    for start in (["/usr/bin/env", "pip"], [venv.python, "-I", "-m", "pip"]):
        done = run(*start, "install", "--force-reinstall", "--no-cache-dir", "spy-thing", env=environ)
        assert done.returncode == 0, said(start, done)
        assert private.install_is_good()
        assert not canary.find_in(done.stdout + done.stderr)
    lines = report.read_text().splitlines()
    assert len(lines) > 4
    assert [hit for line in lines for hit in canary.find_in_tree(json.loads(line))] == []


@pytest.mark.parametrize("name", ["pip", "pip/__main__.py"])
def test_a_projects_own_pip_gets_nothing(
    name: str, tmp_path: Path, private: PrivateIndex, environment: dict[str, str]
) -> None:
    """A repository's file or package called pip: run by its path it is left alone, and -m pip is not that one (P6)."""
    venv = make(tmp_path)
    command.run(["enable", str(venv.directory)], environment)
    project = tmp_path / "project"
    (project / name).parent.mkdir(parents=True)
    look = "import sys; print('planted', sys.flags.no_site)\n"  # a pip that has the handoff is started with -S
    (project / name).write_text(look)
    if name == "pip":
        done = run(venv.python, "pip", "install", "x", env=private.environ, cwd=project)
        assert done.stdout == "planted 0\n"
    else:
        (project / "pip/__init__.py").write_text(look)
        done = run(venv.python, "-m", "pip", "install", private.project, env=private.environ, cwd=project)
        assert "planted" not in done.stdout
        assert private.install_is_good()


@pytest.mark.parametrize("link", ["environment", "pip"])
def test_reached_by_a_link(tmp_path: Path, private: PrivateIndex, environment: dict[str, str], link: str) -> None:
    """An environment, or its pip, that a link leads to is the same environment: the credential is found."""
    venv = make(tmp_path)
    command.run(["enable", str(venv.directory)], environment)
    place = tmp_path / "link"
    if link == "environment":
        place.symlink_to(venv.directory, target_is_directory=True)
        start = [f"{place}/bin/pip"]
    else:
        place.mkdir()
        (place / "pip").symlink_to(f"{venv.scripts}/pip")
        start = [f"{place}/pip"]
    done = run(*start, "install", "--no-cache-dir", private.project, env=private.environ)
    assert done.returncode == 0, said(start, done)


@pytest.mark.parametrize("via", ["pth", "sitecustomize"])
def test_no_warning_of_pythons_own(
    tmp_path: Path, private: PrivateIndex, environment: dict[str, str], via: str
) -> None:
    """-X dev and -W error find nothing to say about the start-up files: no file is left open."""
    venv = make(tmp_path)
    command.run(["enable", str(venv.directory), "--via", via], environment)
    for words in (["-c", "pass"], ["-m", "pip", "download", "--no-deps", "-d", str(tmp_path), private.project]):
        done = run(venv.python, "-X", "dev", "-W", "error::ResourceWarning", *words, env=private.environ)
        assert done.returncode == 0, said(words, done)
        assert "authpip" not in done.stderr + done.stdout
        assert "ResourceWarning" not in done.stderr
