"""The clouds' command line programs: how each fails, and what the user types next.

The patterns are the programs' own words, recorded by running gcloud 528, aws 1.45 and 2.9, and az 2.91 into each
failure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from authpip.core.errors import CredentialError


class TooOldError(CredentialError):
    """The program does not know the command or option."""


class Failure(NamedTuple):
    """words: a pattern for what the program says on stderr. why: what that means. remedy: what to type next.

    why and remedy may name facts of the call in braces: {name}, {login}, {account}…
    """

    words: str
    why: str
    remedy: str = "run `{login}`"
    kind: type[CredentialError] = CredentialError


class Cli(NamedTuple):
    """One program. failures: its own, tried before SHARED. upgrade: the remedy if it is too old. trust: how to make it
    trust a private certificate authority. variables: set for each call; they turn its prompts off. instead: how to
    have an identity without the program; "" for none.
    """

    name: str
    install: str
    upgrade: str
    trust: str
    variables: Mapping[str, str]
    failures: tuple[Failure, ...]
    instead: str = ""


_AGAIN = "try again in a few minutes"
_NETWORK = "check the network, or HTTPS_PROXY"

# All three are written in Python over the same HTTP libraries, and fail in the same words.
SHARED = (
    Failure(
        r"CERTIFICATE_VERIFY_FAILED|SSL validation failed|SSLError|[Cc]ertificate verif",
        "TLS: {name} does not trust the server's certificate",
        "{trust}",
    ),
    Failure(
        r"ProxyError|[Ff]ailed to connect to proxy|Unable to connect to proxy",
        "it cannot reach the proxy",
        "check HTTPS_PROXY and NO_PROXY",
    ),
    Failure(
        r"NameResolutionError|Failed to resolve|Name or service not known|getaddrinfo",
        "no network: a name could not be resolved",
        _NETWORK,
    ),
    Failure(
        r"NewConnectionError|Could not connect to the endpoint"
        r"|[Cc]onnection (?:refused|reset|aborted|was closed)|Network is unreachable"
        r"|No route to host",
        "no network: its service could not be reached",
        _NETWORK,
    ),
    Failure(
        r"[Rr]ead timeout|[Cc]onnect timeout|[Tt]imed out|ReadTimeout",
        "its service did not answer in time",
        _AGAIN,
    ),
    Failure(
        r"Throttl|Rate exceeded|TooManyRequests|HTTP Error: 429",
        "its service gets too many requests",
        _AGAIN,
    ),
    Failure(
        r"HTTP Error: 5\d\d|\((?:50[0234])\)|InternalServer|ServiceUnavailable|Service Unavailable"
        r"|internal_failure|server_error",
        "its service is down",
        _AGAIN,
    ),
    Failure(
        r"JSONDecodeError|gcloud crashed|Unable to parse response|No access token in response"
        r"|Can't find token",
        "its service returned something that is not a token",
        _AGAIN + ", and check that no captive portal is in between",
    ),
    Failure(
        r"[Nn]o space left|Read-only file system|Permission denied|database is locked|FileNotFoundError",
        "it cannot write its own files",
        "free disk space, or make your home directory writable",
    ),
    Failure(
        r"command not found|: not found|bad interpreter|No module named|ImportError|cannot execute",
        "{name} itself does not start",
        "install it again: {install}",
    ),
    Failure(
        r"unrecognized arguments|[Ii]nvalid choice|Unknown options|misspelled or not recognized",
        "{name} is too old for this",
        "{upgrade}",
        TooOldError,
    ),
)
