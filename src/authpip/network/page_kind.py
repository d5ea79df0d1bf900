"""What kind of page an index URL answers with: a list of projects, one project, a sign-in page, or something else.

PEP 503: a link of the root page is named like its project and leads to /PROJECT/ below the page. PEP 691: JSON.
What cannot be told from an index (no markup but links, another content type) counts as an index.
"""

from __future__ import annotations

import json
from urllib.parse import unquote, urljoin, urlsplit

from authpip.core.text_forms import project_name
from authpip.network.html_page import Page

INDEX, PROJECT, SIGN_IN, OTHER = "", "project", "sign-in", "other"
ENDS = ("simple", "+simple")  # how the path of an index ends on most servers; devpi's is the second
_ARCHIVES = (".whl", ".tar.gz", ".zip", ".tar.bz2", ".tgz", ".egg")
_MARKUP = frozenset({"form", "script", "style", "img", "nav", "button", "p", "table", "iframe", "svg"})
_SIGN_IN_HOSTS = frozenset({"login", "signin", "sso", "auth", "accounts", "idp"})
_SIGN_IN_WORDS = ("samlrequest", "login", "log-in", "signin", "sign-in", "/sso", "oauth2", "openid")


def kind_of(url: str, content_type: str, body: bytes) -> str:
    """INDEX, PROJECT, SIGN_IN or OTHER. body: the page, or its beginning."""
    kind = content_type.partition(";")[0].strip().lower()
    text = body.decode("utf-8", "replace")
    url = url.partition("?")[0].rstrip("/") + "/"
    if kind == "application/vnd.pypi.simple.v1+json":
        return PROJECT if _is_project(url) else INDEX
    if kind == "application/json":
        return _of_json(text)
    return _of_html(url, text) if kind in {"text/html", "application/xhtml+xml"} else INDEX


def leads_to_sign_in(url: str) -> bool:
    """True where the host, the path or the query of a redirect's target reads like that of a sign-in page."""
    parts = urlsplit(url.lower())
    named = (parts.hostname or "").partition(".")[0] in _SIGN_IN_HOSTS
    return named or any(word in f"{parts.path}?{parts.query}" for word in _SIGN_IN_WORDS)


def root_of(url: str) -> str | None:
    """The index that a project's page belongs to (…/simple/NAME/ → …/simple/); None where the path does not tell."""
    parts = urlsplit(url)
    segments = parts.path.rstrip("/").split("/")
    if len(segments) < 2 or segments[-2] not in ENDS:
        return None
    return f"{parts.scheme}://{parts.netloc}{'/'.join(segments[:-1])}/"


def _is_project(url: str) -> bool:
    return root_of(url) is not None


def _of_json(text: str) -> str:
    """PEP 691 in the plain content type; what was cut off in its middle counts as such a page."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return INDEX
    return INDEX if isinstance(document, dict) and document.keys() & {"projects", "files"} else OTHER


def _of_html(url: str, text: str) -> str:
    page = _Page()
    page.read(text)
    if page.asks_for_password or (page.forms and any(map(leads_to_sign_in, page.forms))):
        return SIGN_IN
    if any(urlsplit(target).path.lower().endswith(_ARCHIVES) for target, _ in page.links):
        return PROJECT if _is_project(url) else INDEX
    if page.is_declared or any(_names_a_project(url, *link) for link in page.links):
        return INDEX
    return OTHER if page.links or page.has_markup else INDEX


def _names_a_project(url: str, target: str, text: str) -> bool:
    path = urlsplit(urljoin(url, target)).path.rstrip("/")
    above, _, name = path.rpartition("/")
    below = above.rstrip("/") == urlsplit(url).path.rstrip("/") or above.endswith(tuple(f"/{end}" for end in ENDS))
    alike = project_name(unquote(name)) == project_name(text.strip().rstrip("/"))
    return bool(name) and name not in ENDS and below and alike


class _Page(Page):
    """The links of a page with their texts, the targets of its forms, and whether there is more than links."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []
        self.forms: list[str] = []
        self.asks_for_password = self.is_declared = self.has_markup = False
        self._target: str | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """See html.parser."""
        named = {name: value or "" for name, value in attrs}
        self.has_markup = self.has_markup or tag in _MARKUP
        if tag == "a":
            self._target, self._text = named.get("href", ""), ""
        elif tag == "form":
            self.forms.append(named.get("action", ""))
        elif tag == "input":
            hides = named.get("type", "").lower() == "password"
            self.asks_for_password = self.asks_for_password or hides or named.get("name", "").startswith("SAML")
        elif tag == "meta":
            self.is_declared = self.is_declared or named.get("name", "") == "pypi:repository-version"

    def handle_data(self, data: str) -> None:
        """See html.parser."""
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        """See html.parser."""
        if tag == "a" and self._target is not None:
            self.links.append((self._target, self._text))
            self._target = None
