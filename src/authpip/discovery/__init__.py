"""Which indexes, pages of links and direct links one pip command will use: argv + environment → Invocation."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from authpip.discovery.model import Invocation


def discover(args: Sequence[str], environ: Mapping[str, str], *, prefix: str, cwd: str) -> Invocation:
    """What `pip ARGS…` will use, in pip's order, each piece with its origin.

    args: without the program's name. prefix: sys.prefix of the interpreter that runs pip; with pip's own --python
    that of X is used. Nothing is fetched: a remote requirements file stands in `links`. Never raises on odd
    input: what pip would reject is left to pip, and the answer is then the best there is.
    """
    from authpip.discovery.invocation import gather

    return gather(list(args), environ, prefix, cwd)
