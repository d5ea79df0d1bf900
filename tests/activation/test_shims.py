"""Shims: tiny, never recursive, gone without a trace."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from authpip.activation import shims
from authpip.cli.commands import shim as command
from authpip.core.errors import AuthpipError, UsageError
from authpip.discovery.commands import uses_index
from authpip.launcher.which_pip import SHIM_MARKER
from support.machine.requirements import need
from support.programs import pip_venvs
from support.samples import private_index
from support.servers.index_server import IndexServer

pytestmark = pytest.mark.real

NO_INDEX = [
    "",
    "--version",
    "-V",
    "--help",
    "help install",
    "list",
    "list --format json",
    "freeze",
    "show pip",
    "check",
]
NO_INDEX += ["config list", "cache dir", "hash x", "completion --bash", "inspect", "debug", "uninstall -y x"]
INDEX = ["install x", "download x", "wheel x", "index versions x", "lock x", "list --outdated", "list -o", "list -vo"]
INDEX += ["uninstall -y -r x", "--proxy x install y", "--isolated list", "search x", "auth list", "unheard-of"]


def script(path: Path, text: str) -> Path:
    """An executable file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def fake_pip(directory: Path, name: str = "pip") -> Path:
    """A pip that says where it is and what it was given."""
    line = f'import sys; print("real", {str(directory)!r}, sys.argv[1:])\n'
    return script(directory / name, f"#!{sys.executable}\n# -*- coding: utf-8 -*-\n{line}")


def fake_authpip(directory: Path) -> tuple[Path, Path]:
    """An interpreter and an entry; the interpreter says what it was started with."""
    python = script(directory / "bin" / "python", '#!/bin/sh\necho "authpip $*"\n')
    return python, script(directory / "lib/python3.99/site-packages/authpip/__main__.py", "")


@pytest.fixture
def shim_dir(environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Installed shims that lead to fake_authpip."""
    python, entry = fake_authpip(tmp_path / "authpip")
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(shims, "_ENTRY", entry)
    fake_pip(tmp_path / "bin", "pip3.7")
    directory = tmp_path / "shim dir's"
    shims.install(directory, {**environment, "PATH": str(tmp_path / "bin")})
    monkeypatch.undo()
    return directory


def run(*argv: str, path: object, environ: Mapping[str, str], **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command by its name on this PATH."""
    env = {**environ, "PATH": f"{path}:/usr/bin:/bin", **variables}
    return subprocess.run(
        ["/usr/bin/env", *argv], env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )


@pytest.mark.parametrize("words", NO_INDEX)
def test_no_index_no_authpip(words: str, shim_dir: Path, tmp_path: Path, environment: dict[str, str]) -> None:
    """A command that uses no index becomes the real pip at once (F17), its arguments untouched."""
    fake_pip(tmp_path / "bin")
    done = run("pip", *words.split(), path=f"{shim_dir}:{tmp_path / 'bin'}", environ=environment)
    assert (done.stdout, done.stderr) == (f"real {tmp_path / 'bin'} {words.split()}\n", "")


@pytest.mark.parametrize("words", INDEX)
def test_index_goes_to_authpip(words: str, shim_dir: Path, tmp_path: Path, environment: dict[str, str]) -> None:
    """A command that may use an index goes to authpip's own interpreter, by its absolute path and isolated."""
    fake_pip(tmp_path / "bin")
    done = run("pip", *words.split(), path=f"{shim_dir}:{tmp_path / 'bin'}", environ=environment)
    entry = tmp_path / "authpip/lib/python3.99/site-packages/authpip/__main__.py"
    assert (done.stdout, done.stderr) == (f"authpip -I {entry} shim pip {words}\n", "")


@pytest.mark.parametrize("words", [*NO_INDEX, *INDEX])
def test_the_shim_and_the_launcher_agree(words: str) -> None:
    """What the shim takes for a command without an index, the launcher does too; never the other way round."""
    assert words in INDEX or not uses_index(words.split())


def test_arguments_are_exact(shim_dir: Path, tmp_path: Path, environment: dict[str, str]) -> None:
    """Spaces, globs, quotes, newlines and empty words reach pip as they were."""
    fake_pip(tmp_path / "bin")
    words = ["help", "a b", "*", "'\"$HOME`", "", "x\ny", "--", "-"]
    done = run("pip", *words, path=f"{shim_dir}:{tmp_path / 'bin'}", environ=environment)
    assert done.stdout == f"real {tmp_path / 'bin'} {words}\n"


def test_disable(shim_dir: Path, tmp_path: Path, environment: dict[str, str]) -> None:
    """AUTHPIP_DISABLE=1 is plain pip, for an install too."""
    fake_pip(tmp_path / "bin")
    path = f"{shim_dir}:{tmp_path / 'bin'}"
    done = run("pip", "install", "x", path=path, environ=environment, AUTHPIP_DISABLE="1")
    assert done.stdout.startswith("real")


@pytest.mark.parametrize("gone", ["bin/python", "lib/python3.99/site-packages/authpip/__main__.py"])
def test_authpip_is_gone(gone: str, shim_dir: Path, tmp_path: Path, environment: dict[str, str]) -> None:
    """trial 3: without authpip the plain pip runs, and one line says so, what that means, how to install it again and
    what removes the shims (which does that); a `pip list` says nothing."""
    (tmp_path / "authpip" / gone).unlink()
    fake_pip(tmp_path / "bin")
    path = f"{shim_dir}:{tmp_path / 'bin'}"
    done = run("pip", "install", "x", path=path, environ=environment)
    assert done.stdout.startswith("real")
    assert done.stderr.count("\n") == 1
    assert "authpip: " in done.stderr
    assert "`authpip auth shim install`" in done.stderr
    assert "pip runs without authpip: indexes that need a credential will refuse" in done.stderr
    assert "rules that say `always` are not applied" in done.stderr
    removal = done.stderr.strip().partition("remove the shims: ")[2]
    assert run("pip", "list", path=path, environ=environment).stderr == ""
    (shim_dir / "mine").write_text("not authpip's")
    subprocess.run(["sh", "-c", removal], env=environment, check=True)
    assert [file.name for file in shim_dir.iterdir() if not file.name.startswith(".")] == ["mine"]


def test_python_below_authpip_was_upgraded(shim_dir: Path, tmp_path: Path, environment: dict[str, str]) -> None:
    """lib/python3.N under another name is found again, without a word."""
    (tmp_path / "authpip/lib/python3.99").rename(tmp_path / "authpip/lib/python3.100")
    done = run("pip", "install", "x", path=shim_dir, environ=environment)
    assert done.stdout.startswith("authpip -I")
    assert "python3.100" in done.stdout
    assert done.stderr == ""


def test_no_pip_behind(shim_dir: Path, tmp_path: Path, environment: dict[str, str]) -> None:
    """No real pip: 127, what was looked at, and the remedy (F19)."""
    (tmp_path / "bin" / "pip3.7").unlink()
    done = run("pip3.7", "list", path=f"{shim_dir}:{tmp_path / 'bin'}", environ=environment)
    assert done.returncode == 127
    assert str(tmp_path / "bin") in done.stderr
    assert "ensurepip" in done.stderr


def test_other_shims_are_passed_by(shim_dir: Path, tmp_path: Path, environment: dict[str, str]) -> None:
    """A second directory of shims, and a symlink to one, are not the real pip."""
    second, links = tmp_path / "second", tmp_path / "links"
    shims.install(second, environment)
    links.mkdir()
    (links / "pip").symlink_to(second / "pip")
    (tmp_path / "same").symlink_to(shim_dir)
    fake_pip(tmp_path / "bin")
    path = ":".join(map(str, [shim_dir, links, second, tmp_path / "same", "", tmp_path / "bin"]))
    assert run("pip", "list", path=path, environ=environment).stdout.startswith(f"real {tmp_path / 'bin'}")


@pytest.mark.parametrize("keyword", ["exec ", ""])
def test_a_layer_that_comes_back(keyword: str, shim_dir: Path, tmp_path: Path, environment: dict[str, str]) -> None:
    """pyenv's kind of shim looks up PATH itself and may come back here: once, and then it is passed by."""
    layer = f'#!/bin/bash\necho layer >&2\nPATH="{shim_dir}:{tmp_path / "layer"}:{tmp_path / "bin"}:$PATH"\n'
    script(tmp_path / "layer" / "pip", layer + keyword + f'"{shim_dir}/pip" "$@"\n')
    fake_pip(tmp_path / "bin")
    path = f"{shim_dir}:{tmp_path / 'layer'}:{tmp_path / 'bin'}"
    done = run("pip", "list", path=path, environ=environment)
    assert (done.stdout, done.stderr) == (f"real {tmp_path / 'bin'} ['list']\n", "layer\n")


def test_environment_is_left_alone(shim_dir: Path, tmp_path: Path, environment: dict[str, str]) -> None:
    """The real pip finds the environment that the shim was given, and nothing added."""
    script(tmp_path / "bin" / "pip", f"#!{sys.executable}\nimport json, os\nprint(json.dumps(dict(os.environ)))\n")
    path = f"{shim_dir}:{tmp_path / 'bin'}"
    seen = json.loads(run("pip", "list", path=path, environ=environment, name="mine").stdout)
    expected = {**environment, "PATH": f"{path}:/usr/bin:/bin", "name": "mine"}
    assert {name: seen[name] for name in set(seen) - {"PWD", "OLDPWD", "SHLVL", "_", "LC_CTYPE"}} == expected


def test_syntax_of_every_shell() -> None:
    """The shim is plain POSIX: dash, bash and zsh read it."""
    for shell in ("dash", "bash", "zsh"):
        subprocess.run([need(shell), "-n", shims._TEMPLATES / "shim.sh"], check=True)


def test_which_names(tmp_path: Path, environment: dict[str, str]) -> None:
    """pip, pip3, and pip3.N of each Python on PATH; keyring where it is asked for, and then again."""
    fake_pip(tmp_path / "bin", "python3.9")
    fake_pip(tmp_path / "bin", "pip3.10")
    fake_pip(tmp_path / "bin", "python3.9-config")
    environ = {**environment, "PATH": str(tmp_path / "bin")}
    directory = tmp_path / "shims"
    assert shims.install(directory, environ) == ["pip", "pip3", "pip3.10", "pip3.9"]
    assert "keyring" in shims.install(directory, environ, keyring=True)
    assert "keyring" in shims.install(directory, environ)


def test_install_is_idempotent_and_remove_leaves_nothing(home: Path, environment: dict[str, str]) -> None:
    """Twice is once; afterwards HOME is what it was, a file that is not ours included."""
    before = tree(home)
    for _ in range(2):
        assert command.run(["install", "--keyring", "--profile"], {**environment, "SHELL": "/bin/bash"}) == 0
    assert (home / ".bashrc").read_text().count("activate.bash") == 2  # one line: test and source
    assert command.run(["remove"], environment) == 0
    assert tree(home) == before


def test_a_foreign_file_is_not_replaced(tmp_path: Path, environment: dict[str, str]) -> None:
    """Where a real pip stands, nothing is written at all."""
    fake_pip(tmp_path / "bin")
    before = tree(tmp_path)
    with pytest.raises(UsageError, match="--dir"):
        shims.install(tmp_path / "bin", environment)
    assert tree(tmp_path) == before
    assert shims.remove(tmp_path / "bin", environment) == []
    assert tree(tmp_path) == before


def test_a_directory_that_path_cannot_hold(tmp_path: Path, environment: dict[str, str]) -> None:
    """audit 14: a shim directory with ":" in its name is refused; fish called its hook again and again for one."""
    with pytest.raises(UsageError, match="--dir"):
        shims.install(tmp_path / "a:b", environment)
    assert not (tmp_path / "a:b").exists()


def test_status(tmp_path: Path, environment: dict[str, str], capfd: pytest.CaptureFixture[str]) -> None:
    """status says where each shim leads; 1 and a reason where pip would not go through authpip."""
    directory = str(tmp_path / "shims")
    assert command.run(["status", "--dir", directory], environment) == 1
    command.run(["install", "--dir", directory], environment)
    assert command.run(["status", "--dir", directory], environment) == 1
    assert "is not on PATH" in capfd.readouterr().err
    first = {**environment, "PATH": f"{directory}:{environment['PATH']}"}
    assert command.run(["status", "--dir", directory], first) == 0
    last = {**environment, "PATH": f"{environment['PATH']}:{directory}"}
    assert command.run(["status", "--dir", directory], last) == 1
    assert "comes before the shim" in capfd.readouterr().err
    assert command.run(["status", "--json", "--dir", directory], last) == 1
    told = json.loads(capfd.readouterr().out)
    assert not told["ok"]
    assert {shim["name"] for shim in told["shims"]} >= {"pip", "pip3"}
    assert "comes before the shim" in told["problems"][0]["what"]


def test_status_right_after_install_with_profile(
    home: Path, environment: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    """trial 3: install prints what serves this shell, on a line of its own; status does not send the user back to what
    was just done. bash does what it says."""
    environ = {**environment, "SHELL": "/bin/bash"}
    command.run(["install", "--profile"], environ)
    line = f". {home}/.local/share/authpip/shims/activate.bash"
    assert f"For this shell, type:\n\n    {line}\n" in capfd.readouterr().out
    assert command.run(["status"], environ) == 1
    assert f"{home}/.bashrc has its line: open a new shell, or type: {line}" in capfd.readouterr().err
    done = subprocess.run([need("bash"), "-c", f"{line}; command -v pip"], env=environ, capture_output=True, text=True)
    assert done.stdout.strip() == f"{home}/.local/share/authpip/shims/pip"


def test_windows_command_file(tmp_path: Path) -> None:
    """The .cmd knows itself by the same marker, and has no unescaped per cent sign of a path."""
    text = shims.command_file("pip", "shim", tmp_path)
    assert SHIM_MARKER.decode() in text
    assert "@" not in text.replace("@echo", "")
    assert text.count("\r\n") == text.count("\n")


def tree(directory: Path) -> dict[str, bytes | None]:
    """Every path below, with the content and mode of files."""
    return {
        str(path.relative_to(directory)): oct(path.stat().st_mode).encode() + path.read_bytes()
        if path.is_file()
        else None
        for path in sorted(directory.rglob("*"))
    }


PYENV = """\
#!/bin/sh
# What pyenv does for its "system": the first on PATH that is not one of its own shims.
command=$1 name=$2; shift 2
IFS=:; for entry in $PATH; do
  [ "$entry" != "{shims}" ] && [ -x "$entry/$name" ] || continue
  [ "$command" = which ] && {{ echo "$entry/$name"; exit 0; }}
  exec "$entry/$name" "$@"
done
exit 127
"""


@pytest.mark.parametrize("words", ["list", "install --no-index none", "install {project}"])
def test_pyenv_with_system(words: str, tmp_path: Path, environment: dict[str, str], index_server: IndexServer) -> None:
    """pyenv's "system" is found by PATH, on which our shim is first: it ends, in the pip behind both."""
    layer, venv = tmp_path / "pyenv/shims", pip_venvs.make(tmp_path / "env", pip_venvs.PYTHON, "26.3")
    pyenv = script(tmp_path / "pyenv/bin/pyenv", PYENV.format(shims=layer))
    script(layer / "pip", f'#!/usr/bin/env bash\nset -e\nexec "{pyenv}" exec pip "$@"\n')
    private = private_index.make(index_server, tmp_path / "wheels", environment)
    shims.install(tmp_path / "shims", environment)
    path = f"{tmp_path / 'shims'}:{layer}:{venv.scripts}:/usr/bin:/bin"
    done = private_index.run(
        "/usr/bin/env", "pip", *words.format(project=private.project).split(), env={**private.environ, "PATH": path}
    )
    if "project" in words:
        assert "Successfully installed" in done.stdout, done.stderr
        assert private.install_is_good()
    else:
        assert ("Package" in done.stdout) == (words == "list")
        assert ("No matching distribution" in done.stderr) == (words != "list")


@pytest.mark.parametrize(
    "words",
    [["install", "--dir", "{}/file/shims"], ["install", "--profile", "{}/file/rc"], ["install", "--dir", "/proc/1"]],
)
def test_what_cannot_be_written(words: list[str], tmp_path: Path, environment: dict[str, str]) -> None:
    """A place where nothing can be put is an error that names it, and no internal one."""
    (tmp_path / "file").touch()
    with pytest.raises(AuthpipError, match=r"^cannot write to (\S+/file|/proc/1)\S*: .*; run this as the user"):
        command.run([word.format(tmp_path) for word in words], environment)
