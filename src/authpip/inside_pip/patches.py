"""Puts our pieces into the pip that is about to run. Everything is loaded here, before pip begins (A20)."""

import sys

from _authpip_inside import guard, late, seam
from _authpip_inside.table import Table


def install(message, main_file):
    """Called once, when pip can be imported. Ends the process where the promises could not be kept (F16)."""
    table = Table(message)
    helper = late.Helper(message, table)
    guard.install(message, main_file)
    try:
        from _authpip_inside import auth, urls
    except (ImportError, AttributeError) as error:  # this pip is not built as those we know
        seam.install(table, error)
        return
    auth.install(table, helper)
    urls.install(table, helper)


def say(text):
    """One line for the user, in authpip's name."""
    sys.stderr.write("authpip: %s\n" % text)
    sys.stderr.flush()
