"""The proxy that the settings of macOS and Windows name: taken where pip takes it. The settings are simulated."""

from __future__ import annotations

import sys
import urllib.request

import pytest

from authpip.core.index import parse_scope
from authpip.network.http_get import Network

SCOPE = parse_scope("https://pypi.corp.example/simple/")
PROXY = "http://proxy.corp.example:3128"


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy for https, and an exception for one host."""
    monkeypatch.setattr(urllib.request, "getproxies", lambda: {"https": PROXY})
    monkeypatch.setattr(urllib.request, "proxy_bypass", lambda host: host == "inside.corp.example")


@pytest.mark.parametrize("platform", ["darwin", "win32"])
@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, PROXY),
        ({"NO_PROXY": ""}, PROXY),
        ({"HTTPS_PROXY": "http://other:1"}, "http://other:1"),
        ({"HTTP_PROXY": "http://other:1"}, None),
        ({"NO_PROXY": "a.example"}, None),
    ],
)
def test_the_systems_proxy(
    monkeypatch: pytest.MonkeyPatch, platform: str, variables: dict[str, str], expected: str | None
) -> None:
    """As requests does in pip, the system is asked only if no variable names a proxy or an exception."""
    monkeypatch.setattr(sys, "platform", platform)
    assert Network(variables).proxy_for(SCOPE) == expected


def test_an_exception_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that the settings except is reached without the proxy."""
    monkeypatch.setattr(sys, "platform", "darwin")
    assert Network({}).proxy_for(parse_scope("https://inside.corp.example/simple/")) is None


def test_linux_has_no_such_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """There, variables alone count."""
    monkeypatch.setattr(sys, "platform", "linux")
    assert Network({}).proxy_for(SCOPE) is None
