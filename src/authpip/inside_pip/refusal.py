"""How a run ends for want of a credential: pip tidies up in its own way, and the exit status is authpip's."""

import re
import sys

from pip._internal.exceptions import InstallationError

NO_CREDENTIAL = 3  # pip has this status for one thing only, --require-virtualenv
_STOPPED, _LACKED = [], []
_ODD = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


class NoCredentialError(InstallationError):
    """pip's resolver lets it pass, and its commands print it as one line."""


def say(text):
    """One line for the user, on stderr, in authpip's name; control and direction characters are shown as %XX (A03)."""
    sys.stderr.write("authpip: %s\n" % _ODD.sub(_shown, text))
    sys.stderr.flush()


def stop(what):
    """End the run: no other index may answer in place of this one (P9, A27)."""
    _STOPPED.append(what)
    raise NoCredentialError("authpip ended this run: " + what)


def lack():
    """An index is not used for want of a credential: if pip fails, that is why."""
    _LACKED.append(True)


def status(code, children):
    """The exit status of a run that pip ended with this one; children: the Popen of every nested pip."""
    stopped = _STOPPED or _LACKED or any(child.returncode == NO_CREDENTIAL for child in children)
    return NO_CREDENTIAL if code and stopped else code


def _shown(match):
    return "".join("%%%02X" % byte for byte in match[0].encode("utf-8", "surrogatepass"))
