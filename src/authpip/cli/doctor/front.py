"""The section `in front of pip`: the entries of PATH, shims, enabled environments."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping

from authpip.activation import enabled_list, removal, shim_check, shims
from authpip.cli.doctor.section import Section, empty
from authpip.core.errors import AuthpipError
from authpip.launcher.which_pip import is_shim

_NAMES = ("authpip", "pip", "pip3", "python", "python3")


def look(environ: Mapping[str, str]) -> Section:
    """The section."""
    section = empty("in front of pip")
    if environ.get("AUTHPIP_DISABLE") == "1":
        section.fails("AUTHPIP_DISABLE=1 is set: pip runs without authpip", "type: unset AUTHPIP_DISABLE")
    _add_path(section, environ)
    _add_shims(section, environ)
    try:
        _add_environments(section, environ)
    except AuthpipError as error:
        section.raised(error)
    return section


def _add_path(section: Section, environ: Mapping[str, str]) -> None:
    """The entries of PATH that have a pip, a Python or an authpip, with their numbers."""
    for number, entry in enumerate(shims.path_entries(environ), start=1):
        names = [name for name in _NAMES if os.access(os.path.join(entry or ".", name), os.X_OK)]
        if names:
            kind = " (shims)" if is_shim(os.path.join(entry, "pip")) else ""
            section.add(f"PATH {number}", f"{entry or 'the working directory'}{kind}: {', '.join(names)}")


def _add_shims(section: Section, environ: Mapping[str, str]) -> None:
    directories = removal.directories(environ)
    for directory in directories:
        found = shims.installed(directory, environ)
        section.add("shims", f"{directory}: {', '.join(shim.name for shim in found)}")
        by_remedy: dict[str, str] = {}
        for problem in shim_check.problems(directory, found, environ):
            by_remedy.setdefault(problem.remedy, problem.what)
        for remedy, what in by_remedy.items():
            section.fails(what, remedy)
    if not directories:
        section.add("shims", "none")


def _add_environments(section: Section, environ: Mapping[str, str]) -> None:
    listed = enabled_list.load(environ)
    for enabled in listed:
        section.add("enabled", str(enabled.directory))
        if not enabled.leads_here:
            what = f"the environment {enabled.directory} leads to another authpip"
            section.fails(what, f"type: authpip auth venv enable {shlex.quote(str(enabled.directory))}")
    active = environ.get("VIRTUAL_ENV") or environ.get("CONDA_PREFIX")
    if active:
        is_enabled = any(os.path.realpath(one.directory) == os.path.realpath(active) for one in listed)
        section.add("active", active + ("" if is_enabled else " (not enabled)"))
