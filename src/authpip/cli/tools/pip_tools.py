"""pip-compile, pip-sync: they use pip's own code, which asks the shim `keyring`; no variable holds a secret."""

from __future__ import annotations

from authpip.cli.tools.call import Call, Prepared

NAMES = ("pip-compile", "pip-sync", "piptools")


def prepare(call: Call) -> Prepared:
    """Make pip ask the keyring command, which is the shim."""
    return Prepared(call.argv, {"PIP_KEYRING_PROVIDER": "subprocess"}, shims=True)
