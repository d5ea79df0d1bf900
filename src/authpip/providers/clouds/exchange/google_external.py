"""Workload identity federation: a token of another issuer, exchanged at Google's STS (RFC 8693, AIP-4117).

The subject token comes from a file, from a URL (GitHub's, a metadata service's), from an executable (which authpip
has run before, see google_executable.py), or is a signed GetCallerIdentity request of AWS.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from authpip.core.errors import CredentialError
from authpip.providers.clouds.exchange.files import read_text
from authpip.providers.clouds.exchange.google_acting import IAM, PLATFORM
from authpip.providers.clouds.exchange.http import LINK_LOCAL_SECONDS, Client, host_of, is_local
from authpip.providers.clouds.exchange.oauth import access_token
from authpip.providers.clouds.exchange.refusals import Exchange

_GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
_ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 (the name of a kind)
_STS_HOSTS = r"sts\.googleapis\.com|sts\.[a-z0-9-]+\.rep\.googleapis\.com"
_SOURCE_HOSTS = (
    r"[a-z0-9.-]+\.actions\.githubusercontent\.com|169\.254(?:\.[0-9]{1,3}){2}|localhost|::1|127(?:\.[0-9]{1,3}){3}"
)
_INSTANCE_NAME = "AWS's instance metadata service"
_REGION_HOSTS = r"169\.254\.169\.254|fd00:ec2::254|localhost|::1|127(?:\.[0-9]{1,3}){3}"


def exchanged(info: Mapping[str, Any], variables: Mapping[str, str], given: str, client: Client) -> dict[str, Any]:
    """{"secret", "expires"} for an external_account file. variables: of the job. given: the executable's token, or "".

    Raises CredentialError; KeyError or TypeError for a file that is not complete.
    """
    acting = bool(info.get("service_account_impersonation_url"))
    subject = given or _subject(info, variables, client)
    fields = {
        "grant_type": _GRANT,
        "audience": info["audience"],
        "scope": IAM if acting else PLATFORM,
        "requested_token_type": _ACCESS_TOKEN,
        "subject_token": subject,
        "subject_token_type": info["subject_token_type"],
    }
    project = info.get("workforce_pool_user_project")
    if project:
        fields["options"] = quote(json.dumps({"userProject": project}))
    answer = client.form(info["token_url"], fields, service="Google", hosts=_STS_HOSTS)
    trust = "check the issuer, the audiences and the attribute condition of the workload identity provider"
    renew = "run the job again, which makes a new token"
    about = Exchange("Google", "the federated token of this job", trust, trust, renew)
    return access_token(answer, about, subject)


def _subject(info: Mapping[str, Any], variables: Mapping[str, str], client: Client) -> str:
    source = info["credential_source"]
    if "environment_id" in source:
        return _of_aws(info, source, variables, client)
    if "file" in source:
        return _parsed(read_text(source["file"]), source, source["file"])
    if "url" in source:
        url, hosts, service = source["url"], _with_own_host(variables), "the job's token service"
        if is_local(host_of(url)):
            client.reach(url, service=service, hosts=hosts)
        answer = client.send("GET", url, None, source.get("headers") or {}, service=service, hosts=hosts)
        if answer.status != 200:
            remedy = "write `permissions: id-token: write` into the job, or create the credentials file again"
            raise CredentialError("the job's token service gave no token", f"it answered {answer.status}", remedy)
        return _parsed(answer.body.decode("utf-8", "replace"), source, "its token service")
    if "executable" in source:
        raise KeyError("executable")  # it is not complete, so it was not run
    remedy = "install gcloud (https://cloud.google.com/sdk/docs/install), or use a file or a URL as its source"
    kind = ", ".join(source)
    raise CredentialError(f"its credential_source is of the kind {kind}", "authpip leaves that to gcloud", remedy)


def _parsed(text: str, source: Mapping[str, Any], place: str) -> str:
    """The token in the text of a file or a service: all of it, or one field of a JSON object."""
    form = source.get("format") or {}
    if form.get("type", "text") != "json":
        token: object = text
    else:
        try:
            token = json.loads(text)[form["subject_token_field_name"]]
        except (ValueError, LookupError, TypeError):
            token = None
    if not isinstance(token, str) or not token.strip():
        raise CredentialError(f"{place} holds no token", "", "check credential_source in the credentials file")
    return token


def _with_own_host(variables: Mapping[str, str]) -> str:
    """The pattern of GitHub's hosts, and of the host that a company's own GitHub server names for its jobs."""
    own = host_of(variables.get("ACTIONS_ID_TOKEN_REQUEST_URL", ""))
    return f"{_SOURCE_HOSTS}|{re.escape(own)}" if own else _SOURCE_HOSTS


def _of_aws(info: Mapping[str, Any], source: Mapping[str, Any], variables: Mapping[str, str], client: Client) -> str:
    from authpip.providers.clouds.exchange import aws_near, sigv4

    key = variables.get("AWS_ACCESS_KEY_ID")
    if key:
        session = variables.get("AWS_SESSION_TOKEN", "")
        keys = sigv4.Keys(key, variables.get("AWS_SECRET_ACCESS_KEY", ""), session)
    else:
        keys = aws_near.of_instance(variables, client)
    region = variables.get("AWS_REGION") or variables.get("AWS_DEFAULT_REGION") or _region(source, client)
    url = str(source["regional_cred_verification_url"]).replace("{region}", region)
    named = re.fullmatch(r"https://(sts\.[a-z0-9-]+\.amazonaws\.com)(?:[/?].*)?", url)
    if named is None:
        why = f"{host_of(url) or 'its URL'} is not a host of AWS STS over https, so authpip signs no request to it"
        raise CredentialError("its credential_source is not used", why, "create the credentials file again")
    signed = sigv4.headers("POST", url, keys, sigv4.Place(region, "sts"))
    headers = {"Authorization": signed.pop("Authorization"), "host": named[1]}
    headers |= {name.lower(): value for name, value in signed.items()}
    headers["x-goog-cloud-target-resource"] = info["audience"]
    listed = [{"key": name, "value": value} for name, value in headers.items()]
    request = {"headers": listed, "method": "POST", "url": url}
    return quote(json.dumps(request, separators=(",", ":"), sort_keys=True))


def _region(source: Mapping[str, Any], client: Client) -> str:
    headers, near = {}, client.within(LINK_LOCAL_SECONDS)
    near.reach(source["region_url"], service=_INSTANCE_NAME, hosts=_REGION_HOSTS)
    if source.get("imdsv2_session_token_url"):
        lifetime = {"X-aws-ec2-metadata-token-ttl-seconds": "300"}
        headers = {"X-aws-ec2-metadata-token": _near("PUT", source["imdsv2_session_token_url"], lifetime, near)}
    return _near("GET", source["region_url"], headers, near).strip()[:-1]  # a zone such as eu-west-1b


def _near(method: str, url: str, headers: Mapping[str, str], client: Client) -> str:
    answer = client.send(method, url, None, headers, service=_INSTANCE_NAME, hosts=_REGION_HOSTS)
    if answer.status != 200:
        raise CredentialError(f"{_INSTANCE_NAME} gave no region", f"it answered {answer.status}", "set AWS_REGION")
    return answer.body.decode("ascii", "replace")
