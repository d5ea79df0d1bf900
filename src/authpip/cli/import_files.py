"""The secrets in .netrc, .pypirc, pixi's credentials.json and pip.conf, for logins that authpip can store."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from authpip.config.host_patterns import canonical
from authpip.core.credential import Secret
from authpip.core.errors import CredentialError, UsageError
from authpip.core.index import RefusedURL, is_index_url, parse_scope, split_userinfo
from authpip.files import atomic, trusted, user_dirs

BACKUP = ".authpip-backup"
_BYTE_ORDER_MARK = "\ufeff"
FILES = ("netrc", "pypirc", "rattler", "pip")


class Found(NamedTuple):
    """One secret in one file. target: a URL or a wildcard. without: the file's text without that secret."""

    target: str
    username: str
    secret: Secret
    scheme: str
    path: str
    without: Callable[[str], str]


def find(kind: str, environ: Mapping[str, str]) -> Iterator[Found]:
    """The secrets in the files of one kind, a word of FILES. Raises CredentialError if a file cannot be read."""
    reader = {"netrc": _netrc, "pypirc": _pypirc, "rattler": _rattler, "pip": _pip}[kind]
    for path in _paths(kind, environ):
        if os.path.isfile(path) and (file := _read(path)):
            yield from reader(file)


def _paths(kind: str, environ: Mapping[str, str]) -> list[str]:
    home = user_dirs.home(environ)
    if kind == "netrc":
        return (
            [environ["NETRC"]] if environ.get("NETRC") else [os.path.join(home, name) for name in (".netrc", "_netrc")]
        )
    if kind == "pypirc":
        return [environ.get("PYPIRC_PATH") or os.path.join(home, ".pypirc")]
    if kind == "rattler":
        return [environ.get("RATTLER_AUTH_FILE") or os.path.join(home, ".rattler", "credentials.json")]
    import sys

    from authpip.discovery.config import config_files

    return config_files(environ, prefix=sys.prefix, cwd=home, isolated=False)


def _read(path: str) -> trusted.OwnFile | None:
    try:
        return trusted.read(path)
    except (OSError, ValueError):
        raise CredentialError(
            f"{path} cannot be read", "it is not text, or you may not read it", "leave it out"
        ) from None


def _netrc(file: trusted.OwnFile) -> Iterator[Found]:
    from authpip.files.netrc import MalformedNetrc, parse

    try:
        entries = {entry.host: entry for entry in parse(file.text) if entry.host}
    except MalformedNetrc as error:
        where, why = f"{file.path}:{error.line} cannot be read", "it is not in the form of a .netrc"
        raise CredentialError(where, why, "correct it") from None
    for host, entry in entries.items():
        if entry.password:
            without = _bound(without_machine, host)
            yield Found(f"https://{host}/", entry.login, Secret(entry.password), "basic", file.path, without)


def _pypirc(file: trusted.OwnFile) -> Iterator[Found]:
    from authpip.files.pypirc import parse

    for section in parse(file.text, file.path):
        target = str(section.base) if section.base else f"https://{section.host}/" if section.host else ""
        if target and section.password:
            without = _bound(without_password, section.name)
            yield Found(target, section.username or "__token__", section.password, "basic", file.path, without)


def servers(environ: Mapping[str, str]) -> Iterator[str]:
    """The hosts of a .pypirc's sections, with or without a password. Raises CredentialError as `find` does."""
    from authpip.files.pypirc import parse

    for path in _paths("pypirc", environ):
        if os.path.isfile(path) and (file := _read(path)):
            for section in parse(file.text, file.path):
                host = section.base.host if section.base else section.host.partition(":")[0].lower()
                yield from filter(None, [host])


def _rattler(file: trusted.OwnFile) -> Iterator[Found]:
    import json

    from authpip.files import pixi

    try:
        entries = json.loads(file.text)
    except (ValueError, RecursionError):
        entries = None
    if not isinstance(entries, dict):
        raise CredentialError(f"{file.path} cannot be read", "it is not a JSON object", "correct it")
    for host, entry in entries.items():
        if (login := pixi.login_of(entry)) and "/" not in host:
            target = host if host.startswith("*") else f"https://{host}/"
            without = _bound(without_entry, host)
            yield Found(target, login.username, login.secret, login.scheme, file.path, without)


def _pip(file: trusted.OwnFile) -> Iterator[Found]:
    from authpip.discovery.config import normal_key
    from authpip.discovery.ini import read_ini

    try:
        entries = read_ini(file.text)
    except ValueError:
        raise CredentialError(
            f"{file.path} cannot be read", "it is not in the form of a pip.conf", "correct it"
        ) from None
    for entry in entries:
        if normal_key(entry.key) in {"index-url", "extra-index-url", "find-links"}:
            for url in filter(is_index_url, entry.value.split()):
                yield from _in_url(url, file.path)


def _in_url(url: str, path: str) -> Iterator[Found]:
    try:
        clean, username, password = split_userinfo(url)
        target = str(parse_scope(clean))
    except RefusedURL:
        return
    if password:
        yield Found(target, username or "", Secret(password), "basic", path, _bound(without_userinfo, url))


def _bound(change: Callable[[str, str], str], what: str) -> Callable[[str], str]:
    return lambda text: change(text, what)


def why_not(found: Found) -> str:
    """Why a secret cannot be stored; "" if it can."""
    secret = found.secret.expose()
    try:
        target = canonical(found.target) if found.target.startswith("*") else parse_scope(found.target)
    except RefusedURL as reason:
        return str(reason)
    if not isinstance(target, str) and target.is_plain_http:
        return "it is plain http"
    if ":" in found.username or not (found.username + secret).isprintable():
        return "it has a character that no request can carry"
    return "" if found.username or found.scheme == "bearer" else "it has no user name"


def without_machine(text: str, host: str) -> str:
    """A .netrc without the entries of a host."""
    from authpip.files.netrc import parse

    for entry in reversed(parse(text)):
        if entry.host == host:
            before, after = text[: entry.start], text[entry.end :].lstrip(" \t")
            line_end = re.match(r"\r?\n|\Z", after)
            starts_line = re.search(r"(?:\A|\n)[ \t]*\Z", before)
            if line_end and starts_line:  # the line has nothing else, so all of it is removed
                before, after = before.rstrip(" \t"), after[line_end.end() :]
            text = before + after
    return text


def without_password(text: str, section: str) -> str:
    """A .pypirc without the password of a section, including its continuation lines."""
    kept: list[str] = []
    inside = dropping = False
    for line in text.splitlines(keepends=True):
        if header := re.match(r"\[([^\]]+)\]", line):
            inside = header[1] == section
        dropping = inside and (
            re.match(r"password\s*[:=]", line, re.IGNORECASE) is not None or (dropping and line[:1] in " \t")
        )
        if not dropping:
            kept.append(line)
    return "".join(kept)


def without_entry(text: str, host: str) -> str:
    """A credentials.json without the entry of a host."""
    import json

    entries = json.loads(text)
    entries.pop(host, None)
    return json.dumps(entries, indent=2, ensure_ascii=False) + "\n"


def without_userinfo(text: str, url: str) -> str:
    """A pip.conf in which the URL keeps its user name and loses its password."""
    start = url.index("://") + 3
    userinfo = url[start : url.rindex("@", 0, _end_of_authority(url, start))]
    return text.replace(url, url.replace(userinfo, userinfo.partition(":")[0], 1))


def remove(taken: Sequence[Found]) -> Iterator[str]:
    """Replace each file by one without these secrets and otherwise the same byte for byte; keep a backup beside it.

    Yields a line for each file. Raises UsageError if a file cannot be replaced.
    """
    for path in dict.fromkeys(Path(found.path).resolve() for found in taken):
        backup = path.with_name(path.name + BACKUP)
        try:
            content = path.read_bytes()
            atomic.write_new(backup, content, mode=0o600)
            text = content.decode("utf-8")
            mark = _BYTE_ORDER_MARK if text.startswith(_BYTE_ORDER_MARK) else ""
            text = text.removeprefix(mark)
            for found in taken:
                if Path(found.path).resolve() == path:
                    text = found.without(text)
            atomic.write(path, (mark + text).encode(), mode=path.stat().st_mode & 0o777)
        except OSError as error:
            why = f"{backup} is there already" if isinstance(error, FileExistsError) else error.strerror or ""
            raise UsageError(f"nothing was removed from {path}", why, "the logins are stored") from None
        yield f"{path}: removed; {backup} is the old file: delete it once everything works"


def _end_of_authority(url: str, start: int) -> int:
    return min((position for mark in "/?#" if (position := url.find(mark, start)) >= 0), default=len(url))
