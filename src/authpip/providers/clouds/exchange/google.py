"""Google: an access token for the identity in a credentials file, or for the machine's service account.

Kinds of credentials and requests: google-auth (google.oauth2, google.auth.external_account), AIP-4112, AIP-4117.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from authpip.core.errors import CredentialError
from authpip.providers.clouds.exchange import google_acting, google_external, google_key, google_metadata
from authpip.providers.clouds.exchange.files import read_object
from authpip.providers.clouds.exchange.google_acting import IAM, PLATFORM
from authpip.providers.clouds.exchange.http import Client
from authpip.providers.clouds.exchange.oauth import access_token
from authpip.providers.clouds.exchange.refusals import Exchange

_OAUTH_HOSTS = r"oauth2\.googleapis\.com|accounts\.google\.com|www\.googleapis\.com"
_REFRESH_URL = "https://oauth2.googleapis.com/token"
_DEEPEST = 3  # credentials that contain one another


class Context(NamedTuple):
    """What an exchange needs besides the credential. place: the file, for messages. subject: the token of its
    executable, "" if it names none. scope: of the token; IAM for one that is only used to get another token.
    """

    variables: Mapping[str, str]
    client: Client
    place: str
    subject: str
    scope: str = PLATFORM


def token(question: Mapping[str, Any], client: Client) -> dict[str, Any]:
    """{"secret", "expires"}. Raises CredentialError.

    question: {"file": path, or "" for the metadata server, "impersonate": a service account or "", "variables",
    "subject": the token that the file's executable gave, or ""}.
    """
    context = Context(question["variables"], client, question["file"], question["subject"])
    if context.place:
        found = _of_credentials(read_object(context.place), context, _DEEPEST)
    else:
        found = google_metadata.token(context.variables, client)
    account = question["impersonate"]
    return _acting(google_acting.url_of(account), [], 3600, found, client) if account else found


def _of_credentials(info: Mapping[str, Any], context: Context, left: int) -> dict[str, Any]:
    kind = info.get("type")
    known = _KINDS.get(str(kind))
    if known is None or not left:
        remedy = "install gcloud (https://cloud.google.com/sdk/docs/install), or use a credential of another kind"
        raise CredentialError(f"{context.place} is of the kind {kind!r}", "authpip leaves that kind to gcloud", remedy)
    if info.get("universe_domain", "googleapis.com") != "googleapis.com":
        why = f"its universe_domain is {info['universe_domain']!r}, and nothing is sent there"
        raise CredentialError(f"{context.place} is not used", why, "name a credential of googleapis.com")
    try:
        return known(info, context, left)
    except (LookupError, TypeError, ValueError, AttributeError):
        what, why = f"{context.place} is not complete", f"a value that a {kind} needs is missing, or is not of its form"
        raise CredentialError(what, why, "create the file again") from None


def _service_account(info: Mapping[str, Any], context: Context, left: int) -> dict[str, Any]:
    url = info["token_uri"]
    fields = {"assertion": google_key.assertion(info, context.place, context.scope), "grant_type": google_key.GRANT}
    answer = context.client.form(url, fields, service="Google", hosts=_OAUTH_HOSTS)
    renew = f"make a new key for {info['client_email']}, and replace {context.place} with it"
    about = Exchange("Google", f"the key of the service account {info['client_email']}", renew, expired=renew)
    return access_token(answer, about)


def _authorized_user(info: Mapping[str, Any], context: Context, left: int) -> dict[str, Any]:
    fields = {
        "grant_type": "refresh_token",
        "client_id": info["client_id"],
        "client_secret": info["client_secret"],
        "refresh_token": info["refresh_token"],
    }
    chosen = {"scope": PLATFORM} if context.scope == PLATFORM else {}  # otherwise what the user granted (google-auth)
    answer = context.client.form(_REFRESH_URL, {**fields, **chosen}, service="Google", hosts=_OAUTH_HOSTS)
    renew = "run `gcloud auth application-default login`"
    about = Exchange("Google", f"the user's login in {context.place}", renew, expired=renew)
    return access_token(answer, about)


def _external_account(info: Mapping[str, Any], context: Context, left: int) -> dict[str, Any]:
    url = info.get("service_account_impersonation_url")
    seconds = int((info.get("service_account_impersonation") or {}).get("token_lifetime_seconds") or 3600)
    found = google_external.exchanged(info, context.variables, context.subject, context.client)
    return _acting(url, [], seconds, found, context.client) if url else found


def _impersonated_service_account(info: Mapping[str, Any], context: Context, left: int) -> dict[str, Any]:
    base = _of_credentials(info["source_credentials"], context._replace(scope=IAM), left - 1)
    delegates = list(info.get("delegates") or [])
    return _acting(info["service_account_impersonation_url"], delegates, 3600, base, context.client)


def _acting(url: str, delegates: list[str], seconds: int, base: Mapping[str, Any], client: Client) -> dict[str, Any]:
    return google_acting.token(google_acting.Acting(url, delegates, seconds), base["secret"], client)


_KINDS: Mapping[str, Callable[[Mapping[str, Any], Context, int], dict[str, Any]]] = {
    "service_account": _service_account,
    "authorized_user": _authorized_user,
    "external_account": _external_account,
    "impersonated_service_account": _impersonated_service_account,
}
