"""Ask an index once without a credential: whether it answers, and how far this machine's clock is from its own."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from authpip.core.console import waiting_for
from authpip.core.index import RefusedURL, Scope
from authpip.network import http_get
from authpip.network.http_get import Network
from authpip.network.probe import ProbeResult, classified, proxy_failure


class Reached(NamedTuple):
    """ahead: seconds by which this machine's clock is ahead of the index's; None if it told no time."""

    result: ProbeResult
    ahead: float | None = None


def reach(scope: Scope, url: str, network: Network) -> Reached:
    """The answer to one request; redirects are not followed."""
    import http.client

    began = time.time()
    try:
        with waiting_for(scope.host):
            status, date, age = http_get.get_date(url, network, time.monotonic() + http_get.LONGEST)
    except RefusedURL as error:
        return Reached(ProbeResult(None, "redirect", str(error), "correct the URL"))
    except (OSError, http.client.HTTPException) as error:
        return Reached(classified(error, scope, network))
    if status == 407:
        return Reached(proxy_failure("407"))
    return Reached(ProbeResult(status), _ahead((began + time.time()) / 2, date, age))


def _ahead(now: float, date: str | None, age: str | None) -> float | None:
    """A cache on the way sends the Date of the origin, and in Age how long ago that was (RFC 9111, 5.1)."""
    try:
        return now - parsedate_to_datetime(date or "").timestamp() - float(age or 0)
    except (ValueError, TypeError, OverflowError):
        return None
