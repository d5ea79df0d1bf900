"""Observe and read the pages of an index.

Relies on collector.parse_links and on the function that fetches a page (pip 20.3 to 26.3).
Importing this raises ImportError or AttributeError if they are missing.
"""

from pip._internal.index import collector, package_finder
from pip._internal.index.collector import parse_links as pip_parse_links
from pip._internal.models.link import Link

FETCH = getattr(collector, "_get_index_content", None) or collector._get_html_page


def on_links(note):
    """Call note(URL of the page, links) for each page that pip reads from now on."""

    def parse_links(page):
        links = list(pip_parse_links(page))
        note(page.url, links)
        return links

    for module in (collector, package_finder):
        if getattr(module, "parse_links", None) is pip_parse_links:
            module.parse_links = parse_links


def read(session, url):
    """Read one page, so that the functions of on_links get its links; a page that cannot be read has none."""
    page = FETCH(Link(url), session=session)
    if page is not None:
        list(collector.parse_links(page))
