"""The tools that `auth exec` knows: for each, which of its own variables carry a credential."""

from __future__ import annotations

import os
from collections.abc import Sequence

from authpip.cli.tools import containers, flit, hatch, pdm, pip_tools, poetry, twine, uv
from authpip.cli.tools.call import Tool

TOOLS: tuple[Tool, ...] = (twine, uv, poetry, pdm, hatch, flit, pip_tools, containers)


def tool_of(argv: Sequence[str]) -> Tool | None:
    """The tool that a command line starts: by its own name, or by `python -m NAME`."""
    name = os.path.basename(argv[0]).removesuffix(".exe")
    if name.startswith("python") and len(argv) > 2 and argv[1] == "-m":
        name = argv[2]
    return next((tool for tool in TOOLS if name in tool.NAMES), None)
