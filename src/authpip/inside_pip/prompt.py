"""pip's question for a user name and a password: only where somebody can answer it.

Without a terminal the question ends in a traceback of EOFError (pip's network/auth.py, every version).
"""

import sys


def only_on_a_terminal(auth):
    """auth: pip's MultiDomainBasicAuth, before it handles a 401."""
    auth.prompting = auth.prompting and sys.stdin is not None and sys.stdin.isatty()
