"""pip-compile, pip-sync: they use pip's own code, which asks our `keyring` command; no secret is in any variable."""

from __future__ import annotations

from authpip.cli.tools.call import Call, Prepared

NAMES = ("pip-compile", "pip-sync", "piptools")


def prepare(call: Call) -> Prepared:
    """pip's keyring command is ours."""
    return Prepared(call.argv, {"PIP_KEYRING_PROVIDER": "subprocess"}, shims=True)
