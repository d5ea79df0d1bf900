"""The values that a command's options end up with: configuration, environment and command line together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from authpip.discovery.config import Setting
from authpip.discovery.model import Located
from authpip.discovery.option_table import Option
from authpip.discovery.options import Given

_TRUE = frozenset({"y", "yes", "t", "true", "on", "1"})


class Values:
    """Values by option name, each with its origin. A list replaces another source's list; the command line adds."""

    def __init__(self) -> None:
        self._values: dict[str, list[Located]] = {}

    def configure(self, settings: Iterable[Setting], table: Mapping[str, Option]) -> None:
        """Take over what files and variables say about options that the command has."""
        for setting in settings:
            option = table.get("--" + setting.key)
            if option is None:
                continue
            if option.kind == "+":
                found = [Located(word, setting.origin) for word in setting.value.split()]
                self._values[option.name] = found
            elif option.kind == "!":
                self._add(option.name, setting.value, setting.origin)
            elif option.kind or setting.value.lower() in _TRUE:
                self._values[option.name] = [Located(setting.value, setting.origin)]
            else:
                self._values.pop(option.name, None)

    def give(self, given: Iterable[Given], table: Mapping[str, Option]) -> None:
        """Take over the command line."""
        kinds = {option.name: option.kind for option in table.values()}
        for one in given:
            if kinds.get(one.name) in {"+", "!"}:
                self._add(one.name, one.value, one.typed)
            elif one.name:
                self._values[one.name] = [Located(one.value, one.typed)]

    def all(self, name: str) -> list[Located]:
        """The values of an option that may be given several times."""
        return list(self._values.get(name, ()))

    def last(self, name: str) -> str | None:
        """The value of an option that has one; None where it was never given."""
        found = self._values.get(name)
        return found[-1].url if found else None

    def flag(self, name: str) -> bool:
        """Whether a flag was raised."""
        return name in self._values

    def _add(self, name: str, value: str, origin: str) -> None:
        self._values.setdefault(name, []).append(Located(value, origin))
