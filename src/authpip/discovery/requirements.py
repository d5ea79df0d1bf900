"""Requirements and constraints files: the indexes, pages of links and direct references that pip finds in them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from authpip.discovery.model import Configured, Context, can_be_read_twice
from authpip.discovery.option_table import FILE
from authpip.discovery.options import ParsedArgument, understand
from authpip.discovery.references import project, reference
from authpip.discovery.requirement_lines import decode, logical_lines
from authpip.discovery.values import SearchScope

DEEPEST = 50  # files that include one another; pip ends in a RecursionError at some depth
_URL = re.compile(r"(?P<scheme>https?|file):", re.IGNORECASE)


class Reader:
    """Reads files into a scope. A file that cannot be read is left out: pip reports it and stops."""

    def __init__(self, scope: SearchScope, where: Context) -> None:
        self._scope, self._where, self._cwd = scope, where, where.cwd

    def read(self, name: str, configured_in: str, including: tuple[str, ...] = ()) -> None:
        """Read a file and the files that it includes.

        name: path or URL. configured_in: the option or line that names it. including: the files around it.
        """
        path = self._path(name)
        if path is None or not can_be_read_twice(path) or len(including) > DEEPEST:
            self._scope.unread.append(Configured(name, configured_in))
            return
        identity = name if _scheme(name) else path
        text = None if identity in including else _text(path, by_url=bool(_scheme(name)))
        for number, line in logical_lines(text or "", self._where):
            self._line(name, line, f"{name}:{number}", (*including, identity))

    def _path(self, name: str) -> str | None:
        """The path of the file; None for a URL of another machine."""
        if _scheme(name) in {"http", "https"}:
            return None
        if _scheme(name):
            from authpip.discovery.metadata_files import file_url_to_path

            return file_url_to_path(name)
        return os.path.abspath(os.path.join(self._cwd, name))

    def _line(self, name: str, line: str, configured_in: str, including: tuple[str, ...]) -> None:
        if not line.startswith("-"):
            requirement = _without_options(line)
            url, wanted = reference(requirement), project(requirement)
            self._scope.links += [Configured(url, configured_in)] if url else []
            self._scope.names += [wanted] if wanted else []
            return
        try:
            given = understand(split_options(line), FILE)
        except ValueError:  # unbalanced quotes
            return
        values = _by_name(given)
        if "editable" in values:
            return
        if "requirement" in values or "constraint" in values:
            inner = (values.get("requirement") or values["constraint"])[0]
            self.read(_relative(inner, name), configured_in, including)
            return
        self._options(values, name, configured_in)

    def _options(self, values: Mapping[str, list[str]], name: str, configured_in: str) -> None:
        scope = self._scope
        if "no-index" in values:
            scope.no_index, scope.indexes = True, []
        if values.get("index-url", [""])[-1] and not scope.no_index:
            scope.indexes = [Configured(values["index-url"][-1], configured_in)]
        if not scope.no_index:
            scope.indexes += [Configured(url, configured_in) for url in values.get("extra-index-url", [])]
        if "find-links" in values:
            scope.find_links.append(Configured(self._page(values["find-links"][0], name), configured_in))
        scope.trusted_hosts += values.get("trusted-host", [])
        scope.features += values.get("use-feature", [])

    def _page(self, value: str, name: str) -> str:
        """The path beside the requirements file if it exists, else the value as it is."""
        beside = os.path.join(os.path.dirname(os.path.abspath(os.path.join(self._cwd, name))), value)
        return beside if os.path.exists(beside) else value


def _text(path: str, *, by_url: bool) -> str | None:
    try:
        with open(path, "rb") as file:
            return decode(file.read(), by_url=by_url)
    except (OSError, ValueError, LookupError):
        return None


def _scheme(name: str) -> str:
    match = _URL.match(name)
    return match["scheme"].lower() if match else ""


def _relative(inner: str, outer: str) -> str:
    if _scheme(outer):
        from urllib.parse import urljoin

        try:
            return urljoin(outer, inner)
        except ValueError:
            return inner
    return inner if _scheme(inner) else os.path.normpath(os.path.join(os.path.dirname(outer), inner))


def _without_options(line: str) -> str:
    """The line of a requirement up to its first option (--hash, --config-settings)."""
    tokens = line.split(" ")
    end = next((number for number, token in enumerate(tokens) if token.startswith("-")), len(tokens))
    return " ".join(tokens[:end])


def split_options(line: str) -> list[str]:
    """The words of a line, split as a shell does; shlex is imported only for a line with quotes."""
    if any(mark in line for mark in "'\"\\"):
        import shlex

        return shlex.split(line)
    return [word for word in re.split("[ \t\r\n]+", line) if word]


def _by_name(given: list[ParsedArgument]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for one in given:
        values.setdefault(one.name, []).append(one.value)
    return values
