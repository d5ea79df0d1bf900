"""The program aws: the access key of a profile, for requests that pip signs.

Version 2 gives the key of any profile (`export-credentials`, since 2.9). Version 1 gives only stored keys: those in
variables, or in the files of a profile.
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

_STORED = {
    "AccessKeyId": "aws_access_key_id",
    "SecretAccessKey": "aws_secret_access_key",
    "SessionToken": "aws_session_token",
}


class Call(NamedTuple):
    """How aws is run. deadline: time.monotonic(). profile: "" for the default. login, renew: for messages."""

    environ: Mapping[str, str]
    deadline: float
    profile: str
    login: str
    renew: str

    def ask(self, *arguments: str) -> bytes:
        """The output of aws for these arguments. Raises CredentialError."""
        whose = f"profile {self.profile}" if self.profile else "the default credentials"
        selected = [f"--profile={self.profile}"] if self.profile else []
        facts = {"identity": whose, "profile": self.profile, "renew": self.renew}
        return run_cli(AWS, [*arguments, *selected], self.environ, self.deadline, login=self.login, facts=facts)


def mint(call: Call) -> Token:
    """The keys as one token: the JSON of AWS's process provider, which `unpack` reads. Raises CredentialError."""
    try:
        found = as_object(AWS, call.ask("configure", "export-credentials", "--format=process"))
    except TooOldError:
        found = _stored_keys(call)
    keys = {name: found.get(name) for name in _STORED}
    if not isinstance(keys["AccessKeyId"], str) or not isinstance(keys["SecretAccessKey"], str):
        raise not_a_token(AWS)
    text = json.dumps(keys, separators=(",", ":"))
    return to_token(AWS, text, posix_seconds(found.get("Expiration")), time.time())


def unpack(secret: Secret) -> Keys:
    """The keys of a token that `mint` made."""
    found = json.loads(secret.expose())
    token = found["SessionToken"]
    return Keys(found["AccessKeyId"], Secret(found["SecretAccessKey"]), Secret(token) if token else None)


def _stored_keys(call: Call) -> dict[str, object]:
    if not call.profile and call.environ.get("AWS_ACCESS_KEY_ID"):
        return {name: call.environ.get(setting.upper()) for name, setting in _STORED.items()}
    return {name: _setting(call, setting) for name, setting in _STORED.items()}


def _setting(call: Call, setting: str) -> str | None:
    """One setting of the profile. aws ends with status 1 and prints nothing if it is not set."""
    try:
        return call.ask("configure", "get", setting).decode("ascii", "replace").strip()
    except CredentialError:
        if setting == "aws_session_token":
            return None
        why = f"the profile has no {setting}, and this aws cannot give the keys of another kind of profile"
        raise CredentialError("aws gave no keys", why, f"update it to version 2, or run `{call.login}`") from None
