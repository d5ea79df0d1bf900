"""The final values of a command's options, from configuration files, variables and the command line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from authpip.discovery.model import Configured, Setting
from authpip.discovery.option_table import Option
from authpip.discovery.options import ParsedArgument

_TRUE = frozenset({"y", "yes", "t", "true", "on", "1"})


class Values:
    """Values by option name, each with the place where it is configured.

    A list in a file or variable replaces an earlier list; the command line adds to the list.
    """

    def __init__(self, table: Mapping[str, Option]) -> None:
        self._table = table
        self._values: dict[str, list[Configured]] = {}

    def configure(self, settings: Iterable[Setting]) -> None:
        """Add the settings of files and variables for options that the command has; a later one counts."""
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
        """Add the arguments of the command line."""
        for one in given:
            option = self._table.get("--" + one.name)
            if option and option.kind in {"+", "!"}:
                self._add(one.name, one.value, one.typed)
            elif one.name:
                self._values[one.name] = [Configured(one.value, one.typed)]

    def takes(self, name: str) -> bool:
        """True if the command has this option."""
        return "--" + name in self._table

    def all(self, name: str) -> list[Configured]:
        """The values of an option that may be given several times."""
        return list(self._values.get(name, ()))

    def last(self, name: str) -> str | None:
        """The last value of an option; None if it was not given."""
        found = self._values.get(name)
        return found[-1].value if found else None

    def flag(self, name: str) -> bool:
        """True if the flag or option was given."""
        return name in self._values

    def _add(self, name: str, value: str, configured_in: str) -> None:
        self._values.setdefault(name, []).append(Configured(value, configured_in))


class SearchScope:
    """Where pip looks; it grows while files are read. The lists are in pip's order."""

    def __init__(
        self, *, indexes: Iterable[Configured] = (), find_links: Iterable[Configured] = (), no_index: bool = False
    ) -> None:
        self.indexes, self.find_links, self.no_index = list(indexes), list(find_links), no_index
        self.links: list[Configured] = []
        self.names: list[str] = []
        self.unread: list[Configured] = []
        self.trusted_hosts: list[str] = []
        self.features: list[str] = []
