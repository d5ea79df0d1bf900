"""A credentials file, a profile or a variable that is odd: one message, no traceback, and nothing is sent (F13)."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from authpip.core.errors import CredentialError
from authpip.providers.clouds import aws_identity
from authpip.providers.clouds.exchange import aws, aws_profile, files, google, issuers, managed_identity
from authpip.providers.clouds.exchange.http import Client
from support.servers import identity_services as services

pytestmark = pytest.mark.real

URLS = (
    *("https://[", "https://[::1", "https://a:b:c/", "https://host:99999/", "https://host:x/", "https:///", "//", ""),
    *(
        "https://a b/",
        "https://\u2100.example/",
        "https://h\x00st/",
        "http://[fe80::1%25eth0]/",
        "ftp://h/",
        "x" * 9000,
    ),
)
NAMES = ("token_url", "service_account_impersonation_url", "token_uri")


class Nowhere(Client):
    """A client that counts as an error whatever it lets through to the network."""

    def __init__(self) -> None:
        super().__init__({}, time.monotonic() + 30)

    def _connection(self, *_: Any) -> Any:
        raise AssertionError("something is sent")


def of_google(info: dict[str, Any], directory: Path, **variables: str) -> CredentialError:
    """The error of a file with this in it."""
    path = services.written(directory / "adc.json", info)
    question = {"file": path, "impersonate": "", "variables": variables, "subject": ""}
    with pytest.raises(CredentialError) as caught:
        google.token(question, Nowhere())
    return caught.value


@pytest.mark.parametrize("url", URLS)
def test_urls_in_a_file_of_google(url: str, tmp_path: Path) -> None:
    """Each place of a credentials file that holds a URL, and the variables that hold one."""
    (tmp_path / "subject").write_text(services.SUBJECT)
    source = {"file": str(tmp_path / "subject")}
    near = services.aws_source("http://127.0.0.1:1")
    keys = {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s", "AWS_REGION": "eu-west-1"}
    for info, variables in (
        (services.external_account(source, token_url=url), {}),
        (services.external_account({"url": url}), {}),
        (services.external_account({"url": "https://other.example/"}), {"ACTIONS_ID_TOKEN_REQUEST_URL": url}),
        (services.external_account({**near, "regional_cred_verification_url": url}), keys),
        (services.external_account({**near, "region_url": url}), {**keys, "AWS_REGION": ""}),
    ):
        error = of_google(info, tmp_path, **variables)
        assert str(error).isprintable()
        assert error.remedy


@pytest.mark.parametrize("value", [None, 5, [], {}, True])
def test_values_that_are_not_text(value: object, tmp_path: Path) -> None:
    """A number or a list where a text belongs is a file that is not complete."""
    source = {"file": str(tmp_path / "subject")}
    (tmp_path / "subject").write_text(services.SUBJECT)
    for info in (
        services.external_account(source, token_url=value),
        services.external_account({"url": value}),
        services.external_account(value),  # type: ignore[arg-type]
        services.external_account(source, service_account_impersonation={"token_lifetime_seconds": "an hour"}),
        {**services.user_login(), "type": value},
    ):
        assert of_google(info, tmp_path).remedy


@pytest.mark.parametrize("url", [url for url in URLS if url])
def test_urls_in_variables(url: str, tmp_path: Path) -> None:
    """What names a metadata server, a container's or a job's token service, a managed identity."""
    oidc = {"ACTIONS_ID_TOKEN_REQUEST_URL": url, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "t", "GITHUB_SERVER_URL": url}
    pipelines = {"SYSTEM_OIDCREQUESTURI": url, "SYSTEM_ACCESSTOKEN": "t", "SYSTEM_COLLECTIONURI": url}
    fabric = {"IDENTITY_ENDPOINT": url, "IDENTITY_HEADER": "h", "IDENTITY_SERVER_THUMBPRINT": "ab"}
    with_file = {"config": str(tmp_path / "c"), "credentials": str(tmp_path / "d"), "sso_cache": str(tmp_path)}
    amazon = {
        "wanted": {"domain": "corp", "owner": "1", "region": "eu-west-1"},
        "profile": "",
        **with_file,
        "renew": "x",
    }
    container = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": url}
    instance = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": url}
    metadata = {"file": "", "impersonate": "", "subject": "", "variables": {"GCE_METADATA_HOST": url}}
    for ask in (
        lambda: issuers.job_token({"issuer": "github", "variables": oidc}, Nowhere()),
        lambda: issuers.job_token({"issuer": "azure", "variables": pipelines}, Nowhere()),
        lambda: managed_identity.token({"variables": fabric}, Nowhere()),
        lambda: managed_identity.token({"variables": {"AZURE_POD_IDENTITY_AUTHORITY_HOST": url}}, Nowhere()),
        lambda: aws.token({**amazon, "variables": container, "instance": False}, Nowhere()),
        lambda: aws.token({**amazon, "variables": instance, "instance": True}, Nowhere()),
        lambda: google.token(metadata, Nowhere()),
    ):
        with pytest.raises(CredentialError) as caught:
            ask()
        assert str(caught.value).isprintable()


BOM = "\ufeff"


def test_a_byte_order_mark(tmp_path: Path) -> None:
    """Editors on Windows write one: the profile, the token and the credentials file are read all the same."""
    config, credentials = tmp_path / "config", tmp_path / "credentials"
    config.write_text(f"{BOM}[profile acting]\nrole_arn = r\n", encoding="utf-8")
    credentials.write_text(f"{BOM}[base]\naws_access_key_id = a\naws_secret_access_key = b\n", encoding="utf-8")
    profiles = aws_profile.read(str(config), str(credentials), str(tmp_path))
    assert profiles.of("acting") == {"role_arn": "r"}
    assert aws_profile.static_keys(profiles.of("base")) is not None
    (tmp_path / "token").write_text(f"{BOM}eyJ.a.b\n", encoding="utf-8")
    assert files.read_text(str(tmp_path / "token")).strip() == files.read_token(str(tmp_path / "token")) == "eyJ.a.b"
    (tmp_path / "adc.json").write_text(f'{BOM}{{"type": "x"}}', encoding="utf-8")
    assert files.read_object(str(tmp_path / "adc.json")) == {"type": "x"}
    environ = {"AWS_CONFIG_FILE": str(config), "AWS_SHARED_CREDENTIALS_FILE": str(credentials)}
    config.write_text(f"{BOM}[default]\nregion = x\n", encoding="utf-8")
    assert aws_identity.is_described(environ, "")


ROLE = "role_arn = arn:aws:iam::1:role/r\nsource_profile = base\nmfa_serial = m\n"


@pytest.mark.parametrize(
    ("title", "profile", "by_aws"),
    [
        ("[profile dev]", "dev", True),
        ('[profile "dev"]', "dev", True),
        ("[ profile  dev ]", "dev", True),
        ("[default]", "", True),
        ("[profile other]", "dev", False),
    ],
)
def test_a_role_goes_before_a_web_identity(title: str, profile: str, by_aws: bool, tmp_path: Path) -> None:
    """As in botocore's chain: where the profile has a role, its second factor is asked for by aws, which is there."""
    (tmp_path / "config").write_text(f"{title}\n{ROLE}[profile base]\nregion = x\n")
    (tmp_path / "aws").write_text("#!/bin/sh\n")
    (tmp_path / "aws").chmod(0o755)
    environ = {
        "PATH": str(tmp_path),
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/token",
        "AWS_ROLE_ARN": "arn:aws:iam::1:role/web",
        **({"AWS_PROFILE": profile} if profile else {}),
    }
    assert aws_identity.by_aws(environ, "") is by_aws
    assert (
        aws_identity.whose(environ, "").label == "arn:aws:iam::1:role/web (AWS_WEB_IDENTITY_TOKEN_FILE)"
    ) is not by_aws
