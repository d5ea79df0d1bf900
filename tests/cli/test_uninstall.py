"""`auth uninstall`: everything that authpip made is gone, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pexpect
import pytest

from authpip.activation import enabled_list, environments
from authpip.cli.commands import uninstall as command
from authpip.core.credential import Secret
from authpip.storage import kernel_keyring, logins, token_cache
from authpip.storage.logins import Login
from authpip.storage.token_cache import Token, TokenRequest
from support.leaks.canary import new_canary
from support.machine.isolation import ROOT
from support.programs import authpip_cli, pip_venvs
from support.programs.keyrings import SecretService

pytestmark = pytest.mark.real

BASHRC = "export EDITOR=vi\n"
URL = "https://pypi.corp.example/simple/"


@pytest.fixture
def environ(environment: dict[str, str]) -> dict[str, str]:
    """A user of bash."""
    return {**environment, "SHELL": "/bin/bash"}


def uninstall(*options: str) -> list[str]:
    """The argv of `authpip auth uninstall`, where the kernel's keyring, which other tests share, cannot be reached."""
    sandbox = [sys.executable, str(ROOT / "tests/support/programs/no_keyctl.py"), "1"]
    return [*sandbox, *authpip_cli.command("auth", "uninstall", *options)]


def run(argv: list[str], environ: dict[str, str], **more: Any) -> subprocess.CompletedProcess[str]:
    """A command's end."""
    environ = {name: value for name, value in environ.items() if name != "PYTHONPATH"}
    return subprocess.run(argv, env=environ, capture_output=True, text=True, timeout=60, check=False, **more)


def files_below(directory: Path) -> set[str]:
    """The files below a directory."""
    return {str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file()}


def install_all(environ: dict[str, str], home: Path, tmp_path: Path) -> Path:
    """Shims with a line in .bashrc, an enabled environment, a login in a file; the environment."""
    (home / ".bashrc").write_text(BASHRC)
    assert authpip_cli.auth("shim", "install", "--profile", env=environ).returncode == 0
    directory = pip_venvs.make(tmp_path / "env", pip_venvs.PYTHON, "26.3").directory
    assert authpip_cli.auth("venv", "enable", str(directory), env=environ).returncode == 0
    logins.add(environ, Login(url=URL, username="alice", storage="file", created=time.time()), new_canary().secret)
    return directory


def test_everything_is_removed_and_the_rest_stays(environ: dict[str, str], home: Path, tmp_path: Path) -> None:
    """trial 3: with --logins --yes the home directory is as it was before authpip; a file beside the shims and
    config.toml stay; once more changes nothing."""
    config = home / ".config/authpip/config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("timeout = 9\n")
    config.chmod(0o600)
    site = environments.find(install_all(environ, home, tmp_path)).site
    mine = home / ".local/share/authpip/shims/mine"
    mine.write_text("my own")
    done = run(uninstall("--logins", "--yes"), environ)
    assert (done.returncode, done.stderr.count("logged alice out")) == (0, 1)
    assert files_below(home) == {".bashrc", ".config/authpip/config.toml", ".local/share/authpip/shims/mine"}
    assert (home / ".bashrc").read_text() == BASHRC
    assert environments.installed(site) == []
    assert f"{config} stays" in done.stdout
    again = run(uninstall("--logins", "--yes"), environ)
    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout.startswith("nothing of authpip's is left to remove\nTo remove authpip itself, type: ")


def test_logins_stay_without_the_option(environ: dict[str, str], home: Path, tmp_path: Path) -> None:
    """Without --logins the logins stay, and that is said."""
    install_all(environ, home, tmp_path)
    done = run(uninstall("--yes"), environ)
    assert "1 login stays; `authpip auth uninstall --logins` removes the stored logins as well" in done.stdout
    assert [login.url for login in logins.load(environ)] == [URL]


def test_without_a_terminal_it_wants_yes(environ: dict[str, str], home: Path, tmp_path: Path) -> None:
    """It shows what it would remove, removes nothing and ends with 2."""
    install_all(environ, home, tmp_path)
    before = files_below(home)
    done = run(uninstall(), environ, start_new_session=True)
    assert done.returncode == 2
    assert "there is no terminal to ask at; type: authpip auth uninstall --yes" in done.stderr
    assert "authpip_activation.pth" in done.stdout
    assert files_below(home) == before


@pytest.mark.parametrize(("answer", "gone"), [("y", True), ("", False), ("n", False)])
def test_it_asks_on_a_terminal(answer: str, gone: bool, environ: dict[str, str], home: Path) -> None:
    """It removes after a yes; Enter means no."""
    authpip_cli.auth("shim", "install", env=environ)
    argv = uninstall()
    child = pexpect.spawn(argv[0], argv[1:], env=environ, timeout=30, dimensions=(24, 300))
    child.expect_exact("Remove it? [y/N] ")
    child.sendline(answer)
    child.expect(pexpect.EOF)
    assert (home / ".local/share/authpip/shims/pip").exists() is not gone


def test_a_login_in_the_keyring_is_removed(environ: dict[str, str]) -> None:
    """With --logins the item in a real GNOME Keyring is gone, and nothing shows its secret."""
    canary = new_canary()
    with SecretService(environ) as service:
        stored = ["login", URL, "--username", "alice", "--password-stdin", "--no-verify"]
        done = authpip_cli.auth(*stored, env=service.environ, stdin=None, input=canary.secret)
        assert done.returncode == 0, done.stderr
        assert service.keyring("get", URL, "alice").stdout.strip() == canary.secret
        gone = run(uninstall("--logins", "--yes"), service.environ)
        assert gone.returncode == 0, gone.stderr
        assert canary.find_in(gone.stdout + gone.stderr) == []
        assert service.keyring("get", URL, "alice").stdout == ""
        assert logins.load(environ) == ()


def test_cached_tokens_are_removed(
    environ: dict[str, str],
    no_cached_tokens: None,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """A token in the kernel's keyring is gone; its label is shown, and never the token."""
    if not kernel_keyring.is_available():
        pytest.skip("not run: this kernel has no keyring for us")
    canary = new_canary()
    wanted = TokenRequest("google", canary.secret, "x", "x", 600.0, "alice, for a test")
    monkeypatch.setattr(kernel_keyring, "names", lambda: [wanted.name])  # other tests' tokens stay
    token = Token(Secret(canary.secret), time.time() + 3600)
    token_cache.obtain(wanted, lambda: token, environ=environ, deadline=time.monotonic() + 5)
    assert kernel_keyring.read(wanted.name)
    assert command.run(["--yes"], environ) == 0
    shown = capfd.readouterr().out
    assert "removed: cached tokens: 1: alice, for a test" in shown
    assert canary.find_in(shown) == []
    assert kernel_keyring.read(wanted.name) is None


def test_the_list_forgets_what_is_gone(environment: dict[str, str], tmp_path: Path) -> None:
    """An environment that was deleted is not listed, and not written again."""
    for name in ("a", "b"):
        environment_ = environments.find(pip_venvs.make(tmp_path / name, pip_venvs.PYTHON, "26.3").directory)
        environments.enable(environment_)
        enabled_list.add(environment, environment_)
    environments.disable(environments.find(tmp_path / "a"))
    assert [one.directory for one in enabled_list.load(environment)] == [tmp_path / "b"]
    enabled_list.tidy(environment)
    assert str(tmp_path / "a") not in Path(enabled_list.path_of(environment)).read_text()
