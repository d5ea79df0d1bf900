"""Run a cloud's own command line program and read its token strictly; a failure says what to type next."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from authpip.core.console import debug
from authpip.core.errors import CredentialError
from authpip.programs import run, search_path
from authpip.providers.clouds.failures import SHARED, Cli
from authpip.storage.token_cache import Token

_LONGEST_TOKEN = 16 * 1024  # characters
_TOKEN = re.compile(r"[\x21-\x7e]+")


def run_cli(
    cli: Cli,
    arguments: Sequence[str],
    environ: Mapping[str, str],
    deadline: float,
    *,
    login: str,
    facts: Mapping[str, str] = {},
    extra: Mapping[str, str] = {},
) -> bytes:
    """The output of the program, which may hold the token. Raises CredentialError with the remedy.

    deadline: time.monotonic(). login: the command that would log in. facts: values for the braces in Failure.
    extra: variables for this call.
    """
    own = {"name": cli.name, "upgrade": cli.upgrade, "trust": cli.trust, "install": cli.install}
    facts = {**own, "login": login, **facts}
    path = search_path.find_program(cli.name, environ)
    if path is None:
        raise missing(cli, environ)
    debug(f"running {path} {' '.join(arguments)}")
    try:
        result = run.run([path, *arguments], environ, deadline=deadline, extra={**cli.variables, **extra})
    except run.DeadlineError as error:
        remedy = "check the network, or allow more time with AUTHPIP_TIMEOUT=60"
        raise CredentialError(error.what, error.why, remedy) from None
    if result.returncode != 0:
        raise _recognised(cli, result, facts)
    if not result.stdout.strip():
        # aws does this if another server answers: a captive portal, or a proxy.
        remedy = f"try again in a few minutes, or run `{login}`"
        raise CredentialError(f"{cli.name} succeeded but printed nothing", result.stderr, remedy)
    return result.stdout


def as_object(cli: Cli, output: bytes) -> Mapping[str, object]:
    """The JSON object that a program printed, with nothing around it (A30). Raises CredentialError."""
    import json

    def refuse(constant: str) -> object:
        raise ValueError(constant)

    try:
        found = json.loads(output.decode("utf-8"), parse_constant=refuse)
    except (ValueError, RecursionError):
        raise not_a_token(cli) from None  # the text may hold a token, so no message shows it
    if not isinstance(found, dict):
        raise not_a_token(cli)
    return found


def to_token(cli: Cli, secret: object, expires: float | None, now: float) -> Token:
    """The token, if it is visible ASCII, not too long and not expired (gcloud prints an old one if a refresh fails).

    expires, now: POSIX seconds. Raises CredentialError.
    """
    from authpip.core.credential import Secret

    if not isinstance(secret, str) or not _TOKEN.fullmatch(secret) or len(secret) > _LONGEST_TOKEN:
        raise not_a_token(cli)
    if expires is not None and expires <= now:
        raise CredentialError(
            f"{cli.name} printed a token that has expired", "", "log in again, and check this machine's clock"
        )
    return Token(Secret(secret), expires)


def not_a_token(cli: Cli) -> CredentialError:
    """The error for output that is not a token."""
    return CredentialError(
        f"{cli.name} printed something that is not a token",
        "",
        f"run `{cli.name} --version`, and update it if it is old",
    )


def missing(cli: Cli, environ: Mapping[str, str]) -> CredentialError:
    """The error for a program that is not installed: how to install it, or do without it."""
    elsewhere = search_path.passed_over(cli.name, environ)
    why = elsewhere or "it is in no directory of PATH"
    remedy = f"install it ({cli.install})" + (" outside of it" if elsewhere else "")
    return CredentialError(f"{cli.name} was not found", why, f"{remedy}, or {cli.instead}" if cli.instead else remedy)


def _recognised(cli: Cli, result: run.Result, facts: Mapping[str, str]) -> CredentialError:
    said = re.sub(r"ERROR: (?:\([\w.-]+\) )?", "", result.stderr, count=1)
    said = f" ({said})" if said else ""
    if result.returncode < 0:
        return CredentialError(f"{cli.name} was ended by signal {-result.returncode}", result.stderr, "try again")
    for failure in (*cli.failures, *SHARED):
        if re.search(failure.words, result.transcript):
            return failure.kind(failure.why.format_map(facts) + said, "", failure.remedy.format_map(facts))
    return CredentialError(
        f"{cli.name} failed with exit status {result.returncode}" + said,
        "",
        f"run `{facts['login']}`, or try `{cli.name} --version`",
    )
