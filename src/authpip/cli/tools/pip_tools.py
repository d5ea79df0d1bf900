"""pip-compile, pip-sync, build, pip-audit, pipx: they use pip's own code, or start pips that no shim reaches (`python
-m pip` of an environment that they make). Such a pip asks our `keyring` command; no secret is in any variable.
"""

from __future__ import annotations

from authpip.cli.tools.call import Call, Prepared

NAMES = ("pip-compile", "pip-sync", "piptools", "build", "pyproject-build", "pip-audit", "pip_audit", "pipx")


def prepare(call: Call) -> Prepared:
    """pip's keyring command is ours. pipx prefers uv, which would ask only if the URL has a user name."""
    variables: dict[str, str | None] = {"PIP_KEYRING_PROVIDER": "subprocess"}
    if any(word.endswith("pipx") for word in call.argv[:3]):
        variables["PIPX_DEFAULT_BACKEND"] = call.environ.get("PIPX_DEFAULT_BACKEND") or "pip"
    return Prepared(call.argv, variables, shims=True)
