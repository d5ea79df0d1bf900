"""How authpip was installed, which decides how it is removed."""

from __future__ import annotations

import os
import shlex

_BIN, _PYTHON = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")


def removal_command(prefix: str) -> str:
    """The command that removes the authpip of an environment. prefix: its sys.prefix."""
    if os.path.exists(os.path.join(prefix, "uv-receipt.toml")):
        return "uv tool uninstall authpip"
    if os.path.exists(os.path.join(prefix, "pipx_metadata.json")):
        return "pipx uninstall authpip"
    python = os.path.join(prefix, _BIN, _PYTHON)
    return f"{shlex.quote(python)} -m pip uninstall authpip"
