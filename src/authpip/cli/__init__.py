"""Run an `auth` command or the launcher. Only here do errors become messages and exit statuses."""

from __future__ import annotations

import os
import sys

from authpip.core.errors import AuthpipError, end_what_runs
from authpip.core.module_path import leave_out_the_project

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

INTERNAL_ERROR = 70  # sysexits.h: EX_SOFTWARE
INTERRUPTED = 130


def main() -> int:
    """The console script `authpip`: the pip of its own environment, or the one that a shim would find."""
    leave_out_the_project()
    return run(sys.argv[1:], called_as="authpip")


def run(arguments: Sequence[str], *, called_as: str) -> int:
    """Everything but the word `auth` is pip's. called_as: "authpip", "-m" (python -m authpip) or a shim's name."""
    return guarded(lambda: _run(arguments, called_as))


def _run(arguments: Sequence[str], called_as: str) -> int:
    """Its imports run inside `guarded`: a broken installation is one line, too."""
    if arguments[:1] == ["auth"]:
        from authpip.cli.commands import dispatch
        from authpip.core.console import print_as_on_linux

        print_as_on_linux()
        return dispatch(arguments[1:], dict(os.environ), called_as=called_as)
    if called_as in {"authpip", "-m"} and not _is_off() and "PIP_AUTO_COMPLETE" not in os.environ:
        if _ends_with_our_lines(list(arguments)):
            from authpip.cli.pip_help import show

            return show(arguments, dict(os.environ), called_as=called_as)
        if arguments[:2] == ["help", "auth"]:
            return _run(["auth", "help", *arguments[2:]], called_as)
    from authpip.launcher import launch

    return launch(arguments, dict(os.environ), called_as=called_as)


def _ends_with_our_lines(arguments: list[str]) -> bool:
    """True if pip's help gets two more lines about `auth`. For all but --help only on a terminal: programs read it."""
    return arguments in (["--help"], ["-h"]) or (arguments in ([], ["help"]) and _stdout_is_a_terminal())


def _stdout_is_a_terminal() -> bool:
    return sys.stdout is not None and not sys.stdout.closed and sys.stdout.isatty()


def _is_off() -> bool:
    return os.environ.get("AUTHPIP_DISABLE") == "1"


def guarded(work: Callable[[], int]) -> int:
    """The exit status of work(). Each error becomes one line on stderr; an unexpected one names its line of code."""
    try:
        return work()
    except AuthpipError as error:
        _say(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        end_what_runs()
        return INTERRUPTED
    except BrokenPipeError:
        return 1
    except Exception as error:  # noqa: BLE001 (a traceback that a user sees is a bug)
        _say(_internal_error(error))
        return INTERNAL_ERROR


def _say(message: str) -> None:
    from authpip.core.console import say

    say(message)


def _internal_error(error: Exception) -> str:
    """The message for a bug: its type and the innermost line in authpip, without its text, which may quote a secret."""
    package, position, trace = os.path.dirname(os.path.dirname(__file__)), "?", error.__traceback__
    while trace:
        path = trace.tb_frame.f_code.co_filename
        if path.startswith(package):
            position = f"{os.path.relpath(path, package)}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"internal error {type(error).__name__} at {position}; please report it, or go on with AUTHPIP_DISABLE=1"
