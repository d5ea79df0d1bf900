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
    """What `pip ARGS…` will use, in pip's order, each piece with where it is configured.

    args: without the program's name. prefix: sys.prefix of the interpreter that runs pip; with pip's own --python
    that of X is used. withheld: variables that pip may not be given; a requirements file cannot put those into a
    URL, nor ever AUTHPIP_INDEX_* (A15). defaults: what the caller will give to pip where neither its options nor its
    configuration say anything about it; with --isolated pip takes none. Nothing is fetched: a remote requirements file
    stands in `unread`. Never raises on odd input: what pip would reject is left to pip, and the answer is then the best
    there is.
    """
    from authpip.discovery.invocation import gather
    from authpip.discovery.model import Context

    return gather(list(args), Context(environ, prefix, cwd, frozenset(withheld), tuple(defaults)))
