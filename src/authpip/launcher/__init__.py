"""Run one pip: find it, see whether it will use an index, get the credentials, become it."""

from __future__ import annotations

import os
import sys

from authpip.launcher import which_pip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from authpip.core.errors import AuthpipError

LAYER = "_AUTHPIP_LAYER"  # activation/templates/shim.sh reads it


def launch(
    arguments: Sequence[str], environ: Mapping[str, str], *, called_as: str, pip: which_pip.Pip | None = None
) -> int:
    """Run the pip that would run without authpip. Returns pip's exit status, if it returns.

    called_as: "authpip", "-m" or a shim's name. pip: the pip that was started already (`auth venv enable`).
    Raises AuthpipError before pip starts.
    """
    pip = pip or find(called_as, environ)
    if environ.get("AUTHPIP_DISABLE") == "1":
        return become(pip.command(list(arguments)), _for_a_layer(pip, environ))
    if not _uses_index(pip, arguments, environ):
        return _without_index(pip, arguments, environ, called_as)
    import gc

    gc.disable()  # the search for cycles takes 2 ms, and this process ends soon
    from authpip.core.protection import release
    from authpip.launcher.plan import prepare

    argv, child_environ = prepare(pip, arguments, environ)
    release()
    return become(argv, child_environ)


def _without_index(pip: which_pip.Pip, arguments: Sequence[str], environ: Mapping[str, str], called_as: str) -> int:
    from authpip.launcher import this_process

    if this_process.is_same(pip, environ, called_as=called_as):
        return this_process.run(pip, arguments)
    return become(pip.command(list(arguments)), _for_a_layer(pip, environ))


def find(called_as: str, environ: Mapping[str, str]) -> which_pip.Pip:
    """The pip that `called_as` stands for. Raises NoPipError."""
    if called_as == "-m":
        return which_pip.of_this_interpreter(environ)
    if called_as == "authpip":
        return which_pip.of_this_command(environ)
    return which_pip.of_shim(called_as, environ)


def become(argv: Sequence[str], environ: Mapping[str, str]) -> int:
    """Replace this process by argv, so that signals, exit status and the terminal are pip's own."""
    if os.name == "nt":
        from authpip.programs import windows_process

        return windows_process.call(argv, environ)
    _flush()
    try:
        os.execve(argv[0], list(argv), dict(_with_own_locale(environ)))  # noqa: S606 (there is no shell in between)
    except OSError as error:
        raise _cannot_be_started(argv[0], error) from None


def _with_own_locale(environ: Mapping[str, str]) -> Mapping[str, str]:
    if "PYTHONCOERCECLOCALE" not in environ:
        return environ
    from authpip.launcher.coerced_locale import without_coercion

    return without_coercion(environ)


def _cannot_be_started(program: str, error: OSError) -> AuthpipError:
    """The error for a failed exec: the interpreter is missing, or the argument list is too long."""
    from authpip.core.errors import NoPipError

    why = (error.strerror or str(error)).lower()
    return NoPipError(f"{program} cannot be started", why, "recreate its environment, or use another pip")


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # None: it is closed, as in `pip list >&-`
            stream.flush()


def _for_a_layer(pip: which_pip.Pip, environ: Mapping[str, str]) -> Mapping[str, str]:
    """The environment for a shell script that starts a pip (pyenv's): authpip's shim recognises a second call by it."""
    return environ if pip.python else {**environ, LAYER: f"{os.getpid()} {pip.target[0]}"}


def _uses_index(pip: which_pip.Pip, arguments: Sequence[str], environ: Mapping[str, str]) -> bool:
    from authpip.discovery.commands import uses_index

    return uses_index([*pip.extra, *arguments], environ)
