"""`authpip auth uninstall [--logins] [--yes]`: remove the files of authpip outside of its own environment.

These are the shims, their lines in start-up files, the start-up files of enabled environments, cached tokens and the
cache directory; with --logins the logins as well. config.toml and all files that authpip did not make stay.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from authpip.activation import enabled_list, environments, removal, shims
from authpip.cli import prompt
from authpip.cli.arguments import Parser
from authpip.cli.installation import removal_command
from authpip.cli.report import as_text
from authpip.config.loading import config_paths
from authpip.core.console import say
from authpip.core.errors import AuthpipError, UsageError
from authpip.core.redaction import visible
from authpip.files import user_dirs
from authpip.files.atomic import explained
from authpip.storage import logins, token_cache
from authpip.storage.os_token_store import OSTokenStore

_SHOWN = 3  # tokens; `authpip auth cache status` lists them all
_CACHE = ("kept", "locks", "seen", "warned")  # the folders that authpip makes in its cache directory


class Removal(NamedTuple):
    """One thing that is removed: what it is, where, and how."""

    label: str
    text: str
    remove: Callable[[], object]


def run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """List what will be removed, ask, and remove it; exit status 3 if something could not be removed.

    Raises UsageError if nobody can be asked and --yes is not given.
    """
    options = _parser().parse(arguments)
    environ = {name: value for name, value in environ.items() if name != logins.AUTH_FILE}
    found = [*_removals(environ), *(_logins(environ) if options.logins else ())]
    if not found:
        print("nothing of authpip's is left to remove")
        return _ended(environ, options.logins)
    as_text.print_rows(
        [as_text.Row("", "This will be removed:"), *(as_text.Row(one.label, one.text) for one in found)], environ
    )
    _print_rest(environ, logins_too=options.logins)
    if not options.yes and not _agreed():
        print("nothing was removed")
        return 0
    statuses = [_remove(one) for one in found]
    return max(*statuses, _ended(environ, options.logins))


def _parser() -> Parser:
    parser = Parser(
        "uninstall",
        "Remove the shims, their lines in start-up files, the start-up files of enabled environments, and cached "
        "tokens. authpip asks before. config.toml stays.",
    )
    parser.add_argument("--logins", action="store_true", help="also remove the logins, in the OS keyring and in files")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    return parser


def _removals(environ: Mapping[str, str]) -> Iterator[Removal]:
    for directory in removal.directories(environ):
        for file in removal.start_up_files(directory, environ):
            yield Removal("start-up file", f"{file}: authpip's lines", _call(removal.remove_block, file, directory))
        names = ", ".join(shim.name for shim in shims.installed(directory, environ))
        yield Removal("shims", f"{directory}: {names}", _call(shims.remove, directory, environ))
    for enabled in enabled_list.load(environ):
        names = ", ".join(file.name for file in enabled.files)
        yield Removal("environment", f"{enabled.directory}: {names}", _call(environments.disable_site, enabled.site))
    tokens = token_cache.kept(environ)
    if tokens:
        labels = ", ".join(dict.fromkeys(token.label for token in tokens[:_SHOWN]))
        text = f"{len(tokens)}: {labels}" + (", …" if len(tokens) > _SHOWN else "")
        yield Removal("cached tokens", text, _call(token_cache.clear, environ))
    folders = [path for name in _CACHE if os.path.isdir(path := os.path.join(user_dirs.cache_dir(environ), name))]
    if folders:
        yield Removal("cache", ", ".join(folders), _call(_clear_cache, folders, environ))


def _logins(environ: Mapping[str, str]) -> Iterator[Removal]:
    from authpip.cli.commands import logout

    stored = logins.load(environ)
    if stored:
        whose = ", ".join(f"{login.url} as {login.username}" for login in stored)
        yield Removal("login" + "s" * (len(stored) > 1), whose, _call(logout.run, ["--all"], environ))


def _call(work: Callable[..., object], *arguments: object) -> Callable[[], object]:
    return lambda: work(*arguments)


def _print_rest(environ: Mapping[str, str], *, logins_too: bool) -> None:
    """Print what stays."""
    stored = [] if logins_too else list(logins.load(environ))
    if stored:
        text = "1 login stays" if len(stored) == 1 else f"{len(stored)} logins stay"
        print(f"{text}; `authpip auth uninstall --logins` removes the stored logins as well")
    for path in config_paths(environ):
        if os.path.exists(path):
            print(visible(f"{path} stays"))


def _agreed() -> bool:
    if not prompt.is_there():
        raise UsageError("nothing was removed", "there is no terminal to ask at", "type: authpip auth uninstall --yes")
    return prompt.ask("Remove it? [y/N] ").lower() in {"y", "yes"}


def _remove(one: Removal) -> int:
    """Remove one thing. Returns 0, or the exit status of the error, which is printed."""
    try:
        with explained():
            one.remove()
    except AuthpipError as error:
        say(str(error))
        return error.exit_code
    print(visible(f"removed: {one.label}: {one.text}"))
    return 0


def _ended(environ: Mapping[str, str], logins_too: bool) -> int:
    """Remove empty lists and directories, and print how to remove the program itself. Returns 0."""
    lists = [Path(enabled_list.path_of(environ))] if not enabled_list.load(environ) else []
    if logins_too and not logins.load(environ):
        lists += [Path(user_dirs.data_dir(environ), name) for name in ("logins.json", "secrets.json")]
    for path in lists:
        for each in (path, path.with_name(path.name + ".lock")):
            each.unlink(missing_ok=True)
    for directory in (user_dirs.state_dir(environ), user_dirs.data_dir(environ), user_dirs.cache_dir(environ)):
        with suppress(OSError):
            os.rmdir(directory)
    print(f"To remove authpip itself, type: {removal_command(sys.prefix)}")
    return 0


def _clear_cache(folders: Sequence[str], environ: Mapping[str, str]) -> None:
    store = OSTokenStore(environ)
    for name in store.names():
        store.forget(name)
    for folder in folders:
        for entry in os.scandir(folder):
            if entry.is_file(follow_symlinks=False):
                os.unlink(entry)
        with suppress(OSError):
            os.rmdir(folder)
