"""The tools that `auth exec` knows; the module of each knows the tool's variables for a credential."""

from __future__ import annotations

import os
from collections.abc import Sequence

from authpip.cli.tools import containers, flit, hatch, pdm, pip_tools, poetry, twine, uv
from authpip.cli.tools.call import Tool

TOOLS: tuple[Tool, ...] = (twine, uv, poetry, pdm, hatch, flit, pip_tools, containers)


# They run `python -m pip` in environments of their own, where authpip's variables and PATH have no effect: what to do.
_OUT_OF_REACH = {
    "build": "fill an environment with `authpip install`, and build there with --no-isolation",
    "pip_audit": "fill an environment with `authpip install`, and name its site-packages with --path",
    "pipx": "use `authpip auth exec -- uv tool install`, or `authpip install` in an environment of yours",
    "tox": "install authpip beside tox and set VIRTUALENV_AUTHPIP=1",
}


def tool_of(argv: Sequence[str]) -> Tool | None:
    """The tool that a command line starts: by its own name, or by `python -m NAME`."""
    return next((tool for tool in TOOLS if _name(argv) in tool.NAMES), None)


def out_of_reach(argv: Sequence[str]) -> str:
    """What to do in place of `auth exec` for a tool that it cannot serve; "" for other tools."""
    return _OUT_OF_REACH.get(_name(argv).replace("-", "_").removeprefix("pyproject_"), "")


def _name(argv: Sequence[str]) -> str:
    name = os.path.basename(argv[0]).removesuffix(".exe")
    is_module = name.startswith("python") and len(argv) > 2 and argv[1] == "-m"
    return argv[2] if is_module else name
