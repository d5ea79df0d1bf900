"""pip's own prompt for a user name and a password: show it only if somebody may answer, and never a traceback.

Relies on pip's MultiDomainBasicAuth._prompt_for_password (pip 20.3 to 26.3). Importing this raises ImportError or
AttributeError if it is missing.
"""

import os
import sys

from pip._internal.network.auth import MultiDomainBasicAuth

PROMPT_FOR_PASSWORD = MultiDomainBasicAuth._prompt_for_password


def without_eof_error(handle_401):
    """pip's handle_401, which returns the index's answer, without a traceback, if nobody answers the prompt."""

    def handle(auth, response, **options):
        try:
            return handle_401(auth, response, **options)
        except EOFError:
            if sys.stdin is not None and sys.stdin.isatty():
                sys.stderr.write("\n")  # the line of the prompt has no end yet
            return response

    return handle


def install():
    """From now on, pip prompts only if somebody may answer."""

    def prompt_for_password(auth, netloc):
        if not _may_be_answered():
            raise EOFError
        return PROMPT_FOR_PASSWORD(auth, netloc)

    MultiDomainBasicAuth._prompt_for_password = prompt_for_password


def _may_be_answered():
    """False at the end of standard input (/dev/null, a closed pipe). Text that waits in a pipe is an answer."""
    if sys.stdin is None:
        return False
    if os.name == "nt" or sys.stdin.isatty():
        return True
    from select import select

    try:
        return not select([0], [], [], 0)[0] or bool(sys.stdin.buffer.peek(1))
    except (OSError, ValueError):
        return False
