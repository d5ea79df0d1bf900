"""`auth doctor`: a machine in order, ten broken ones whose reports name the cause, and nothing private in any."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from email.utils import formatdate
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authpip.cli.doctor.mask import Mask
from support.leaks.canary import Canary, new_canary
from support.machine.requirements import need
from support.programs import authpip_cli, pip_venvs
from support.programs.keyrings import SecretService
from support.servers.index_server import IndexServer

pytestmark = pytest.mark.real

Environ = dict[str, str]
USER = "zaphod"
HOST = "heart-of-gold"


class Machine(NamedTuple):
    """A machine to break: its environment, a directory, its index, a secret, and what is closed at the end."""

    environ: Environ
    directory: Path
    server: IndexServer
    canary: Canary
    open: ExitStack

    @property
    def config(self) -> Path:
        """The user's config.toml."""
        return Path(self.environ["XDG_CONFIG_HOME"], "authpip", "config.toml")

    def first_on_path(self, directory: Path) -> None:
        """Put a directory before all others on PATH."""
        self.environ["PATH"] = f"{directory}:{self.environ['PATH']}"


@pytest.fixture
def machine(environment: Environ, index_server: IndexServer, tmp_path: Path) -> Iterator[Machine]:
    """A machine in order, whose user and host have names, and which holds a secret wherever there may be one."""
    canary = new_canary()
    index_server.add("/team/simple", username="alice", password=canary.secret)
    userinfo = f"{USER}:{canary.secret}"
    directory = tmp_path / USER
    bin_directory = pip_venvs.make(directory / "env", pip_venvs.PYTHON, "26.3").scripts
    environ = {
        **environment,
        **index_server.environ,
        **authpip_cli.rule(index_server.url("/team/simple/"), USER, canary.secret),
        "PATH": f"{bin_directory}:/usr/bin:/bin",
        "LOGNAME": USER,
        "HOSTNAME": HOST,
        "PIP_INDEX_URL": index_server.url("/team/simple/", userinfo=userinfo),
        "SOME_TOKEN": canary.secret,
    }
    with ExitStack() as stack:
        made = Machine(environ, directory, index_server, canary, stack)
        made.config.parent.mkdir(parents=True)
        made.config.write_text('storage = "file"\n')
        made.config.chmod(0o600)
        yield made


def doctor(machine: Machine, *arguments: str, prefix: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    """`authpip auth doctor ARGUMENTS`."""
    argv = [*prefix, *authpip_cli.command("auth", "doctor", *arguments)]
    environ = {name: value for name, value in machine.environ.items() if name != "PYTHONPATH"}
    home = environ["HOME"]
    return subprocess.run(argv, env=environ, cwd=home, capture_output=True, text=True, timeout=60, check=False)


def private_words(machine: Machine, text: str) -> list[str]:
    """What a ticket must not have in it."""
    names = [USER, HOST, machine.environ["HOME"], "proxy.corp.example"]
    # As a whole word: a machine may be called "vm", and temporary directories have names of random letters.
    own = rf"(?<![A-Za-z0-9]){re.escape(socket.gethostname())}(?![A-Za-z0-9])"
    return [name for name in names if name in text] + re.findall(own, text) + machine.canary.find_in(text)


def test_a_machine_in_order(machine: Machine) -> None:
    """Nothing is wrong: exit status 0, the versions, PATH, the index and where it is configured; nothing private."""
    done = doctor(machine)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert done.stdout.endswith("\nnothing is wrong\n")
    assert "  pip           26.3 (" in done.stdout
    assert f"  index         {machine.server.url('/team/simple/', userinfo='****')}".split("****")[0] in done.stdout
    assert "(PIP_INDEX_URL): it answers (401)" in done.stdout
    assert "  clock         right" in done.stdout
    assert "/USER/env/bin" in done.stdout  # the control: the name was there to be replaced
    assert private_words(machine, done.stdout) == []
    assert [request.authorization for request in machine.server.requests] == [None]
    document = json.loads(doctor(machine, "--json").stdout)
    assert (document["ok"], document["problems"]) == (True, [])
    assert [section["name"] for section in document["sections"]][:2] == ["programs", "in front of pip"]


def no_keyring(machine: Machine) -> list[str]:
    machine.config.unlink()
    return []


def locked_keyring(machine: Machine) -> list[str]:
    machine.config.unlink()
    service = machine.open.enter_context(SecretService(machine.environ))
    service.lock()
    machine.environ.update(service.environ)
    return []


def shims_behind(machine: Machine) -> list[str]:
    shims = machine.directory / "shims"
    authpip_cli.auth("shim", "install", "--dir", str(shims), env=machine.environ)
    machine.environ.update(PATH=f"{machine.environ['PATH']}:{shims}", SHELL="/bin/bash")
    return []


def old_pip(machine: Machine) -> list[str]:
    """pip 19 does not run on a Python of today: a package of its name that says its version is enough."""
    environment = pip_venvs.make(machine.directory / "old", pip_venvs.PYTHON, "26.3")
    file = environment.site_packages / "pip" / "__init__.py"
    file.unlink()  # it is a link to the file of every environment
    file.write_text('__version__ = "19.3.1"\n')
    machine.first_on_path(environment.scripts)
    return []


def dead_proxy(machine: Machine) -> list[str]:
    with socket.socket() as unused:
        unused.bind(("127.0.0.2", 0))
        port = unused.getsockname()[1]
    machine.environ["HTTPS_PROXY"] = f"http://{USER}:{machine.canary.secret}@127.0.0.2:{port}"
    return []


def proxy_without_a_name(machine: Machine) -> list[str]:
    machine.environ["HTTPS_PROXY"] = f"http://{USER}:{machine.canary.secret}@proxy.corp.example:3128"
    return []


def clock_off(machine: Machine) -> list[str]:
    machine.open.enter_context(pytest.MonkeyPatch.context()).setattr(
        "http.server.BaseHTTPRequestHandler.date_time_string",
        lambda *_: formatdate(time.time() - 7500, usegmt=True),
    )
    return []


def unreadable_file(machine: Machine) -> list[str]:
    machine.config.chmod(0)
    if os.geteuid():
        return []
    return [need("setpriv"), "--bounding-set=-dac_override,-dac_read_search"]


def two_authpips(machine: Machine) -> list[str]:
    for name in ("one", "two"):
        command = machine.directory / name / "bin" / "authpip"
        command.parent.mkdir(parents=True)
        command.write_text(f"#!{machine.directory / name}/bin/python\n")
        command.chmod(0o755)
        machine.environ["PATH"] += f":{command.parent}"
    (machine.directory / "two" / "uv-receipt.toml").touch()
    (machine.directory / "two" / "pyvenv.cfg").touch()
    return []


def switched_off(machine: Machine) -> list[str]:
    machine.environ["AUTHPIP_DISABLE"] = "1"
    return []


def another_authpip(machine: Machine) -> list[str]:
    """An environment that was enabled by an authpip that has moved since."""
    authpip_cli.auth("venv", "enable", str(machine.directory / "env"), env=machine.environ)
    [file] = (machine.directory / "env").rglob("authpip_activation.pth")
    file.write_text(file.read_text().replace("pth_hook.py", "moved/pth_hook.py"))
    return []


def no_pip(machine: Machine) -> list[str]:
    machine.environ["PATH"] = str(machine.directory / "empty")
    return []


def orphan_variable(machine: Machine) -> list[str]:
    machine.environ["AUTHPIP_INDEX_TEAMS_PASSWORD"] = machine.canary.secret
    machine.environ["AUTHPIP_TIMOUT"] = "9"
    return []


BROKEN: dict[Callable[[Machine], list[str]], tuple[str, str]] = {
    no_keyring: (
        "the OS keyring is not there",
        "start one (GNOME Keyring, KWallet), or log in with --insecure-storage",
    ),
    locked_keyring: ("the OS keyring (SecretService) is locked", "unlock it"),
    shims_behind: ("/pip comes before the shim", 'type: eval "$(authpip auth activate bash)"'),
    old_pip: ("pip 19.3.1 is older than 20.3", "-m pip install --upgrade pip"),
    dead_proxy: ("the proxy http://****@PROXY:", "type: unset HTTPS_PROXY"),
    proxy_without_a_name: ("the proxy http://****@PROXY:3128 does not answer", "type: unset HTTPS_PROXY"),
    clock_off: ("this machine's clock is 2 h 05 min ahead of", "type: sudo timedatectl set-ntp true"),
    unreadable_file: ("~/.config/authpip/config.toml cannot be read: Permission denied", "correct it"),
    two_authpips: ("two authpips are on PATH: ", "type: uv tool uninstall authpip"),
    switched_off: ("AUTHPIP_DISABLE=1 is set: pip runs without authpip", "type: unset AUTHPIP_DISABLE"),
    another_authpip: ("/USER/env leads to another authpip", "type: authpip auth venv enable "),
    no_pip: ("there is no pip to run", "python3 -m ensurepip --upgrade"),
    orphan_variable: ("AUTHPIP_TIMOUT: authpip has no such variable", "did you mean AUTHPIP_TIMEOUT?"),
}


@pytest.mark.parametrize("break_it", BROKEN, ids=lambda broken: broken.__name__)
def test_the_report_of_a_broken_machine(break_it: Callable[[Machine], list[str]], machine: Machine) -> None:
    """trial 5: the report names the cause and what to do, exits with 1, and holds no secret, no user name and no host
    name beyond the indexes'."""
    prefix = break_it(machine)
    report = Path(machine.environ["HOME"], "report.txt")
    done = doctor(machine, "--report", str(report), prefix=prefix)
    assert done.returncode == 1, done.stderr
    assert done.stderr == ""
    text = report.read_text()
    what, remedy = BROKEN[break_it]
    _, problems = re.split(r"^\d+ problems?$", text, flags=re.MULTILINE)
    assert what in problems
    assert remedy in problems
    assert private_words(machine, text) == []
    document = json.loads(doctor(machine, "--json", prefix=prefix).stdout)
    assert not document["ok"]
    assert any(what in problem["what"] for problem in document["problems"])


def test_a_report_that_cannot_be_written(machine: Machine) -> None:
    """One line that says why, and exit status 3."""
    done = doctor(machine, "--report", "/nonexistent/report.txt")
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)
    assert "cannot write to /nonexistent/report.txt: No such file or directory" in done.stderr


@given(st.text(max_size=40), st.text(max_size=40))
def test_the_mask_leaves_no_name(before: str, after: str) -> None:
    """Wherever a name stands as a word of its own, it is replaced; the host of an index stays."""
    environ = {"HOME": "/home/zaphod", "USER": "zaphod", "HOSTNAME": "gold", "SOME_TOKEN": "hunter2-hunter2"}
    mask = Mask(environ, ["gold.corp.example"], ["proxy.corp.example"])
    text = f"{before} /home/zaphod/x zaphod gold proxy.corp.example hunter2-hunter2 gold.corp.example {after}"
    shown = mask.apply(text)
    assert " ~/x USER HOST PROXY **** gold.corp.example " in shown
