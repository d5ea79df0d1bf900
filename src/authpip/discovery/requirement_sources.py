"""Read the requirements of a command in pip's order: constraints, arguments, groups, files, scripts."""

from __future__ import annotations

import os
from collections.abc import Iterator

from authpip.core.index import is_index_url
from authpip.discovery.metadata_files import group_requirements, is_lock, lock_urls, script_requirements
from authpip.discovery.model import Configured, Context
from authpip.discovery.options import CommandLine
from authpip.discovery.references import reference, reference_in_metadata
from authpip.discovery.requirements import Reader
from authpip.discovery.values import SearchScope, Values

# pip sets this for the pip that fills a build environment, which ignores the regular constraints.
_IN_BUILD = "_PIP_IN_BUILD_IGNORE_CONSTRAINTS"


def read_sources(line: CommandLine, values: Values, scope: SearchScope, where: Context) -> None:
    """Add to `scope` the indexes, pages and links that requirements in arguments and files name."""
    reader = Reader(scope, where)
    if line.command == "uninstall":
        _read_for_uninstall(values, reader, scope)
        return
    for name, configured_in in values.all("build-constraint" if where.environ.get(_IN_BUILD) == "1" else "constraint"):
        reader.read(name, configured_in)
    for one in line.given if values.takes("requirement") else ():
        url = reference(one.value) if not one.name else None
        scope.links += [Configured(url, "command line")] if url else []
    scope.links += _from_groups(values, where.cwd)
    for name, configured_in in values.all("requirement"):
        if is_lock(name) and not is_index_url(name):
            scope.links += [Configured(url, name) for url in lock_urls(name, where.cwd)]
        else:
            reader.read(name, configured_in)
    scope.links += _from_scripts(values, where.cwd)
    _read_build_constraints(values, reader, scope)


def _read_for_uninstall(values: Values, reader: Reader, scope: SearchScope) -> None:
    """`pip uninstall -r` fetches remote requirements files and uses no index."""
    for name, configured_in in values.all("requirement"):
        reader.read(name, configured_in)
    scope.links, scope.indexes, scope.find_links = [], [], []


def _read_build_constraints(values: Values, reader: Reader, scope: SearchScope) -> None:
    """A nested pip reads build constraints; this pip only fetches remote ones, unless it builds in its own process."""
    in_process = "inprocess-build-deps" in {*scope.features, *(one.value for one in values.all("use-feature"))}
    for name, configured_in in values.all("build-constraint"):
        if in_process or is_index_url(name):
            reader.read(name, configured_in)


def _from_groups(values: Values, cwd: str) -> Iterator[Configured]:
    for spec, _ in values.all("group"):
        path, _, group = spec.rpartition(":")
        path = path or "pyproject.toml"
        if is_lock(path):
            yield from (Configured(url, path) for url in lock_urls(path, cwd))
        else:
            yield from _references(group_requirements(os.path.join(cwd, path), group), path)


def _from_scripts(values: Values, cwd: str) -> Iterator[Configured]:
    for script, _ in values.all("requirements-from-script"):
        yield from _references(script_requirements(os.path.join(cwd, script)), script)


def _references(requirements: list[str], path: str) -> Iterator[Configured]:
    urls = map(reference_in_metadata, requirements)
    return (Configured(url, path) for url in urls if url)
