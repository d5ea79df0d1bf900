"""Index URLs as pip takes them in: passwords move out, indexes that only pip can see are asked for in time.

Stands on pip._internal.models.search_scope.SearchScope and on collector.parse_links (pip 20.3 to 26.3).
Importing this raises ImportError or AttributeError where they are not there.
"""

from pip._internal.index import collector, package_finder
from pip._internal.index.collector import parse_links as pip_parse_links
from pip._internal.models.search_scope import SearchScope


def install(table, helper):
    """After the authentication object is in place."""
    _strip_search_scope(SearchScope, helper)

    def parse_links(page):
        links = list(pip_parse_links(page))
        table.link(page.url, (link.url_without_fragment for link in links))
        return links

    for module in (collector, package_finder):
        if getattr(module, "parse_links", None) is pip_parse_links:
            module.parse_links = parse_links


def _strip_search_scope(cls, helper):
    original = cls.__init__

    def __init__(self, find_links, index_urls, *rest, **named):  # noqa: N807
        find_links = [helper.absorb(link) for link in find_links]
        index_urls = [helper.meet(url) for url in index_urls]
        original(self, find_links, index_urls, *rest, **named)

    cls.__init__ = __init__
