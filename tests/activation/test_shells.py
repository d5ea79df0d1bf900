"""Shell hooks and start-up files, in real interactive shells."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pexpect
import pytest

from authpip.activation import shell_hooks, shell_profile, shims
from authpip.cli.commands import activate, shim
from authpip.core.errors import UsageError
from support.machine.requirements import need
from support.programs import pip_venvs
from support.programs.pip_venvs import PipVenv
from support.samples import private_index
from support.samples.private_index import PrivateIndex, tree
from support.servers.index_server import IndexServer

pytestmark = pytest.mark.real

BARE = {
    "bash": ["bash", "--noprofile", "--norc", "--noediting", "-i"],
    "zsh": ["zsh", "-f", "-i", "+Z"],
    "fish": ["fish", "--no-config", "-i"],
    "dash": ["dash", "-i"],
}
WITH_START_UP_FILES = {"bash": ["bash", "--noediting", "-i"], "zsh": ["zsh", "-i", "+Z"], "fish": ["fish", "-i"]}
HOOKED = ("bash", "zsh", "fish")


class Session:
    """A shell on a pseudo-terminal. ask() types one line and gives what it printed."""

    def __init__(self, argv: list[str], environ: Mapping[str, str], cwd: Path) -> None:
        self.shell = argv[0]
        env = {**environ, "TERM": "dumb", "PS1": "$ "}
        self._child = pexpect.spawn(
            need(argv[0]), argv[1:], env=env, cwd=str(cwd), encoding="utf-8", timeout=60, dimensions=(50, 1000)
        )
        self._count = 0
        self.ask("true")

    def ask(self, line: str) -> str:
        """Type a line; its output, without what the terminal adds."""
        self._count += 1
        end = f"end-{self._count}-of"
        self._child.sendline(f"{line}\n" + f"echo begin; printf '%s-%s\\n' '{end}' it")
        self._child.expect(f"{end}-it\r?\n")
        return re.sub(r"\x1b[\[\]()][0-9;?]*[A-Za-z]|\x1b[=>]|\r", "", self._child.before)

    def value(self, name: str) -> str:
        """A variable, PATH with colons in fish, too."""
        form = f'string join ":" ${name}' if self.shell == "fish" else f'printf "%s\\n" "${name}"'
        text = self.ask(f'echo "val""ue:$({form})"')
        return re.findall(r"^.*value:(.*)$", text, re.MULTILINE)[-1]

    def close(self) -> None:
        """End it."""
        self._child.close(force=True)


@pytest.fixture
def private(index_server: IndexServer, tmp_path: Path, environment: dict[str, str]) -> PrivateIndex:
    """A private index."""
    return private_index.make(index_server, tmp_path / "wheels", environment)


@pytest.fixture
def venv(tmp_path: Path) -> PipVenv:
    """An environment to activate."""
    return pip_venvs.make(tmp_path / "env", pip_venvs.PYTHON, "26.3")


@pytest.fixture
def open_shell(tmp_path: Path) -> Iterator[list[Session]]:
    """Sessions that are closed at the end."""
    sessions: list[Session] = []
    yield sessions
    for session in sessions:
        session.close()


def start(sessions: list[Session], argv: list[str], environ: Mapping[str, str], cwd: Path) -> Session:
    """A session that the fixture closes."""
    sessions.append(Session(argv, environ, cwd))
    return sessions[-1]


def command(word: str) -> str:
    """`authpip auth activate …` as this test's authpip is started."""
    return f"{sys.executable} -m authpip auth activate {word}"


def evaluate(shell: str, words: str) -> str:
    """The line that a user types to evaluate what authpip prints."""
    return f"{command(words)} | source" if shell == "fish" else f'eval "$({command(words)})"'


@pytest.mark.parametrize("shell", HOOKED)
def test_whole_session(
    shell: str,
    tmp_path: Path,
    private: PrivateIndex,
    venv: PipVenv,
    environment: dict[str, str],
    open_shell: list[Session],
) -> None:
    """Hook, activate, private install, deactivate, and the same again; PATH afterwards is PATH before."""
    shims.install(shims.default_directory(environment), environment)
    session = start(open_shell, BARE[shell], private.environ, tmp_path)
    before, prompt_before = session.value("PATH"), session.value("PROMPT_COMMAND")
    script = f"{venv.scripts}/activate" + (".fish" if shell == "fish" else "")
    for _ in range(2):
        session.ask(evaluate(shell, shell))
        session.ask(evaluate(shell, shell))
        hooked = session.value("PATH")
        assert hooked == f"{shims.default_directory(environment)}:{before}"
        for _ in range(2):
            session.ask(f"source {script}")
            expected = f"{shims.default_directory(environment)}:{venv.scripts}:{before}"
            assert session.value("PATH") == expected
            said = session.ask(f"pip install --force-reinstall {private.project}")
            assert "Successfully installed corp-thing" in said, said
            assert private.install_is_good()
            session.ask("deactivate")
            assert session.value("PATH") == hooked
        session.ask(evaluate(shell, f"{shell} --off"))
        assert session.value("PATH") == before
        assert session.value("PROMPT_COMMAND") == prompt_before


@pytest.mark.parametrize("shell", HOOKED)
def test_off_inside_an_environment(
    shell: str, tmp_path: Path, venv: PipVenv, environment: dict[str, str], open_shell: list[Session]
) -> None:
    """Turned off while an environment is active, the shims do not come back with deactivate."""
    shims.install(shims.default_directory(environment), environment)
    session = start(open_shell, BARE[shell], environment, tmp_path)
    before = session.value("PATH")
    session.ask(evaluate(shell, shell))
    session.ask(f"source {venv.scripts}/activate" + (".fish" if shell == "fish" else ""))
    session.ask(evaluate(shell, f"{shell} --off"))
    assert session.value("PATH") == f"{venv.scripts}:{before}"
    session.ask("deactivate")
    assert session.value("PATH") == before


@pytest.mark.parametrize("shell", HOOKED)
def test_path_is_handled_by_entries(
    shell: str, tmp_path: Path, environment: dict[str, str], open_shell: list[Session]
) -> None:
    """A link to the shims, and the shims further back, are entries that move to the front; look-alikes stay."""
    directory = shims.default_directory(environment)
    shims.install(directory, environment)
    (tmp_path / "link").symlink_to(directory)
    for name in ("sp ace", "st*r"):
        (tmp_path / name).mkdir()
    kept = [
        f"{directory}-not",
        str(tmp_path / "sp ace"),
        str(tmp_path / "st*r"),
        f"x{directory}",
        "/usr/bin",
        "/usr/bin",
    ]
    path = ":".join([*kept[:2], f"{tmp_path}/link", *kept[2:], f"{directory}/"])
    session = start(open_shell, BARE[shell], {**environment, "PATH": path}, tmp_path)
    session.ask(evaluate(shell, shell))
    assert session.value("PATH") == ":".join([str(directory), *kept])


def test_prompt_command_of_others(tmp_path: Path, environment: dict[str, str], open_shell: list[Session]) -> None:
    """bash: another tool's PROMPT_COMMAND goes on, text or list, also one that puts its own directory first."""
    shims.install(shims.default_directory(environment), environment)
    for line in ("PROMPT_COMMAND='PATH=/tmp:$PATH; N=$((N+1)); '", "PROMPT_COMMAND=('PATH=/tmp:$PATH' 'N=$((N+1))')"):
        session = start(open_shell, BARE["bash"], {**environment, "N": "0"}, tmp_path)
        session.ask(line)
        session.ask(evaluate("bash", "bash"))
        assert session.value("PATH").startswith(f"{shims.default_directory(environment)}:/tmp:")
        assert int(session.value("N")) > 1
        assert "status=3" in session.ask("(exit 3)\necho status=$?")
        session.ask(evaluate("bash", "bash --off"))
        before = session.ask("declare -p PROMPT_COMMAND")
        assert "_authpip" not in before.splitlines()[-2]


@pytest.mark.parametrize("shell", HOOKED)
def test_profile_line(
    shell: str, home: Path, tmp_path: Path, private: PrivateIndex, venv: PipVenv, open_shell: list[Session]
) -> None:
    """--profile: the next shell has the shims, keeps them, starts no Python for it; remove takes exactly that away."""
    environ = {**private.environ, "SHELL": need(shell)}
    file = shell_profile.default_file(environ)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"# mine, and no newline at the end")
    before = tree(home)
    shim.run(["install", "--profile"], environ)
    assert "python" not in file.read_text()
    session = start(open_shell, WITH_START_UP_FILES[shell], environ, tmp_path)
    session.ask(f"source {venv.scripts}/activate" + (".fish" if shell == "fish" else ""))
    assert session.value("PATH").startswith(f"{shims.default_directory(environ)}:{venv.scripts}:")
    said = session.ask(f"pip install {private.project}")
    assert "Successfully installed" in said, said
    assert private.install_is_good()
    session.close()
    shim.run(["remove"], environ)
    shims_and_lists = {name for name in tree(home) if name.startswith((".local/share/authpip", ".local/state/authpip"))}
    after = {name: text for name, text in tree(home).items() if name in before or name in shims_and_lists}
    assert after == before


def test_profile_line_for_dash(
    home: Path, tmp_path: Path, private: PrivateIndex, venv: PipVenv, open_shell: list[Session]
) -> None:
    """A shell without a hook gets PATH from ~/.profile, once; its pip installs in the environment behind."""
    environ = {**venv.activated(private.environ), "SHELL": "/bin/sh"}
    shim.run(["install", "--profile"], environ)
    session = start(open_shell, BARE["dash"], environ, tmp_path)
    session.ask(f". {home}/.profile")
    session.ask(f". {home}/.profile")
    assert session.value("PATH") == f"{shims.default_directory(environ)}:{environ['PATH']}"
    said = session.ask(f"pip install {private.project}")
    assert "Successfully installed" in said, said
    assert private.install_is_good()
    assert "corp_thing" in venv.installed()


@pytest.mark.parametrize("content", [None, b"", b"x", b"x\n", b"x\n\n", b"\xff\xfe\r\n", b"# >>> other >>>\n"])
def test_profile_is_restored_exactly(content: bytes | None, home: Path, environment: dict[str, str]) -> None:
    """Whatever a start-up file was before, it is again; also where the user wrote more below the line."""
    file = home / "rc"
    if content is not None:
        file.write_bytes(content)
    directory = Path("/some/shims")
    assert shell_profile.add(file, shell_hooks.start_up_line("bash", directory))
    assert not shell_profile.add(file, shell_hooks.start_up_line("bash", directory))
    assert not shell_profile.remove(file, "/other/shims")
    assert shell_profile.remove(file, str(directory))
    assert (file.read_bytes() if file.exists() else None) == content
    shell_profile.add(file, shell_hooks.start_up_line("bash", directory))
    with file.open("ab") as stream:
        stream.write(b"more\n")
    shell_profile.remove(file, str(directory))
    assert file.read_bytes() == (content or b"") + b"more\n"


def test_profile_that_is_a_link(home: Path) -> None:
    """A start-up file kept elsewhere stays a link, and keeps its mode."""
    target = home / "dotfiles"
    target.write_text("mine\n")
    target.chmod(0o600)
    (home / ".bashrc").symlink_to(target)
    shell_profile.add(home / ".bashrc", shell_hooks.start_up_line("bash", Path("/some/shims")))
    assert (home / ".bashrc").is_symlink()
    assert target.stat().st_mode & 0o777 == 0o600
    assert "/some/shims" in target.read_text()


def test_a_named_profile_is_remembered(home: Path, environment: dict[str, str]) -> None:
    """`install --profile FILE` is undone by a plain `remove`."""
    before = tree(home)
    odd = ["--dir", str(home / "it's here")]
    shim.run(["install", "--profile", str(home / "my.zsh"), *odd], environment)
    assert "activate.zsh" in (home / "my.zsh").read_text()
    shim.run(["remove", *odd], environment)
    assert tree(home) == before


@pytest.mark.parametrize("shell", HOOKED)
def test_odd_directories_are_quoted(shell: str, tmp_path: Path, environment: dict[str, str]) -> None:
    """A directory with quotes, spaces, dollars and backslashes is one entry, and runs nothing."""
    directory = tmp_path / "a 'b' \"c\" $(touch hacked) \\ `d` 100%"
    shims.install(directory, environment)
    line = shell_hooks.start_up_line(shell, directory)
    script = f"{line}\n" + ("string join : $PATH" if shell == "fish" else 'printf "%s\\n" "$PATH"')
    argv = [*{"bash": ["bash"], "zsh": ["zsh", "-f"], "fish": ["fish", "--no-config"]}[shell], "-c", script]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, cwd=tmp_path, check=True)
    assert done.stdout == f"{directory}:{environment['PATH']}\n"
    assert done.stderr == ""
    assert not (tmp_path / "hacked").exists()


def test_no_shims_no_hook(environment: dict[str, str]) -> None:
    """activate without shims is an error with its remedy; --off always prints."""
    with pytest.raises(UsageError, match="`authpip auth shim install` first"):
        activate.run(["bash"], environment)
    assert activate.run(["bash", "--off"], environment) == 0


def test_powershell_as_text(tmp_path: Path) -> None:
    """PowerShell's hook: one literal for the directory, balanced brackets, everything it defines is taken away."""
    on, off = shell_hooks.hook("pwsh", tmp_path / "it's"), shell_hooks.off("pwsh")
    assert f"'{tmp_path / 'it'}''s'" in on
    for text in (on, off):
        code = re.sub(r"'(?:[^']|'')*'|#.*", "", text)
        assert all(code.count(a) == code.count(b) for a, b in ("()", "{}", "[]"))
    for name in set(re.findall(r"function global:(\w+)|\$global:(\w+) =|global:(_authpip_prompt)", on)):
        assert next(filter(None, name)) in off, name
