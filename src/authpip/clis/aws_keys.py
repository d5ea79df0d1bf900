"""aws, version 1.27 or 2.9 and later: the access key of a profile, for requests that are signed here."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping

from authpip.clis.ask import as_object, ask, posix_seconds, rubbish, to_token
from authpip.clis.aws import AWS
from authpip.credential import Secret
from authpip.s3_bucket import Keys
from authpip.token_cache import Token


def mint(environ: Mapping[str, str], deadline: float, profile: str, *, login: str, renew: str) -> Token:
    """The keys as one token, which `unpack` reads: the JSON of the process provider. Raises CredentialError."""
    selected = [f"--profile={profile}"] if profile else []
    whose = f"profile {profile}" if profile else "the default credentials"
    printed = ask(
        AWS,
        ["configure", "export-credentials", "--format=process", *selected],
        environ,
        deadline,
        login=login,
        facts={"identity": whose, "profile": profile, "renew": renew},
    )
    found = as_object(AWS, printed)
    names = ("AccessKeyId", "SecretAccessKey")
    if not all(isinstance(found.get(name), str) for name in names):
        raise rubbish(AWS)
    kept = {name: found.get(name) for name in (*names, "SessionToken")}
    text = json.dumps(kept, separators=(",", ":"))
    return to_token(AWS, text, posix_seconds(found.get("Expiration")), time.time())


def unpack(secret: Secret) -> Keys:
    """The keys of a token that `mint` made."""
    found = json.loads(secret.expose())
    token = found["SessionToken"]
    return Keys(found["AccessKeyId"], Secret(found["SecretAccessKey"]), Secret(token) if token else None)
