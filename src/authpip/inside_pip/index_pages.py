"""The pages of an index, as pip reads them.

Stands on collector.parse_links (pip 20.3 to 26.3). Importing this raises ImportError or AttributeError where it is
not there.
"""

from pip._internal.index import collector, package_finder
from pip._internal.index.collector import parse_links as pip_parse_links


def on_links(note):
    """Call note(URL of the page, links) for each page that pip reads from now on."""

    def parse_links(page):
        links = list(pip_parse_links(page))
        note(page.url, links)
        return links

    for module in (collector, package_finder):
        if getattr(module, "parse_links", None) is pip_parse_links:
            module.parse_links = parse_links
