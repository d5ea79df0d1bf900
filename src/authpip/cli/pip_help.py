"""`authpip`, `authpip help`, `authpip --help`: pip's own help, with two lines about `auth` at its end."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence

from authpip.launcher import find

LINES = """
authpip:
  auth                        Credentials for private indexes: `authpip auth help` lists the commands.
"""


def show(arguments: Sequence[str], environ: Mapping[str, str], *, called_as: str) -> int:
    """Print what pip prints for these arguments, then the lines; returns pip's exit status. Raises NoPipError."""
    status = subprocess.call(find(called_as, environ).command(list(arguments)), env=dict(environ))
    sys.stdout.write(LINES)
    return status
