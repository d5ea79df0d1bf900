"""AWS profiles in files: static keys, roles, web identities, and SSO sessions that are still valid.

Sections and keys are those of botocore.configloader and botocore.credentials. A profile that needs a person, a browser
or a program is left to `aws`.
"""

from __future__ import annotations

import json
import os
import shlex
import time
from collections.abc import Mapping
from configparser import Error, RawConfigParser
from hashlib import sha1
from typing import NamedTuple
from urllib.parse import urlencode

from authpip.core.errors import CredentialError
from authpip.core.text_forms import posix_seconds
from authpip.providers.clouds.exchange.http import Client
from authpip.providers.clouds.exchange.sigv4 import Keys

Section = Mapping[str, str]


class Profiles(NamedTuple):
    """The sections of both files. config, credentials: by profile. sessions: by sso-session. cache: the directory of
    SSO tokens.
    """

    config: Mapping[str, Section]
    credentials: Mapping[str, Section]
    sessions: Mapping[str, Section]
    cache: str

    def of(self, name: str) -> Section:
        """A profile's settings; those in the credentials file win."""
        return {**self.config.get(name, {}), **self.credentials.get(name, {})}


def read(config: str, credentials: str, cache: str) -> Profiles:
    """Both files; a missing one counts as empty. Raises CredentialError for a file that cannot be parsed."""
    sections = _sections(config)
    profiles = {(_named(name, "profile") or name): value for name, value in sections.items() if _is_profile(name)}
    sessions = {name: value for title, value in sections.items() if (name := _named(title, "sso-session"))}
    return Profiles(profiles, _sections(credentials), sessions, cache)


def static_keys(section: Section) -> Keys | None:
    """The keys in a section; None if it has none."""
    key, secret = section.get("aws_access_key_id"), section.get("aws_secret_access_key")
    return Keys(key, secret, section.get("aws_session_token", "")) if key and secret else None


def sso_keys(profiles: Profiles, name: str, client: Client) -> Keys | None:
    """The keys of an SSO session; None if the profile is of another kind. Raises CredentialError if it has expired."""
    section = profiles.of(name)
    session = section.get("sso_session", "")
    settings = {**section, **profiles.sessions.get(session, {})}
    if not section.get("sso_account_id") or not section.get("sso_role_name"):
        return None
    token = _sso_token(profiles.cache, session or settings.get("sso_start_url", ""), name)
    query = urlencode({"role_name": section["sso_role_name"], "account_id": section["sso_account_id"]})
    host = f"portal.sso.{settings.get('sso_region', '')}.amazonaws.com"
    answer = client.send(
        "GET",
        f"https://{host}/federation/credentials?{query}",
        None,
        {"x-amz-sso_bearer_token": token},
        service="AWS",
        hosts=r"portal\.sso\.[a-z0-9-]+\.amazonaws\.com",
    )
    found = answer.object().get("roleCredentials")
    if answer.status != 200 or not isinstance(found, dict) or not found.get("accessKeyId"):
        why = f"the service answered {answer.status}"
        raise CredentialError(f"AWS gave no keys for the SSO session of profile {name}", why, _login(name))
    key, secret, session = (str(found.get(part) or "") for part in ("accessKeyId", "secretAccessKey", "sessionToken"))
    milliseconds = found.get("expiration")
    return Keys(key, secret, session, milliseconds / 1000 if isinstance(milliseconds, (int, float)) else None)


def _sso_token(cache: str, key: str, name: str) -> str:
    """The access token that `aws sso login` stored. Raises CredentialError if there is none, or it has expired."""
    path = os.path.join(cache, f"{sha1(key.encode()).hexdigest()}.json")  # noqa: S324 (botocore's name for the file)
    try:
        with open(path, encoding="utf-8-sig") as file:
            found = json.load(file)
        token, expires = found["accessToken"], posix_seconds(found["expiresAt"].replace("UTC", "Z"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise CredentialError(f"there is no SSO session of profile {name}", "", _login(name)) from None
    if not isinstance(token, str) or expires is None or expires <= time.time() + 60:
        raise CredentialError(f"the SSO session of profile {name} has expired", "", _login(name))
    return token


def _login(name: str) -> str:
    return f"run `aws sso login --profile {name}` where aws is installed"


def _sections(path: str) -> dict[str, Section]:
    parser = RawConfigParser()
    try:
        parser.read(path, encoding="utf-8-sig")
    except (Error, OSError, ValueError):
        raise CredentialError(f"the file {path} cannot be parsed", "", "correct it: it is an INI file") from None
    return {name: dict(parser.items(name)) for name in parser.sections()}


def _is_profile(title: str) -> bool:
    return title == "default" or bool(_named(title, "profile"))


def _named(title: str, kind: str) -> str:
    """The name in `[kind name]`, which may be quoted."""
    try:
        words = shlex.split(title)
    except ValueError:
        return ""
    return words[1] if len(words) == 2 and words[0] == kind else ""
