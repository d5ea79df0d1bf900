"""A plug-in for virtualenv: enables each environment that it makes, also for tox, nox, hatch, poetry and pdm.

It is off by default. virtualenv's own options turn it on: VIRTUALENV_AUTHPIP=1, `authpip = true` in virtualenv.ini,
`--authpip`.
It has the shape of virtualenv.activation.activator.Activator and imports nothing of virtualenv, which loads it at
every start.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Options(Protocol):
    """virtualenv's options, of which one is authpip's."""

    authpip: bool


class Creator(Protocol):
    """The object with which virtualenv made the environment. dest: its directory."""

    dest: Path


class Activator:
    """virtualenv calls this once the environment exists and has its pip."""

    def __init__(self, options: Options) -> None:
        self.wanted = options.authpip

    @classmethod
    def supports(cls, interpreter: object) -> bool:  # noqa: ARG003 (virtualenv's signature)
        """Every interpreter is supported."""
        return True

    @classmethod
    def add_parser_arguments(cls, parser: ArgumentParser, interpreter: object) -> None:  # noqa: ARG003
        """Add the option --authpip."""
        parser.add_argument(
            "--authpip", action="store_true", default=False, help="make pip of the environment go through authpip"
        )

    def generate(self, creator: Creator) -> list[Path]:
        """Enable the environment if the option is set; returns the files. After a failure the environment stays."""
        if not self.wanted:
            return []
        import os

        from authpip.activation import enabled_list, environments
        from authpip.core.console import say
        from authpip.core.errors import AuthpipError

        try:
            environment = environments.find(Path(creator.dest))
            files = environments.enable(environment)
            enabled_list.add(dict(os.environ), environment)
            return files
        except AuthpipError as error:
            say(str(error))
            return []
