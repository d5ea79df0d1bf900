"""Which indexes, pages of links and direct links one pip command will use: argv + environment → Invocation."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from authpip.discovery.model import Invocation, Setting


def discover(
    args: Sequence[str],
    environ: Mapping[str, str],
    *,
    prefix: str,
    cwd: str,
    withheld: Collection[str] = (),
    defaults: Sequence[Setting] = (),
) -> Invocation:
    """What `pip ARGS…` will use, in pip's order; each value with the place where it is configured.

    args: without the program's name. prefix: sys.prefix of the interpreter that runs pip; with pip's own --python the
    prefix of that interpreter counts. withheld: variables that pip does not get; a requirements file cannot put these
    into a URL, and never AUTHPIP_INDEX_* (A15). defaults: settings that count if neither pip's options nor its
    configuration set them; with --isolated none counts.

    It fetches nothing: a remote requirements file is listed in `unread`. It never raises: pip reports arguments and
    files that it rejects, and the result then holds what authpip could read.
    """
    from authpip.discovery.invocation import gather
    from authpip.discovery.model import Context

    return gather(list(args), Context(environ, prefix, cwd, frozenset(withheld), tuple(defaults)))
