"""Variables of a project's `--env-file` that are the tool's alone: `auth exec` names them, every authpip below it
takes no notice of them, and the pip that it starts gets them (P6)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NAMES = "_AUTHPIP_TOOL_VARIABLES"  # their names, with commas between them


def marked(environ: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """The environment with these names added to those that are the tool's alone."""
    return {**environ, NAMES: ",".join(sorted({*_names(environ), *names}))}


def own(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment for what authpip itself decides and starts: without the variables of the tool."""
    names = _names(environ)
    return {name: value for name, value in environ.items() if name not in names}


def _names(environ: Mapping[str, str]) -> set[str]:
    return set(filter(None, environ.get(NAMES, "").split(",")))
