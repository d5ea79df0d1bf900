"""Where an index rejects a token, the message fits the identity that was used; and which hints of a cloud count."""

from __future__ import annotations

from pathlib import Path

import pytest

from authpip.cli.report import diagnosis
from authpip.core.credential import Credential, Secret
from authpip.core.index import Index, parse_scope
from authpip.providers.clouds import aws_identity, azure_identity, google_identity, hints
from authpip.providers.clouds.azure_identity import Wanted

WEB = {"AWS_WEB_IDENTITY_TOKEN_FILE": "/token", "AWS_ROLE_ARN": "arn:aws:iam::1:role/r"}
KEY = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
AMAZON: list[tuple[dict[str, str], str]] = [
    (KEY, "renew AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY"),
    ({**KEY, "AWS_SESSION_TOKEN": "c"}, "renew AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN"),
    ({**KEY, "AWS_PROFILE": "dev"}, "renew AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY"),
    (WEB, "have a new token written to AWS_WEB_IDENTITY_TOKEN_FILE, and check AWS_ROLE_ARN"),
    ({"AWS_PROFILE": "dev"}, "run `aws sso login --profile dev`"),
    ({}, "run `aws configure`"),
    ({"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"}, "check its task role (ECS) or Pod Identity association (EKS)"),
    ({"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "ipv4"}, "check the instance profile that is attached to it"),
]


@pytest.mark.parametrize(("environ", "renew"), AMAZON)
def test_amazon(environ: dict[str, str], renew: str, tmp_path: Path) -> None:
    """A key, a web identity, a profile, a container, an instance."""
    files = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), str(tmp_path / "none"))
    assert aws_identity.whose({**files, **environ}, "").renew == renew


@pytest.mark.parametrize(
    ("way", "renew"),
    [
        (google_identity.GCLOUD, "type: gcloud auth login dev@example.com"),
        (google_identity.GCLOUD_ADC, "type: gcloud auth application-default login"),
        (
            google_identity.METADATA,
            "grant roles/artifactregistry.reader to L, and check that it has the scope cloud-platform",
        ),
        (google_identity.FILE, "grant roles/artifactregistry.reader to L, or create /adc.json again"),
    ],
)
def test_google(way: str, renew: str) -> None:
    """gcloud's account, its application default, the metadata server, a credentials file."""
    identity = google_identity.Identity(way, "L", "/adc.json")
    assert google_identity.renewal(identity, "dev@example.com", "") == renew
    if "grant" in renew:
        assert "reader to robot@p" in google_identity.renewal(identity, "", "robot@p")


APPLICATION = {"AZURE_CLIENT_ID": "app", "AZURE_CLIENT_SECRET": "s"}
READER = "to the organisation of the feed, and to the readers of the feed"


@pytest.mark.parametrize(
    ("wanted", "environ", "renew"),
    [
        (Wanted(""), {}, "type: az login"),
        (Wanted("", tenant="t"), {}, "type: az login --tenant t"),
        (Wanted(""), APPLICATION, f"add the application app {READER}"),
        (Wanted("", subscription="s"), APPLICATION, "type: az login"),
        (Wanted(""), {"IDENTITY_ENDPOINT": "x", "IDENTITY_HEADER": "y"}, f"add the managed identity {READER}"),
        (Wanted("", client_id="id"), {}, f"add the managed identity id {READER}"),
    ],
)
def test_azure(wanted: Wanted, environ: dict[str, str], renew: str) -> None:
    """az, an application, a managed identity."""
    assert azure_identity.renewal(wanted, environ) == renew


@pytest.mark.parametrize("renew", ["", "check the identity"])
def test_what_check_says(renew: str) -> None:
    """`auth check` says what fits the credential; where that says nothing, what its provider says."""
    from authpip.providers.chain import Answer

    url = "https://europe-west1-python.pkg.dev/p/r/simple/"
    credential = Credential("oauth2accesstoken", Secret("x"), "google", "robot", renew=renew)
    answer = Answer(Index(url, parse_scope(url), "test"), credential, None, "always")
    assert diagnosis._unauthorized(answer).remedy == (
        renew or "check the identity of Google that `authpip auth explain` names"
    )


@pytest.mark.parametrize("name", ["GCE_METADATA_HOST", "K_SERVICE", "CLOUD_RUN_JOB", "KUBERNETES_SERVICE_HOST"])
def test_hints_of_google(name: str, tmp_path: Path) -> None:
    """A variable of Google's platforms, a pod's among them, is a hint; NO_GCE_CHECK takes it back."""
    environ = {"PATH": "", "CLOUDSDK_CONFIG": str(tmp_path), name: "10.0.0.1"}
    assert hints.google_metadata(environ)
    assert google_identity.choose(environ, None, "").way == google_identity.METADATA
    assert not hints.google_metadata({**environ, "NO_GCE_CHECK": "true"})
