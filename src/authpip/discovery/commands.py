"""Whether a pip command can use an index at all, from its arguments and the names of its variables.

This runs before every pip command, so it imports nothing and reads no file. It may answer yes for a command that
`discover` then finds to use no index. It never answers no for a command that uses one, except for a `list` that looks
for updates because a configuration file says so.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

INDEX_COMMANDS = frozenset({"install", "download", "wheel", "index", "lock", "search"})

# pip's general options, which may stand before the command: those with a value, and those without.
_VALUED = (
    *("--python", "--log", "--log-file", "--local-log", "--keyring-provider", "--proxy", "--retries"),
    *("--timeout", "--default-timeout", "--exists-action", "--trusted-host", "--cert", "--client-cert"),
    *("--cache-dir", "--use-feature", "--use-deprecated", "--resume-retries"),
)
_FLAGS = (
    *("--help", "--debug", "--isolated", "--require-virtualenv", "--require-venv", "--verbose", "--version"),
    *("--quiet", "--no-input", "--no-proxy-env", "--no-cache-dir", "--disable-pip-version-check"),
    *("--no-color", "--no-python-version-warning"),
)
_ENDS_AT_ONCE = frozenset({"--help", "--version"})


def uses_index(args: Sequence[str], environ: Collection[str] = ()) -> bool:
    """True if `pip ARGS…` may ask a package index, a page of links or another remote file."""
    rest = _from_command(args)
    if not rest:
        return False
    if rest[0] == "list":
        return any(map(_asks_for_updates, args)) or "PIP_OUTDATED" in environ or "PIP_UPTODATE" in environ
    if rest[0] == "uninstall":  # it uses no index, but its requirements files may be remote
        return any("://" in arg for arg in rest)
    return rest[0] in INDEX_COMMANDS


def _from_command(args: Sequence[str]) -> Sequence[str]:
    """The command and the arguments after it; nothing if pip ends before the command (--version, --help)."""
    at = 0
    while at < len(args):
        arg = args[at]
        at += 1
        if arg == "--":
            return args[at:]
        if arg[:2] == "--":
            matches = _matches(arg.partition("=")[0])
            if len(matches) == 1 and matches[0] in _ENDS_AT_ONCE:
                return ()
            # An ambiguous option is an error to the newest pip; older ones had fewer, and took a value.
            at += "=" not in arg and any(name in _VALUED for name in matches)
        elif arg[:1] == "-" and len(arg) > 1:
            if "h" in arg or "V" in arg:
                return ()
        else:
            return args[at - 1 :]
    return ()


def _matches(option: str) -> list[str]:
    """The names that an option may abbreviate, by optparse's rules."""
    if option in _VALUED or option in _FLAGS:
        return [option]
    return [name for name in (*_VALUED, *_FLAGS) if name.startswith(option)]


def _asks_for_updates(arg: str) -> bool:
    """True for --outdated, --uptodate, -o and -u in any spelling that pip takes."""
    if arg[:2] == "--":
        return arg[:4] in {"--ou", "--up"} and ("--outdated".startswith(arg) or "--uptodate".startswith(arg))
    for letter in arg[1:] if arg[:1] == "-" else "":
        if letter in "if":  # the rest is a value
            return False
        if letter in "ou":
            return True
    return False
