"""A CI job's own variables serve the server that set them, and nobody else's."""

from __future__ import annotations

import json

import pytest

from authpip.config.settings import Settings
from authpip.core.credential import Credential
from authpip.core.errors import CredentialError
from authpip.core.index import Index, parse_scope
from authpip.providers import ci
from authpip.providers.base import Request

pytestmark = pytest.mark.real

AZURE = "https://pkgs.dev.azure.com/org/project/_packaging/feed/pypi/simple/"
OLD_AZURE = "https://org.pkgs.visualstudio.com/_packaging/feed/pypi/simple/"
GITLAB = "https://gitlab.corp.example/api/v4/projects/12/packages/pypi/simple/"
GITLAB_JOB = {"CI_JOB_TOKEN": "job", "CI_SERVER_HOST": "gitlab.corp.example", "CI_SERVER_PORT": "443"}


def find(url: str, environ: dict[str, str]) -> Credential | None:
    """What the provider answers; `owns` says the same."""
    request = Request(Index(url, parse_scope(url), "test"), Settings(), environ, 0.0)
    found = ci.find(request)
    assert ci.owns(request) == (found is not None)
    return found


def pair(url: str, environ: dict[str, str]) -> tuple[str, str] | None:
    found = find(url, environ)
    return (found.username, found.secret.expose()) if found else None


def endpoints(*entries: object) -> str:
    return json.dumps({"endpointCredentials": list(entries)})


@pytest.mark.parametrize(
    ("url", "environ", "expected"),
    [
        (AZURE, {"SYSTEM_ACCESSTOKEN": "sys"}, ("build", "sys")),
        (OLD_AZURE, {"SYSTEM_ACCESSTOKEN": "sys"}, ("build", "sys")),
        (AZURE, {"SYSTEM_ACCESSTOKEN": "sys", "SYSTEM_COLLECTIONURI": "https://dev.azure.com/Org/"}, ("build", "sys")),
        (
            AZURE,
            {"SYSTEM_ACCESSTOKEN": "sys", "SYSTEM_COLLECTIONURI": "https://org.visualstudio.com/"},
            ("build", "sys"),
        ),
        (AZURE, {"SYSTEM_ACCESSTOKEN": "sys", "SYSTEM_COLLECTIONURI": "https://dev.azure.com/other/"}, None),
        (AZURE, {"SYSTEM_ACCESSTOKEN": "$(System.AccessToken)"}, None),
        (AZURE, {"SYSTEM_ACCESSTOKEN": ""}, None),
        (AZURE, {"AZURE_DEVOPS_EXT_PAT": "pat"}, ("VssSessionToken", "pat")),
        (AZURE, {"SYSTEM_ACCESSTOKEN": "sys", "AZURE_DEVOPS_EXT_PAT": "pat"}, ("build", "sys")),
        (AZURE, GITLAB_JOB, None),
        (GITLAB, GITLAB_JOB, ("gitlab-ci-token", "job")),
        (GITLAB.replace("projects/12", "groups/a%2Fb/-"), GITLAB_JOB, ("gitlab-ci-token", "job")),
        (GITLAB.replace(".example/", ".example/gitlab/"), GITLAB_JOB, ("gitlab-ci-token", "job")),
        (GITLAB, {**GITLAB_JOB, "CI_SERVER_PORT": ""}, ("gitlab-ci-token", "job")),
        (
            GITLAB.replace(".example", ".example:8443"),
            {**GITLAB_JOB, "CI_SERVER_PORT": "8443"},
            ("gitlab-ci-token", "job"),
        ),
        (GITLAB.replace(".example", ".example:8443"), GITLAB_JOB, None),
        (GITLAB.replace("https", "http"), GITLAB_JOB, None),
        (GITLAB.replace("gitlab.", "evil."), GITLAB_JOB, None),
        (GITLAB.replace("/api/v4", "/evil"), GITLAB_JOB, None),
        (GITLAB, {"CI_JOB_TOKEN": "job"}, None),
        (GITLAB, {"CI_SERVER_HOST": "gitlab.corp.example"}, None),
        (GITLAB, {"SYSTEM_ACCESSTOKEN": "sys", "AZURE_DEVOPS_EXT_PAT": "pat"}, None),
        ("https://pypi.org/simple/", {"SYSTEM_ACCESSTOKEN": "sys", **GITLAB_JOB}, None),
    ],
)
def test_variables(url: str, environ: dict[str, str], expected: tuple[str, str] | None) -> None:
    """Which variable answers for which index, as whom."""
    assert pair(url, environ) == expected


@pytest.mark.parametrize("variable", ci.ENDPOINT_LISTS)
def test_endpoint_lists(variable: str) -> None:
    """The list names the feeds it is for, by any of a feed's addresses; it comes before the job's own token."""
    nuget = AZURE.replace("pypi/simple/", "nuget/v3/index.json")
    environ = {
        variable: endpoints(
            {
                "endpoint": "http://pkgs.dev.azure.com/org/project/_packaging/feed/pypi/simple/",
                "password": "plain http",
            },
            {"endpoint": "no url", "password": "x"},
            {"endpoint": AZURE, "clientId": "no password"},
            {"endpoint": nuget, "username": "me", "password": "one"},
            {"endpoint": "https://mirror.corp.example/pypi/", "password": "two"},
        ),
        "SYSTEM_ACCESSTOKEN": "sys",
    }
    assert pair(AZURE, environ) == ("me", "one")
    assert pair("https://mirror.corp.example/pypi/simple/", environ) == ("VssSessionToken", "two")
    assert pair("https://mirror.corp.example/pypievil/", environ) is None
    assert pair(AZURE.replace("feed", "feed2"), environ) == ("build", "sys")
    assert pair(GITLAB, {**environ, **GITLAB_JOB}) == ("gitlab-ci-token", "job")


NEW, OLD = ci.ENDPOINT_LISTS


@pytest.mark.parametrize("new", ["no password", "another feed", "this feed"])
def test_the_new_name_wins(new: str) -> None:
    """Both names of the list are set: for a feed that the new one has a password for, it alone counts."""
    entry = {
        "no password": {"endpoint": AZURE, "clientId": "x"},
        "another feed": {"endpoint": AZURE.replace("feed", "other"), "password": "new"},
        "this feed": {"endpoint": AZURE, "password": "new"},
    }[new]
    environ = {NEW: endpoints(entry), OLD: endpoints({"endpoint": AZURE, "password": "old"})}
    assert pair(AZURE, environ) == ("VssSessionToken", "new" if new == "this feed" else "old")


PREFIXES = "ARTIFACTS_CREDENTIALPROVIDER_URI_PREFIXES"


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({PREFIXES: AZURE}, "new"),
        ({PREFIXES: "https://pkgs.dev.azure.com/org/"}, "new"),
        ({PREFIXES: "https://pkgs.dev.azure.com/other/;https://pkgs.dev.azure.com/org/project/"}, "new"),
        ({PREFIXES: f" {AZURE.replace('pypi/simple/', 'nuget/v3/index.json')} ;"}, "new"),
        ({PREFIXES: "https://pkgs.dev.azure.com/or"}, None),
        ({PREFIXES: "http://pkgs.dev.azure.com/org/"}, None),
        ({PREFIXES: "https://evil.example/;nonsense;;"}, None),
        ({}, None),
        ({"VSS_NUGET_URI_PREFIXES": AZURE}, "old"),
        ({PREFIXES: AZURE, "VSS_NUGET_URI_PREFIXES": AZURE}, "new"),
        ({PREFIXES: "https://other.example/", "VSS_NUGET_URI_PREFIXES": AZURE}, "old"),
    ],
)
def test_a_token_for_prefixes(environ: dict[str, str], expected: str | None) -> None:
    """…_ACCESSTOKEN serves the feeds that …_URI_PREFIXES names, and no other; the new names go before the old ones."""
    tokens = {"ARTIFACTS_CREDENTIALPROVIDER_ACCESSTOKEN": "new", "VSS_NUGET_ACCESSTOKEN": " old\n"}
    assert pair(AZURE, {**tokens, **environ}) == (("VssSessionToken", expected) if expected else None)


def test_a_list_goes_before_a_token() -> None:
    """A password for the one feed before a token for all that begin with a prefix, and both before the job's own."""
    token = {"ARTIFACTS_CREDENTIALPROVIDER_ACCESSTOKEN": "token", PREFIXES: AZURE, "SYSTEM_ACCESSTOKEN": "sys"}
    assert pair(AZURE, token) == ("VssSessionToken", "token")
    both = {**token, OLD: endpoints({"endpoint": AZURE, "password": "list"})}
    assert pair(AZURE, both) == ("VssSessionToken", "list")


@pytest.mark.parametrize(
    "text", ["rubbish", "[]", "{}", '{"endpointCredentials": [1]}', '{"endpointCredentials": [{}]}']
)
def test_a_broken_endpoint_list(text: str) -> None:
    """Mine but broken: the variable is named, its value is not shown."""
    with pytest.raises(CredentialError, match="VSS_NUGET_EXTERNAL_FEED_ENDPOINTS cannot be read") as caught:
        find(AZURE, {"VSS_NUGET_EXTERNAL_FEED_ENDPOINTS": text})
    assert text not in str(caught.value)
    assert caught.value.remedy


def test_the_variables_are_named() -> None:
    """What holds a secret is named, so that pip is started without it (P4)."""
    own = {"SYSTEM_ACCESSTOKEN", "AZURE_DEVOPS_EXT_PAT", "CI_JOB_TOKEN"}
    of_microsoft = {*ci.ENDPOINT_LISTS, "ARTIFACTS_CREDENTIALPROVIDER_ACCESSTOKEN", "VSS_NUGET_ACCESSTOKEN"}
    assert own | of_microsoft == set(ci.SOURCE_VARIABLES)
