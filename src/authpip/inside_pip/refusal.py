"""How a run ends for want of a credential: pip tidies up in its own way, and the exit status is authpip's."""

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
    """pip's resolver lets it pass, and its commands print it as one line."""


def say(text):
    """One line for the user, on stderr, in authpip's name, wrapped at words on a terminal.

    Control and direction characters are shown as %XX (A03).
    """
    sys.stderr.write(_wrapped("authpip: %s" % _ODD.sub(_shown, text)) + "\n")
    sys.stderr.flush()


def debug(text):
    """One line where AUTHPIP_LOG=debug asks for it; never a secret."""
    if os.environ.get("AUTHPIP_LOG", "").lower() == "debug":
        say("debug: " + text)


def stop(what):
    """End the run: no other index may answer in place of this one (P9, A27)."""
    _STOPPED.append(what)
    raise NoCredentialError("authpip ended this run: " + what)


def note(what):
    """If pip fails by itself, it fails for want of a credential."""
    _STOPPED.append(what)


def status(code, children):
    """The exit status of a run that pip ended with this one; children: the Popen of every nested pip."""
    stopped = _STOPPED or any(child.returncode == NO_CREDENTIAL for child in children)
    return NO_CREDENTIAL if code and stopped else code


def _wrapped(text):
    """The text in lines of the terminal behind stderr, broken at spaces only; as it is where there is none."""
    try:
        width = get_terminal_size().columns if sys.stderr.isatty() else 0
    except (OSError, ValueError):
        width = 0
    if not 0 < width < len(text):
        return text
    return "\n".join(wrap(text, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False))


def _shown(match):
    return "".join("%%%02X" % byte for byte in match[0].encode("utf-8", "surrogatepass"))
