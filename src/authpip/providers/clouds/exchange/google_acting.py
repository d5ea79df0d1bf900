"""Act as a service account of Google: exchange the token of another identity for one of that account.

cloud.google.com/iam/docs/reference/credentials/rest, `projects.serviceAccounts.generateAccessToken`.
"""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import quote

from authpip.core.text_forms import posix_seconds
from authpip.providers.clouds.exchange.http import Client
from authpip.providers.clouds.exchange.refusals import Exchange, refused

PLATFORM = "https://www.googleapis.com/auth/cloud-platform"
IAM = "https://www.googleapis.com/auth/iam"  # the scope of a token that is only used to act
_HOSTS = r"iamcredentials\.googleapis\.com"


class Acting(NamedTuple):
    """url: of the account's generateAccessToken. seconds: the lifetime of the token. identity: who acts, for messages.
    assertion: the job's token that was exchanged first, "" if none; the message of a refusal shows its claims.
    """

    url: str
    delegates: list[str]
    seconds: int = 3600
    identity: str = "this identity"
    assertion: str = ""


def url_of(account: str) -> str:
    """The URL that gives a token of the account."""
    path = f"projects/-/serviceAccounts/{quote(account, safe='@')}:generateAccessToken"
    return f"https://iamcredentials.googleapis.com/v1/{path}"


def token(acting: Acting, secret: str, client: Client) -> dict[str, Any]:
    """{"secret", "expires"}. secret: the token of the identity that acts. Raises CredentialError."""
    fields = {"delegates": acting.delegates, "scope": [PLATFORM], "lifetime": f"{acting.seconds}s"}
    headers = {"Authorization": f"Bearer {secret}"}
    answer = client.json(acting.url, fields, headers, service="Google", hosts=_HOSTS)
    found = answer.object().get("accessToken")
    if answer.status != 200 or not isinstance(found, str) or not found:
        account = acting.url.rpartition("/")[2].partition(":")[0]
        role = "workloadIdentityUser" if acting.assertion else "serviceAccountTokenCreator (or workloadIdentityUser)"
        trust = f"grant roles/iam.{role} on {account} to {acting.identity}"
        about = Exchange("Google", f"{acting.identity} as the service account {account}", trust)
        raise refused(about, answer, acting.assertion)
    return {"secret": found, "expires": posix_seconds(answer.object().get("expireTime"))}
