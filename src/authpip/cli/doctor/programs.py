"""The section `programs`: authpip, the system, pip, the pip on PATH, and other authpips on PATH."""

from __future__ import annotations

import os
import platform
import shlex
import sys
from collections.abc import Iterator, Mapping

from authpip import __version__
from authpip.cli.doctor.section import Section, empty
from authpip.cli.installation import removal_command
from authpip.cli.report.explanation import versions
from authpip.core.errors import AuthpipError
from authpip.launcher.version_managers import see_through
from authpip.launcher.which_pip import Pip, environment_of, first_on_path, read_script

OLDEST_PIP = (20, 3)  # the oldest one that the tests use


def look(pip: Pip | AuthpipError, environ: Mapping[str, str]) -> Section:
    """The section. pip: the one that authpip stands in front of, or why there is none."""
    section = empty("programs")
    section.add("authpip", f"{__version__} ({sys.prefix}, Python {platform.python_version()})")
    section.add("system", ", ".join(filter(None, (_distribution(), f"{platform.system()} {platform.release()}"))))
    section.add("machine", platform.machine())
    if isinstance(pip, AuthpipError):
        section.add("pip", "there is none")
        section.raised(pip)
    else:
        _add_pip(section, "pip", pip, environ)
    script = first_on_path("pip", environ)
    if script and not (isinstance(pip, Pip) and _same(pip, read_script(script))):
        _add_pip(section, "pip on PATH", read_script(script), environ)
    _see_others(section, environ)
    return section


def _same(pip: Pip, other: Pip) -> bool:
    return pip.target == other.target or (bool(other.python) and pip.prefix == other.prefix)


def _add_pip(section: Section, name: str, pip: Pip, environ: Mapping[str, str]) -> None:
    command = " ".join(pip.command([]))
    try:
        pip = see_through(pip, environ)
    except AuthpipError as error:
        section.add(name, command)
        section.raised(error)
        return
    python_version, pip_version = versions(pip, environ)
    if pip_version is None:
        section.add(name, f"{command}: it does not run")
        section.fails(f"{command} does not run", f"type: {shlex.quote(pip.python)} -m pip --version")
        return
    section.add(name, f"{pip_version} ({command}, Python {python_version})")
    if _numbers(pip_version) < OLDEST_PIP:
        why = f"pip {pip_version} is older than 20.3, the oldest one that authpip works with"
        section.fails(f"{why}: {command}", f"type: {shlex.quote(pip.python)} -m pip install --upgrade pip")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())


def _see_others(section: Section, environ: Mapping[str, str]) -> None:
    """Report further authpips on PATH: they never run, or two versions run with different PATHs."""
    first, *others = _authpips(environ) or [""]
    for other in others:
        section.add("other authpip", other)
        prefix = environment_of(read_script(other).python or other)
        section.fails(f"two authpips are on PATH: {first} runs, {other} does not", f"type: {removal_command(prefix)}")


def _authpips(environ: Mapping[str, str]) -> list[str]:
    """Each command `authpip` on PATH; of several links to one program the first."""
    found: dict[str, str] = {}
    for path in _commands("authpip", environ):
        found.setdefault(os.path.realpath(path), path)
    return list(found.values())


def _commands(name: str, environ: Mapping[str, str]) -> Iterator[str]:
    for directory in environ.get("PATH", os.defpath).split(os.pathsep):
        path = os.path.join(directory, name + (".exe" if os.name == "nt" else ""))
        if os.path.isabs(directory) and os.path.isfile(path) and os.access(path, os.X_OK):
            yield path


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "")
    except OSError:
        return ""
