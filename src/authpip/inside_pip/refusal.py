"""End a run that lacks a credential: pip cleans up as usual, and the exit status is authpip's."""

import os
import re
import sys
from shutil import get_terminal_size
from textwrap import wrap

from pip._internal.exceptions import InstallationError

NO_CREDENTIAL = 3  # pip has this status for one thing only, --require-virtualenv
_STOPPED = []
_ODD = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


class NoCredentialError(InstallationError):
    """pip's resolver does not catch it, and pip's commands print it as one line."""


def say(text):
    """Print one line for the user on stderr, after "authpip: ", wrapped at words on a terminal.

    Control and direction characters are shown as %XX (A03).
    """
    sys.stderr.write(_wrapped("authpip: %s" % _ODD.sub(_shown, text)) + "\n")
    sys.stderr.flush()


def debug(text):
    """Print one line with AUTHPIP_LOG=debug; never a secret."""
    if os.environ.get("AUTHPIP_LOG", "").lower() == "debug":
        say("debug: " + text)


def stop(what):
    """End the run: no other index may answer in place of this one (P9, A27)."""
    _STOPPED.append(what)
    raise NoCredentialError("authpip ended this run: " + what)


def note(what):
    """Remember that a credential is missing, in case pip fails by itself."""
    _STOPPED.append(what)


def status(code, children):
    """authpip's exit status for a run that pip ended with `code`. children: the Popen of every nested pip."""
    stopped = _STOPPED or any(child.returncode == NO_CREDENTIAL for child in children)
    return NO_CREDENTIAL if code and stopped else code


def _wrapped(text):
    """The text in lines as wide as the terminal, broken at spaces only; unchanged if stderr is not a terminal."""
    try:
        width = get_terminal_size().columns if sys.stderr.isatty() else 0
    except (OSError, ValueError):
        width = 0
    if not 0 < width < len(text):
        return text
    return "\n".join(wrap(text, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False))


def _shown(match):
    return "".join("%%%02X" % byte for byte in match[0].encode("utf-8", "surrogatepass"))
