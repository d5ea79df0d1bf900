"""The section `configuration`: the files that authpip and pip read, and variables that nothing reads."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping

from authpip.cli.doctor.section import Section, empty
from authpip.config.loading import config_paths, read_settings
from authpip.config.settings import Settings
from authpip.config.unread_variables import unread_variables
from authpip.discovery.config import config_files
from authpip.files import user_dirs


def look(environ: Mapping[str, str], prefix: str) -> tuple[Section, Settings]:
    """(the section, the valid settings). prefix: of the environment whose pip.conf counts."""
    section = empty("configuration")
    settings, problems = read_settings(environ)
    for path in config_paths(environ):
        is_there = os.path.lexists(path)
        section.add("settings", f"{path}: {'read' if path in settings.files else _unread(is_there)}")
    section.add("rules", str(len(settings.rules)))
    for problem in [*problems, *(one.problem for one in settings.overruled)]:
        section.raised(problem)
    for orphan in unread_variables(environ, settings):
        section.fails(f"{orphan.what}: {orphan.why}", orphan.remedy.replace("unset it", f"type: unset {orphan.what}"))
    for name, path in _others(environ, prefix):
        if os.path.lexists(path) and path != os.devnull:
            _add_file(section, name, path)
    return section, settings


def _unread(is_there: bool) -> str:
    return "not used" if is_there else "not there"


def _others(environ: Mapping[str, str], prefix: str) -> Iterator[tuple[str, str]]:
    cwd, home = user_dirs.working_directory(), user_dirs.home(environ)
    for path in config_files(environ, prefix=prefix, cwd=cwd, isolated=False):
        yield "pip's own", os.path.join(cwd, path)
    yield "netrc", environ.get("NETRC") or os.path.join(home, ".netrc")
    yield "pypirc", os.path.join(home, ".pypirc")


def _add_file(section: Section, name: str, path: str) -> None:
    try:
        with open(path, "rb"):
            section.add(name, path)
    except OSError as error:
        section.add(name, f"{path}: not readable")
        remedy = f"type: chmod u+r {shlex.quote(path)}" if isinstance(error, PermissionError) else "move it away"
        section.fails(f"{path} cannot be read: {error.strerror}", remedy)
