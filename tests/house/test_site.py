"""The documentation as a site: it builds strictly, its links lead somewhere, and it loads nothing from another host."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from functools import cache
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from authpip.files.toml import loads_or_nothing
from support.machine.isolation import GUARD, ROOT
from support.machine.requirements import missing

pytestmark = pytest.mark.real

# What a browser loads by itself. A link that a reader clicks (`a`) may lead to another host.
LOADED = {("link", "href"), *((tag, "src") for tag in ("script", "img", "iframe", "source", "video", "audio"))}
FROM_ELSEWHERE = re.compile(r"(?:@import|url\()\s*['\"]?(?:https?:)?//")


class Page(HTMLParser):
    """One page: what it loads, where its links lead, and its anchors."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if (tag, name) in LOADED and value:
                self.loads.append(value)
            elif (tag, name) == ("a", "href") and value:
                self.links.append(value)
            elif name == "id" and value:
                self.anchors.add(value)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site."""
    if not find_spec("zensical"):
        missing("zensical")
    target = tmp_path_factory.mktemp("docs")
    with GUARD.outside() as machine:
        argv = [sys.executable, str(ROOT / "scripts/docs_build.py"), str(target)]
        done = subprocess.run(argv, env=machine, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return target / "site"


@cache
def page(path: Path) -> Page:
    """A page, read once."""
    return Page(path.read_text("utf-8"))


def html_pages(site: Path) -> list[Path]:
    """The pages of the site; 404.html is served for any address, so that its links begin at the site's root."""
    return [path for path in sorted(site.rglob("*.html")) if path.name != "404.html"]


def test_every_link_leads_somewhere(site: Path) -> None:
    """Each link, picture and anchor of each page is in the site, or leads to another host by https."""
    for path in html_pages(site):
        for link in (*page(path).links, *page(path).loads):
            parts = urlsplit(link)
            if parts.scheme:
                assert parts.scheme == "https", f"{path.name}: {link}"
                continue
            target = Path(os.path.normpath(path.parent / unquote(parts.path))) if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            assert target.is_file(), f"{path.name}: {link}"
            if parts.fragment and target.suffix == ".html":
                assert unquote(parts.fragment) in page(target).anchors, f"{path.name}: {link}"


def test_nothing_is_loaded_from_another_host(site: Path) -> None:
    """No font, script, picture or style of another host, in pages, styles and pictures."""
    for path in site.rglob("*.html"):
        assert [url for url in page(path).loads if "//" in url] == [], path.name
    for path in (*site.rglob("*.html"), *site.rglob("*.css"), *site.rglob("*.svg")):
        assert not FROM_ELSEWHERE.search(path.read_text("utf-8")), path.name
    for path in site.rglob("*.svg"):
        assert not re.search(r"(?:href|src)=['\"]", path.read_text("utf-8")), path.name


def test_no_page_makes_the_sites_script_load_something(site: Path) -> None:
    """The site's own script would fetch a library for a diagram, a gallery, an editor or a repository's figures."""
    for path in site.rglob("*.html"):
        assert not re.search(r'class="(?:mermaid|glightbox|pyodide)|md-source__repository', path.read_text("utf-8"))


def test_every_page_can_be_found(site: Path) -> None:
    """Each page of docs/ stands in the navigation, and the search finds the words of each."""
    navigation = str(loads_or_nothing((ROOT / "zensical.toml").read_text("utf-8"))["project"]["nav"])
    for path in (ROOT / "docs").glob("*.md"):
        assert path.name == "README.md" or f"'{path.name}'" in navigation, f"zensical.toml: nav lacks {path.name}"
    decisions = (ROOT / "docs/decisions/README.md").read_text("utf-8")
    assert [path.name for path in (ROOT / "docs/decisions").glob("0*.md") if f"({path.name})" not in decisions] == []
    found = json.dumps(json.loads((site / "search.json").read_text("utf-8")))
    for path in html_pages(site):
        assert path.relative_to(site).as_posix() in found, path.name
