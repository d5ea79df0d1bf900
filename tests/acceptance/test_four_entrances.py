"""P12, F14: by every entrance a command without a private index ends as plain pip's does, in odd corners too."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from acceptance.test_same_as_pip import COMMANDS, steady
from support.programs import authpip_cli
from support.programs.pip_venvs import PipVenv
from support.samples import packages
from support.servers.index_server import IndexServer

pytestmark = [pytest.mark.real, pytest.mark.heavy]

# What surrounds "$@", which is pip and a command: sh(1).
CORNERS = {
    "stdin closed": '"$@" <&-',
    "stdout closed": '"$@" >&-',
    "stderr closed": '"$@" 2>&-',
    "all three closed": '"$@" <&- >&- 2>&-',
    "stdout full": '"$@" > /dev/full',
    "a pipe that nobody reads": '"$@" | true',
    "a deleted directory": 'mkdir gone && cd gone && rmdir ../gone && "$@"',
    "a directory that nobody may read": 'mkdir -p shut && chmod 000 shut && cd shut && "$@"',
    "no HOME": 'unset HOME; "$@"',
    "HOME that is not there": 'HOME="$PWD/absent" "$@"',
    "the C locale": 'LC_ALL=C "$@"',
    "the C locale and no coercion": 'LC_ALL= LANG=C PYTHONCOERCECLOCALE=0 "$@"',
    "an encoding": 'PYTHONIOENCODING=latin-1 "$@"',
    "no core": 'ulimit -c 0; "$@"',
    "few files": 'ulimit -n 64; "$@"',
    "umask": 'umask 077; "$@"',
    "warnings": 'PYTHONWARNINGS=error::ResourceWarning "$@"',
    "an odd IFS": 'IFS=abc; "$@"',
    "an empty PATH entry": 'PATH="$PATH:" "$@"',
    "an unknown option in the environment": 'PIP_NO_SUCH_OPTION=1 "$@"',
    "a bad option in the environment": 'PIP_TIMEOUT=soon "$@"',
    "a configuration file that is not there": 'PIP_CONFIG_FILE=/nonexistent/pip.conf "$@"',
    "a quiet environment": 'PIP_QUIET=2 "$@"',
}
IN_CORNERS = ("list", "install --target DIR thing", "download -d DIR absent")
ENTRANCES = ("authpip", "-m authpip", "shim", "enabled environment")


def cases() -> Iterator[tuple[str, str, str]]:
    """(name, surroundings, pip's arguments)."""
    for name, command in COMMANDS.items():
        yield name, '"$@"', command
    for corner, script in CORNERS.items():
        for command in IN_CORNERS:
            yield f"{corner}: {command}", script, command


def test_every_entrance_ends_as_pip_does(
    venv: Callable[..., PipVenv], environment: dict[str, str], serve: Callable[..., IndexServer], tmp_path: Path
) -> None:
    """400 comparisons of stdout, stderr and exit status: four entrances, each beside the pip that it stands for."""
    server, place = serve(tls=False), venv()
    server.add("/simple", [packages.wheel(tmp_path / "files", "thing", version) for version in ("1.0", "2.0")])
    environ = environment | {"PIP_INDEX_URL": server.url("/simple/"), "COLUMNS": "100", "PIP_RETRIES": "0"}
    place.run("install", str(packages.wheel(tmp_path / "files", "present")), env=environ)
    shims = Path(environ["XDG_DATA_HOME"], "authpip", "shims")
    assert authpip_cli.auth("shim", "install", env=environ).returncode == 0
    script, module = [f"{place.scripts}/pip"], [place.python, "-m", "pip"]
    ways = {
        "authpip": ([f"{place.scripts}/authpip"], script),
        "-m authpip": ([place.python, "-m", "authpip"], module),
        "shim": ([str(shims / "pip")], script),
        "enabled environment": (script, script),
    }
    behind = environ | {"PATH": f"{place.scripts}:{environ['PATH']}"}
    plain = {tuple(argv): [run(argv, *case[1:], behind, tmp_path) for case in cases()] for argv in (script, module)}
    different, count = [], 0
    for name in ENTRANCES:
        if name == "enabled environment":
            assert authpip_cli.auth("venv", "enable", str(place.directory), env=environ).returncode == 0
        start, beside = ways[name]
        for case, expected in zip(cases(), plain[tuple(beside)], strict=True):
            found = run(start, *case[1:], behind, tmp_path)
            count += 1
            if found != expected:
                different.append((name, case[0], expected, found))
    assert [each[:2] for each in different] == [], different
    assert count >= 400


def run(
    start: list[str], script: str, command: str, environ: dict[str, str], tmp_path: Path
) -> tuple[int, bytes, bytes]:
    """Exit status, stdout and stderr, in a directory of the same name that is new each time."""
    work = tmp_path / "work"
    subprocess.run(["sh", "-c", f"chmod -R u+rwx {work} 2>/dev/null; rm -rf {work}; mkdir {work}"], check=True)
    places = {
        "DIR": str(work / "target"),
        "WHEEL": str(tmp_path / "files/thing-1.0-py3-none-any.whl"),
        "FOLDER": str(tmp_path / "files"),
    }
    words = [places.get(word, word) for word in command.split()]
    argv = ["sh", "-c", script, "sh", *start, *words]
    done = subprocess.run(argv, env=environ, cwd=work, stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
    return done.returncode, steady(done.stdout), comparable(done.stderr)


def comparable(stderr: bytes) -> bytes:
    """Without what differs and is documented: the frames of Python's tracebacks, and what a shim's sh(1) says."""
    text = re.sub(rb"sh: 0: getcwd\(\) failed: No such file or directory\n", b"", steady(stderr))
    return re.sub(rb"((?:Traceback \(most recent call last\)|Call stack):\n)(?:[ \t].*\n)+", rb"\1", text)
