"""`authpip auth activate SHELL`: print the shell hook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from authpip.activation import shell_hooks, shims
from authpip.cli.arguments import Parser
from authpip.core.errors import UsageError


def run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Print the text for the shell; exit status 0. Raises UsageError if there are no shims."""
    parser = Parser("activate", "Print the hook that keeps the shims first on PATH.")
    parser.add_argument("shell", choices=shell_hooks.SHELLS, help="the shell that evaluates it")
    parser.add_argument("--off", action="store_true", help="print the text that ends the hook in the running shell")
    parser.add_argument("--dir", type=Path, help="the directory of the shims")
    options = parser.parse(arguments)
    directory = (options.dir or shims.default_directory(environ)).absolute()
    if not options.off and not shims.installed(directory, environ):
        raise UsageError(f"there are no shims in {directory}", "", "run `authpip auth shim install` first")
    print(shell_hooks.off(options.shell) if options.off else shell_hooks.hook(options.shell, directory), end="")
    return 0
