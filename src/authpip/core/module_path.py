"""Where authpip's own process imports modules from: nothing that PYTHONPATH finds in the working directory (A21)."""

from __future__ import annotations

import os
import sys


def leave_out_the_project() -> None:
    """Take those entries of PYTHONPATH off sys.path that are the working directory or below it.

    The entry that authpip itself was imported from stays. Nothing is imported here that is not loaded already.
    """
    given = os.environ.get("PYTHONPATH")
    if not given or sys.flags.ignore_environment:
        return
    try:
        here = os.path.realpath(os.getcwd())
    except OSError:  # it was deleted, so nothing is in it
        return
    entries = {os.path.realpath(entry) for entry in given.split(os.pathsep)}
    ours = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
    planted = {entry for entry in entries if os.path.join(entry, "").startswith(os.path.join(here, ""))} - {ours}
    sys.path[:] = [entry for entry in sys.path if os.path.realpath(entry) not in planted]
