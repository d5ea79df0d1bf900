"""Run a pip that would start the same interpreter again in this process: an interpreter takes 10 ms to start.

Only for commands that use no index: there is no credential that this pip could see.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from authpip.launcher.which_pip import Pip

# With these, another start of the interpreter could see other modules, or another locale.
_AT_START = ("PYTHONPATH", "PYTHONCOERCECLOCALE")


def is_same(pip: Pip, environ: Mapping[str, str], *, called_as: str) -> bool:
    """True if this interpreter was started as the pip's would be: the same program, with the same flags."""
    if called_as == "-m":
        has_its_flags = pip.target == ("-m", "pip")  # which_pip.of_this_interpreter takes them from this one
    else:
        has_its_flags = called_as == "authpip" and not (pip.flags or sys.orig_argv[1 : -len(sys.argv)])
    is_own = has_its_flags and pip.python == sys.executable and not pip.extra
    return is_own and not any(name in environ for name in _AT_START)


def run(pip: Pip, arguments: Sequence[str]) -> int:
    """The exit status, for a pip that returns; it usually ends by SystemExit."""
    import runpy

    sys.argv[1:] = arguments
    try:
        if pip.target[0] == "-m":
            runpy.run_module("pip", run_name="__main__", alter_sys=True)
        else:
            sys.argv[0] = pip.target[0]
            runpy.run_path(pip.target[0], run_name="__main__")
    except Exception:  # noqa: BLE001 (a broken pip: the traceback that it would print without authpip)
        sys.excepthook(*sys.exc_info())
        return 1
    return 0
