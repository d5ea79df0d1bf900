"""What the clouds' identity services answer, each under its own host name or address, and the files that lead there."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import datetime, timezone
from hashlib import sha1
from pathlib import Path
from typing import Any

from support.servers.cloud_services import Answer, Asked, as_json

REGION = "eu-west-1"
GITHUB = "run-actions-1.actions.githubusercontent.com"
HOSTS = (
    *("oauth2.googleapis.com", "sts.googleapis.com", "iamcredentials.googleapis.com", GITHUB),
    *(f"codeartifact.{REGION}.amazonaws.com", f"sts.{REGION}.amazonaws.com", f"portal.sso.{REGION}.amazonaws.com"),
)
POOL = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q"
ROBOT = "robot@p.iam.gserviceaccount.com"
ACTING = f"https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{ROBOT}:generateAccessToken"
SUBJECT = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwic3ViIjoicmVwbzpvL3IiLCJhdWQiOiJhIn0.c2ln"
KEYS = {"AccessKeyId": "ASIAEXAMPLE", "SecretAccessKey": "s3cret", "Expiration": "2099-01-01T00:00:00Z"}
ROLE = "arn:aws:iam::123456789012:role/build"


def clouds(token: str, *, lasting: int = 1000) -> Callable[[Asked], Answer]:
    """The services that are asked over TLS: Google's, AWS's and GitHub's. token: what an index takes in the end."""

    def answer(asked: Asked) -> Answer:
        path = asked.path.partition("?")[0]
        if path == "/v1/authorization-token":
            return as_json({"authorizationToken": token, "expiration": time.time() + lasting})
        if path == "/federation/credentials":
            keys = {name[0].lower() + name[1:]: value for name, value in KEYS.items()}
            return as_json({"roleCredentials": {**keys, "sessionToken": "st", "expiration": 4070908800000}})
        if path.endswith(":generateAccessToken"):
            return as_json({"accessToken": token, "expireTime": _rfc3339(time.time() + lasting)})
        if path == "/oidc":
            return as_json({"value": SUBJECT})
        if "Action=AssumeRole" in asked.body:
            action = "AssumeRoleWithWebIdentity" if "WebIdentityToken=" in asked.body else "AssumeRole"
            return 200, "text/xml", _session(action)
        return as_json({"access_token": token, "expires_in": lasting, "token_type": "Bearer"})

    return answer


def beside(token: str, *, lasting: int = 1000) -> Callable[[Asked], Answer]:
    """The services beside a machine: Google's metadata server, EC2's, and a container's."""

    def answer(asked: Asked) -> Answer:
        path = asked.path.partition("?")[0]
        if path.startswith("/computeMetadata/") and not path.endswith("/token"):
            return as_json({"email": ROBOT, "scopes": [], "aliases": ["default"]})
        if path.startswith("/computeMetadata/"):
            return as_json({"access_token": token, "expires_in": lasting, "token_type": "Bearer"})
        if path == "/latest/api/token":
            return 200, "text/plain", b"imds-session"
        if path.endswith("/security-credentials/"):
            return 200, "text/plain", b"build-role"
        if path.endswith("/availability-zone"):
            return 200, "text/plain", f"{REGION}a".encode()
        return as_json({**KEYS, "Token": "session", "Code": "Success"})

    return answer


def external_account(source: dict[str, Any], *, acting: bool = False, **changes: object) -> dict[str, Any]:
    """A file of workload identity federation."""
    info = {
        "type": "external_account",
        "audience": POOL,
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": "https://sts.googleapis.com/v1/token",
        "credential_source": source,
    }
    return {**info, **({"service_account_impersonation_url": ACTING} if acting else {}), **changes}


def aws_source(base: str) -> dict[str, str]:
    """credential_source of a file for AWS. base: of the instance metadata service."""
    return {
        "environment_id": "aws1",
        "region_url": f"{base}/latest/meta-data/placement/availability-zone",
        "url": f"{base}/latest/meta-data/iam/security-credentials",
        "imdsv2_session_token_url": f"{base}/latest/api/token",
        "regional_cred_verification_url": "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15",
    }


def github_source(host: str = GITHUB) -> dict[str, Any]:
    """credential_source as google-github-actions/auth writes it."""
    return {
        "url": f"https://{host}/oidc?api-version=2.0&audience=a",
        "headers": {"Authorization": "Bearer request-token"},
        "format": {"type": "json", "subject_token_field_name": "value"},
    }


def user_login() -> dict[str, str]:
    """A user's application default credentials."""
    return {"type": "authorized_user", "client_id": "a", "client_secret": "b", "refresh_token": "1//x"}


def written(path: Path, content: dict[str, Any]) -> str:
    """The path of a JSON file that only its owner reads."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    path.chmod(0o600)
    return str(path)


def sso_login(home: Path, *, lasting: int = 3600) -> None:
    """A profile `corp` with an SSO session that `aws sso login` left, in the home's ~/.aws."""
    (home / ".aws" / "sso" / "cache").mkdir(parents=True)
    (home / ".aws" / "config").write_text(
        "[profile corp]\nsso_session = s\nsso_account_id = 123456789012\nsso_role_name = dev\n"
        f"[sso-session s]\nsso_region = {REGION}\nsso_start_url = https://corp.example/start\n"
    )
    token = {"accessToken": "sso-token", "expiresAt": _rfc3339(time.time() + lasting)}
    (home / ".aws" / "sso" / "cache" / f"{sha1(b's').hexdigest()}.json").write_text(json.dumps(token))


def _session(action: str) -> bytes:
    keys = "".join(f"<{name}>{value}</{name}>" for name, value in KEYS.items())
    inner = f"<Credentials>{keys}<SessionToken>session</SessionToken></Credentials>"
    return f"<{action}Response><{action}Result>{inner}</{action}Result></{action}Response>".encode()


def _rfc3339(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
