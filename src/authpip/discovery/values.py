"""The values that a command's options end up with: configuration, environment and command line together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from authpip.discovery.model import Configured, Setting
from authpip.discovery.option_table import Option
from authpip.discovery.options import ParsedArgument

_TRUE = frozenset({"y", "yes", "t", "true", "on", "1"})


class Values:
    """Values by option name, each with where it is configured.

    A list replaces the list of a weaker place (file, variable); the command line adds.
    """

    def __init__(self, table: Mapping[str, Option]) -> None:
        self._table = table
        self._values: dict[str, list[Configured]] = {}

    def configure(self, settings: Iterable[Setting]) -> None:
        """Take over what files and variables say about options that the command has."""
        for setting in settings:
            option = self._table.get("--" + setting.key)
            if option is None:
                continue
            if option.kind == "+":
                found = [Configured(word, setting.configured_in) for word in setting.value.split()]
                self._values[option.name] = found
            elif option.kind == "!":
                self._add(option.name, setting.value, setting.configured_in)
            elif option.kind or setting.value.lower() in _TRUE:
                self._values[option.name] = [Configured(setting.value, setting.configured_in)]
            else:
                self._values.pop(option.name, None)

    def give(self, given: Iterable[ParsedArgument]) -> None:
        """Take over the command line."""
        for one in given:
            option = self._table.get("--" + one.name)
            if option and option.kind in {"+", "!"}:
                self._add(one.name, one.value, one.typed)
            elif one.name:
                self._values[one.name] = [Configured(one.value, one.typed)]

    def takes(self, name: str) -> bool:
        """Whether the command has this option at all."""
        return "--" + name in self._table

    def all(self, name: str) -> list[Configured]:
        """The values of an option that may be given several times."""
        return list(self._values.get(name, ()))

    def last(self, name: str) -> str | None:
        """The value of an option that has one; None where it was never given."""
        found = self._values.get(name)
        return found[-1].value if found else None

    def flag(self, name: str) -> bool:
        """Whether a flag was raised, or an option given."""
        return name in self._values

    def _add(self, name: str, value: str, configured_in: str) -> None:
        self._values.setdefault(name, []).append(Configured(value, configured_in))


class SearchScope:
    """Where pip looks, as it grows while files are read. Lists of Configured, in pip's order."""

    def __init__(
        self, *, indexes: Iterable[Configured] = (), find_links: Iterable[Configured] = (), no_index: bool = False
    ) -> None:
        self.indexes, self.find_links, self.no_index = list(indexes), list(find_links), no_index
        self.links: list[Configured] = []
        self.names: list[str] = []
        self.unread: list[Configured] = []
        self.trusted_hosts: list[str] = []
        self.features: list[str] = []
