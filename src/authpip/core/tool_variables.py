"""Variables of a project's `--env-file`, which only the tool may use: `auth exec` lists their names, every authpip
below it ignores them, and the pip that it starts gets them (P6)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NAMES = "_AUTHPIP_TOOL_VARIABLES"  # their names, with commas between them


def marked(environ: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """The environment with these names added to the list of variables that only the tool may use."""
    return {**environ, NAMES: ",".join(sorted({*_names(environ), *names}))}


def own(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment for authpip's own decisions and helpers: without the tool's variables."""
    names = _names(environ)
    return {name: value for name, value in environ.items() if name not in names}


def _names(environ: Mapping[str, str]) -> set[str]:
    return set(filter(None, environ.get(NAMES, "").split(",")))
