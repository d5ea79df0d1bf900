"""An index of files in an S3 bucket: requests signed inside pip with the keys of the user's own aws.

Only where a rule says `provider = "s3"`: a signed request tells its receiver who asks, and anybody can have a
bucket. Settings: `[index.s3] profile`, `region` (where the host does not name it).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from authpip.core.credential import Credential
from authpip.providers.base import LOGIN, NONE, Request, no_variables
from authpip.providers.clouds import s3_bucket
from authpip.providers.clouds.aws_config import config_files, login_command
from authpip.providers.clouds.fingerprint import fingerprint

if TYPE_CHECKING:
    from authpip.storage.token_cache import Token

NAME = "s3"
HOSTS = SOURCE_VARIABLES = NONE
OPTIONS = ("profile", "region")
RENEW = LOGIN
source_variables = no_variables
LIFETIME = 3600.0  # seconds that a session's keys are kept at most


def owns(request: Request) -> bool:
    """True if a rule names this provider."""
    return bool(request.rule and request.rule.provider == NAME)


def find(request: Request) -> Credential | None:
    """The keys of the profile. Raises CredentialError: aws is missing, or not logged in."""
    if not owns(request):
        return None
    from authpip.providers.clouds import aws_keys
    from authpip.providers.minting import cached_credential
    from authpip.storage.token_cache import TokenRequest

    profile = request.option(NAME, "profile") or ""
    wanted = TokenRequest(
        provider=NAME,
        identity="\0".join((profile, fingerprint(request.environ, ("AWS_",), config_files(request.environ)))),
        scope="keys",
        lock_name=f"aws-keys-{profile}",
        max_seconds=LIFETIME,
        label=f"profile {profile}" if profile else "the default credentials",
    )

    def mint() -> Token:
        from authpip.providers.clouds import aws_identity

        login = login_command(request.environ, profile)
        renew = aws_identity.whose(request.environ, profile).renew
        return aws_keys.mint(aws_keys.Call(request.environ, request.deadline, profile, login, renew))

    found = cached_credential(wanted, mint, request, "")
    keys = aws_keys.unpack(found.secret)
    return found._replace(username=keys.key, secret=s3_bucket.pack(keys, _region(request)), scheme="s3")


def _region(request: Request) -> str:
    """The region of the rule, else of the host, else of the environment as aws reads it."""
    environ = request.environ
    chosen = request.option(NAME, "region") or s3_bucket.region_of(request.index.scope)
    return chosen or environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or s3_bucket.DEFAULT_REGION
