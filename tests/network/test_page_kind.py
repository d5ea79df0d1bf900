"""What kind of page an index URL answers with; pages as the servers have them."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from authpip.network.page_kind import INDEX, OTHER, PROJECT, SIGN_IN, kind_of, leads_to_sign_in, root_of

SIMPLE = "https://pypi.corp.example/team/simple/"
JSON = "application/vnd.pypi.simple.v1+json"
FRONT = "<h1>Welcome to pypiserver!</h1><p><a href='/packages/'>list</a> or the <a href='/simple/'>simple</a> index"
PAGES = {
    "PEP 503": (SIMPLE, "<html><body><a href='/team/simple/corp-lib/'>Corp.Lib</a></body></html>", INDEX),
    "relative": (SIMPLE, "<h1>x</h1><p>note</p><a href='corp-lib/'>corp-lib</a>", INDEX),
    "without the last slash": (SIMPLE[:-1], "<a href='corp-lib/'>corp-lib</a>", INDEX),
    "no project yet": (SIMPLE, "<!DOCTYPE html><html><body><h1></h1></body></html>", INDEX),
    "says what it is": (SIMPLE, "<meta name='pypi:repository-version' content='1.0'><p>x</p>", INDEX),
    "cut off": (SIMPLE, "<p>x</p><a href='a/'>a</a><a href='bb", INDEX),
    "nginx autoindex": (
        SIMPLE,
        "<h1>Index of</h1><hr><pre><a href='../'>../</a><a href='x/'>x/</a>",
        INDEX,
    ),
    "a page of links": ("https://h.example/wheels/", "<p>x</p><a href='x-1-py3-none-any.whl'>x</a>", INDEX),
    "one project": (f"{SIMPLE}x/", "<h1>Links for x</h1><a href='../../f/x-1.tar.gz#sha256=0'>x-1.tar.gz</a>", PROJECT),
    "pypiserver's front page": (
        "https://pypi.corp.example/",
        FRONT,
        OTHER,
    ),
    "above the index": ("https://h.example/team/", "<a href='../'>../</a><a href='simple/'>simple/</a>", OTHER),
    "nginx's welcome": (SIMPLE, "<h1>Welcome to nginx!</h1><p><a href='http://nginx.org/'>nginx.org</a>", OTHER),
    "an application": (SIMPLE, "<script src='/app.js'></script><div id='root'></div>", OTHER),
    "a form for a password": (SIMPLE, "<form action='/x'><input type='password' name='p'></form>", SIGN_IN),
    "SAML": (SIMPLE, "<form action='https://idp/x'><input type='hidden' name='SAMLRequest' value='x'></form>", SIGN_IN),
    "single sign-on": (SIMPLE, "<form action='https://sso.corp.example/sso/start'><button>go</button></form>", SIGN_IN),
}


@pytest.mark.parametrize(("url", "page", "kind"), PAGES.values(), ids=PAGES)
def test_pages(url: str, page: str, kind: str) -> None:
    """trial B2: an index and a page of links are told from a project's page, a sign-in page and all else."""
    assert kind_of(url, "text/html; charset=utf-8", page.encode()) == kind


@pytest.mark.parametrize(
    ("content_type", "body", "kind"),
    [
        (JSON, b"{", INDEX),
        ("application/json", b'{"meta": {}, "projects": []}', INDEX),
        ("application/json", b'{"result": {"type": "indexconfig"}, "type": "indexconfig"}', OTHER),
        ("application/json", b'{"projects": [', INDEX),
        ("application/octet-stream", b"PK", INDEX),
        ("", b"", INDEX),
    ],
)
def test_other_content_types(content_type: str, body: bytes, kind: str) -> None:
    """PEP 691 is an index, devpi's description of a user's index is not; what is unknown counts as one."""
    assert kind_of(SIMPLE, content_type, body) == kind


@example("<![;", "")
@given(st.text(alphabet="<>a/='\" href\x00&;!-[]"), st.text(max_size=40))
def test_any_page(page: str, url: str) -> None:
    """trial B2: no page and no URL makes it fail."""
    assert kind_of(f"https://h.example/{url}", "text/html", page.encode()) in {INDEX, PROJECT, SIGN_IN, OTHER}


def test_where_a_url_leads() -> None:
    """trial B7: a sign-in page is told from a moved index; the index of a project's page is its parent."""
    assert leads_to_sign_in("https://login.corp.example/x")
    assert leads_to_sign_in("https://corp.example/x?SAMLRequest=1")
    assert not leads_to_sign_in("https://pypi.corp.example/team/simple/")
    assert root_of(f"{SIMPLE}x/") == SIMPLE
    assert root_of(SIMPLE) is None
