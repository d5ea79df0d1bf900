"""Where authpip's own process imports modules from: never from PYTHONPATH entries in the working directory (A21)."""

from __future__ import annotations

import os
import sys


def leave_out_the_project() -> None:
    """Remove the entries of PYTHONPATH that are the working directory or below it from sys.path.

    The entry that authpip itself was imported from stays. This function imports only modules that are loaded already.
    """
    given = os.environ.get("PYTHONPATH")
    if not given or sys.flags.ignore_environment:
        return
    try:
        here = os.path.realpath(os.getcwd())
    except OSError:  # the working directory was deleted, so it holds no module
        return
    entries = {os.path.realpath(entry) for entry in given.split(os.pathsep)}
    ours = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
    planted = {entry for entry in entries if os.path.join(entry, "").startswith(os.path.join(here, ""))} - {ours}
    sys.path[:] = [entry for entry in sys.path if os.path.realpath(entry) not in planted]
