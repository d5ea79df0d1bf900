"""Whose host is whose: the clouds' own are known without configuration, their look-alikes never (A04)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from authpip.config.settings import Rule, Settings
from authpip.core.index import Index, RefusedURL, parse_scope
from authpip.providers import aws, azure, ci, google
from authpip.providers.base import Request
from authpip.providers.clouds.hosts import Domain, azure_organisation, codeartifact_domain, is_artifact_registry
from support.programs.fake_cli import fake_cli

pytestmark = pytest.mark.real

GOOGLE = "europe-west1-python.pkg.dev"
AWS = "corp-123456789012.d.codeartifact.eu-west-1.amazonaws.com"
AZURE_FEED = "_packaging/feed/pypi/simple/"
DOMAIN = Domain("corp", "123456789012", "eu-west-1")


@pytest.mark.parametrize(
    "url",
    [
        f"https://{GOOGLE}/project/repo/simple/",
        "https://us-python.pkg.dev/project/repo/simple",
        "https://EUROPE-West1-Python.PKG.dev/project/repo/simple/",
        "https://asia-northeast1-pypi.pkg.dev/project/repo/",
        f"https://{GOOGLE}:443/project/repo/simple/",
        f"https://oauth2accesstoken@{GOOGLE}/project/repo/simple/",
    ],
)
def test_artifact_registry(url: str) -> None:
    """Google's location hosts, the older -pypi form included."""
    assert is_artifact_registry(parse_scope(url))


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        (f"https://{AWS}/pypi/repo/simple/", DOMAIN),
        (f"https://aws@{AWS.upper()}/pypi/repo/simple/", DOMAIN),
        ("https://corp-123456789012.codeartifact.eu-west-1.on.aws/pypi/repo/simple/", DOMAIN),
        (
            "https://vpce-0a1b-2c3d.d.codeartifact.eu-west-1.vpce.amazonaws.com/pypi/d/corp-123456789012/repo/simple/",
            DOMAIN,
        ),
        (
            "https://my-team-2-123456789012.d.codeartifact.us-gov-west-1.amazonaws.com/pypi/repo/",
            Domain("my-team-2", "123456789012", "us-gov-west-1"),
        ),
    ],
)
def test_codeartifact(url: str, domain: Domain) -> None:
    """The domain, its owner and its region are in the host, or in the path behind a VPC endpoint."""
    assert codeartifact_domain(parse_scope(url)) == domain


@pytest.mark.parametrize(
    "url",
    [
        f"https://pkgs.dev.azure.com/Org/{AZURE_FEED}",
        f"https://pkgs.dev.azure.com/org/project/{AZURE_FEED}",
        f"https://pkgs.dev.azure.com/org/a%20project/{AZURE_FEED}",
        "https://pkgs.dev.azure.com/org/_packaging/feed@view/pypi/upload/",
        f"https://org.pkgs.visualstudio.com/{AZURE_FEED}",
        f"https://ORG.pkgs.visualstudio.com/project/{AZURE_FEED}",
        f"https://org.pkgs.visualstudio.com/DefaultCollection/project/{AZURE_FEED}",
    ],
)
def test_azure(url: str) -> None:
    """Both forms of the host, with and without a project; the organisation in lower case."""
    assert azure_organisation(parse_scope(url)) == "org"


def look_alikes() -> Iterator[str]:
    """Hosts and URLs that a careless match would take for a cloud's own."""
    paths = {
        GOOGLE: "project/repo/simple/",
        AWS: "pypi/repo/simple/",
        "pkgs.dev.azure.com": f"org/{AZURE_FEED}",
        "org.pkgs.visualstudio.com": AZURE_FEED,
        "corp-123456789012.codeartifact.eu-west-1.on.aws": "pypi/repo/simple/",
        "vpce-0a.d.codeartifact.eu-west-1.vpce.amazonaws.com": "pypi/d/corp-123456789012/repo/simple/",
    }
    for host, path in paths.items():
        for around in (
            "{}.evil.example", "{}.evil", "{}-evil.example", "{}evil.example", "evil.{}", "evil-{}.example",
            "{}.", "{}.com", "x.y.{}", "{}@evil.example", "evil.example/{}", "evil.example/https:/{}", "{}:8443",
            "evil.example:443/{}", "{}:80", "{}.co", "a.b.{}",
            "{}%2eevil.example", "evil.example%2f{}", "{}..", "-{}", "_.{}", "{}:0443",
            "evil.example\\@{}", "evil.example#@{}", "evil.example?@{}", "[{}]",
        ):  # fmt: skip
            yield f"https://{around.format(host)}/{path}"
        yield f"http://{host}/{path}"
        for old, new in ((".", "-"), ("e", "\u0435"), ("a", "\u0430"), ("p", "\uff50"), ("o", "0"), ("-", ".")):
            if old in host:
                yield f"https://{host.replace(old, new)}/{path}"
        last = host.rpartition(".")
        yield f"https://{last[0]}.{last[2]}x/{path}"
        yield f"https://{last[0]}x.{last[2]}/{path}"
    for host in (
        "pkg.dev", "python.pkg.dev", "-python.pkg.dev", "docker.pkg.dev", "europe-west1-docker.pkg.dev",
        "europe-west1-python-pkg.dev", "europe_west1-python.pkg.dev", "1-python.pkg.dev", "eu--python.evilpkg.dev",
        "corp-12345678901.d.codeartifact.eu-west-1.amazonaws.com", "corp-123456789012.d.codeartifact.amazonaws.com",
        "corp-123456789012.s3.eu-west-1.amazonaws.com", "corp.d.codeartifact.eu-west-1.amazonaws.com",
        "corp-123456789012.x.d.codeartifact.eu-west-1.amazonaws.com", "codeartifact.eu-west-1.amazonaws.com",
        "corp-123456789012.d.codeartifact.eu-west-1.evil.amazonaws.com", "corp-1234567890123.codeartifact.x.on.aws",
        "evilpkgs.dev.azure.com", "dev.azure.com", "pkgs.evil.azure.com", "pkgs-dev.azure.com", "pkgs.visualstudio.com",
        "orgpkgs.visualstudio.com", "org.evilpkgs.visualstudio.com", "x.org.pkgs.visualstudio.com",
    ):  # fmt: skip
        yield f"https://{host}/org/{AZURE_FEED}"
    for path in (
        "",
        "org/",
        f"{AZURE_FEED}",
        "org/packaging/feed/pypi/simple/",
        "org/_packaging/feed/nuget/v3/index.json",
    ):
        yield f"https://pkgs.dev.azure.com/{path}"
    yield "https://vpce-0a.d.codeartifact.eu-west-1.vpce.amazonaws.com/pypi/repo/simple/"


def test_look_alikes_start_nothing(environment: dict[str, str], home: Path) -> None:
    """A04: at least 200 of them are nobody's index: no program is started, no variable is given away."""
    for name in ("gcloud", "aws", "az"):
        fake_cli(home / "bin", name, before=f"echo {name} >> {home}/started")
    environ = {**environment, "PATH": f"{home}/bin:/usr/bin:/bin", "SYSTEM_ACCESSTOKEN": "s"}
    environ.update(AZURE_DEVOPS_EXT_PAT="p", CI_JOB_TOKEN="j", CI_SERVER_HOST="gitlab.example")
    tried = 0
    for url in look_alikes():
        tried += 1
        try:
            scope = parse_scope(url)
        except RefusedURL:
            continue
        request = Request(Index(url, scope, "test"), Settings(), environ, time.monotonic() + 5)
        for provider in (ci, google, aws, azure):
            assert not provider.owns(request), (provider.NAME, url)
            assert provider.find(request) is None, (provider.NAME, url)
    assert tried >= 200
    assert not (home / "started").exists()


@pytest.mark.parametrize("provider", [google, azure])
def test_another_host_by_rule(provider: object, environment: dict[str, str]) -> None:
    """A rule adds any host, and only its own."""
    url = "https://mirror.corp.example/simple/"
    name: str = provider.NAME  # type: ignore[attr-defined]
    request = Request(Index(url, parse_scope(url), "test"), Settings(), environment, 0.0)
    assert not provider.owns(request)  # type: ignore[attr-defined]
    assert provider.owns(request._replace(rule=Rule("r", "test", provider=name)))  # type: ignore[attr-defined]
    assert not provider.owns(request._replace(rule=Rule("r", "test", provider="keyring")))  # type: ignore[attr-defined]
