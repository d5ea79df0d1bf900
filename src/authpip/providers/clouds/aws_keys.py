"""aws: the access key of a profile, for requests that are signed here.

Version 2 gives any profile's (`export-credentials`, since 2.9); version 1 tells what is written down: the variables,
or the keys of a profile.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import NamedTuple

from authpip.core.credential import Secret
from authpip.core.errors import CredentialError
from authpip.core.text_forms import posix_seconds
from authpip.providers.clouds.aws import AWS
from authpip.providers.clouds.failures import TooOldError
from authpip.providers.clouds.run_cli import as_object, not_a_token, run_cli, to_token
from authpip.providers.clouds.s3_bucket import Keys
from authpip.storage.token_cache import Token

_WRITTEN = {
    "AccessKeyId": "aws_access_key_id",
    "SecretAccessKey": "aws_secret_access_key",
    "SessionToken": "aws_session_token",
}


class Call(NamedTuple):
    """How aws is asked. deadline: time.monotonic(). profile: "" for the default. login, renew: what to type."""

    environ: Mapping[str, str]
    deadline: float
    profile: str
    login: str
    renew: str

    def ask(self, *arguments: str) -> bytes:
        """What aws printed. Raises CredentialError."""
        whose = f"profile {self.profile}" if self.profile else "the default credentials"
        selected = [f"--profile={self.profile}"] if self.profile else []
        facts = {"identity": whose, "profile": self.profile, "renew": self.renew}
        return run_cli(AWS, [*arguments, *selected], self.environ, self.deadline, login=self.login, facts=facts)


def mint(call: Call) -> Token:
    """The keys as one token, which `unpack` reads: the JSON of the process provider. Raises CredentialError."""
    try:
        found = as_object(AWS, call.ask("configure", "export-credentials", "--format=process"))
    except TooOldError:
        found = _written_down(call)
    kept = {name: found.get(name) for name in _WRITTEN}
    if not isinstance(kept["AccessKeyId"], str) or not isinstance(kept["SecretAccessKey"], str):
        raise not_a_token(AWS)
    text = json.dumps(kept, separators=(",", ":"))
    return to_token(AWS, text, posix_seconds(found.get("Expiration")), time.time())


def unpack(secret: Secret) -> Keys:
    """The keys of a token that `mint` made."""
    found = json.loads(secret.expose())
    token = found["SessionToken"]
    return Keys(found["AccessKeyId"], Secret(found["SecretAccessKey"]), Secret(token) if token else None)


def _written_down(call: Call) -> dict[str, object]:
    if not call.profile and call.environ.get("AWS_ACCESS_KEY_ID"):
        return {name: call.environ.get(setting.upper()) for name, setting in _WRITTEN.items()}
    return {name: _setting(call, setting) for name, setting in _WRITTEN.items()}


def _setting(call: Call, setting: str) -> str | None:
    """One setting of the profile; aws ends with status 1 and no word where there is none."""
    try:
        return call.ask("configure", "get", setting).decode("ascii", "replace").strip()
    except CredentialError:
        if setting == "aws_session_token":
            return None
        why = f"the profile has no {setting}, and this aws cannot give the keys of another kind of profile"
        raise CredentialError("aws gave no keys", why, f"update it to version 2, or run `{call.login}`") from None
