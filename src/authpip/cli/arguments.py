"""argparse for the commands, made safe: a mistyped secret is never repeated, and errors are one line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import NoReturn

from authpip.core.errors import UsageError


class Parser(argparse.ArgumentParser):
    """Raises UsageError for what it does not know, naming options but never their values."""

    def __init__(self, command: str, description: str) -> None:
        # Abbreviations are off: `--password hunter2` must not mean --password-stdin.
        super().__init__(prog=f"authpip auth {command}", description=description, allow_abbrev=False)

    def parse(self, arguments: Sequence[str]) -> argparse.Namespace:
        """The options. Raises UsageError."""
        options, unknown = self.parse_known_args(arguments)
        if unknown:
            names = [word.partition("=")[0] for word in unknown if word.startswith("--")]
            self.error(f"there is no option {', '.join(names)}" if names else "too many arguments")
        return options

    def error(self, message: str) -> NoReturn:
        """What argparse calls; its message may quote a value."""
        raise UsageError(f"{self.prog}: {message.partition(': invalid')[0]}", "", f"see `{self.prog} --help`")
