"""The subject token of an external_account file whose source is a program: run it and read its output.

AIP-4117, "Executable-sourced credentials"; google.auth.pluggable. As with Google's own libraries, the program runs only
if GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES=1. authpip finds and starts it like every helper program.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from typing import Any

from authpip.core.complaints import complaint
from authpip.core.errors import CredentialError
from authpip.programs import secret_output
from authpip.providers.clouds.fingerprint import content

SWITCH = "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES"
_SHORTEST, _USUAL, _LONGEST = 5_000, 30_000, 120_000  # milliseconds
_TOKENS = {
    "urn:ietf:params:oauth:token-type:jwt": "id_token",
    "urn:ietf:params:oauth:token-type:id_token": "id_token",
    "urn:ietf:params:oauth:token-type:saml2": "saml_response",
}
_WHAT = "the executable of the credentials file"
_REPAIR = "correct what it prints (https://google.aip.dev/auth/4117)"


class _NoTokenError(CredentialError):
    """The program's answer is well formed, but has no valid token."""


def subject_token(path: str, environ: Mapping[str, str], deadline: float) -> str:
    """The token from the program that a credentials file names; "" if it names none. deadline: time.monotonic().

    Raises CredentialError if the program may not run, fails, or gives no token.
    """
    info = _innermost(path)
    try:
        executable = info["credential_source"]["executable"]
        command, file = executable["command"], executable.get("output_file") or ""
        milliseconds = int(executable.get("timeout_millis") or _USUAL)
        extra = _variables(info, file)
    except (LookupError, TypeError, ValueError, AttributeError):
        return ""
    if environ.get(SWITCH) != "1":
        why = f"Google's own switch, {SWITCH}, does not allow it"
        raise CredentialError(f"{_WHAT} is not run", why, f"set {SWITCH}=1 if you trust {path}")
    if not _SHORTEST <= milliseconds <= _LONGEST:
        why = f"timeout_millis is {milliseconds}, and must be {_SHORTEST} to {_LONGEST}"
        raise CredentialError(f"{_WHAT} is not run", why, f"correct {path}")
    if file and not os.path.isabs(file):
        why = "its output_file is relative to wherever pip is run"
        raise CredentialError(f"{_WHAT} is not run", why, f"write its absolute path into {path}")
    until = min(deadline, time.monotonic() + milliseconds / 1000)
    return _written_before(file) or _run(str(command), file, environ, extra, until)


def _innermost(path: str) -> Mapping[str, Any]:
    """The credential in the file; for an impersonation, the credential that it is based on. {} if there is none."""
    try:
        info = json.loads(content(path))
        while info.get("type") == "impersonated_service_account":
            info = info["source_credentials"]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return {}
    return info if isinstance(info, dict) else {}


def _variables(info: Mapping[str, Any], file: str) -> dict[str, str]:
    """The variables that the program reads."""
    account = str(info.get("service_account_impersonation_url") or "").rpartition("/")[2].partition(":")[0]
    told = {
        "AUDIENCE": info["audience"],
        "TOKEN_TYPE": info["subject_token_type"],
        "ID": account,
        "INTERACTIVE": "0",
        "REVOKE": "0",
        **({"IMPERSONATED_EMAIL": account} if account else {}),
        **({"OUTPUT_FILE": file} if file else {}),
    }
    return {f"GOOGLE_EXTERNAL_ACCOUNT_{name}": str(value) for name, value in told.items()}


def _written_before(file: str) -> str:
    """The token in the program's output file, if the file says when it expires; else "". Raises CredentialError."""
    try:
        answer = json.loads(content(file))
    except (ValueError, RecursionError):
        return ""
    try:
        token = _token(answer)
    except _NoTokenError:
        return ""
    return token if "expiration_time" in answer else ""


def _run(command: str, file: str, environ: Mapping[str, str], extra: Mapping[str, str], until: float) -> str:
    argv = secret_output.words(command, _WHAT)
    printed = secret_output.run_helper(argv, environ, _WHAT, deadline=until, extra=extra)
    try:
        answer = json.loads(printed if printed.strip() or not file else content(file))
    except (ValueError, RecursionError):
        raise CredentialError(f"{_WHAT} gave no token", "it printed no JSON", _REPAIR) from None
    return _token(answer)


def _token(answer: Any) -> str:
    """The token in an answer. Raises CredentialError if it is malformed, _NoTokenError if it has no valid token."""
    if not isinstance(answer, dict) or not {"version", "success"} <= set(answer):
        raise _malformed("its answer has no version or no success")
    if answer["version"] != 1:
        why = f"its answer is of version {complaint(str(answer['version']))}, and 1 is known"
        raise _NoTokenError(f"{_WHAT} gave no token", why, _REPAIR)
    if answer["success"] is not True:
        if not answer.get("code") or not answer.get("message"):
            raise _malformed("its answer has no code or no message")
        said = complaint(f"{answer['code']}: {answer['message']}")
        raise _NoTokenError(f"{_WHAT} gave no token", said, "run its command by hand")
    end, kind = answer.get("expiration_time"), answer.get("token_type")
    if end is not None and not isinstance(end, (int, float)):
        raise _malformed("its expiration_time is not a number")
    if end is not None and end < time.time():
        raise _NoTokenError(f"{_WHAT} gave a token that has expired", "", "check it, and this machine's clock")
    if kind is not None and kind not in _TOKENS:
        raise _NoTokenError(f"{_WHAT} gave no token", "its token_type is not known", _REPAIR)
    token = answer.get(_TOKENS[kind]) if kind else None
    if not isinstance(token, str) or not token:
        raise _malformed("its answer has no id_token or saml_response that fits its token_type")
    return token


def _malformed(why: str) -> CredentialError:
    return CredentialError(f"{_WHAT} gave no token", why, _REPAIR)
