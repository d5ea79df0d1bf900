"""Index URLs as pip takes them in: passwords move out, indexes that only pip can see are asked for in time.

Stands on pip._internal.models.search_scope.SearchScope (pip 20.3 to 26.3).
Importing this raises ImportError or AttributeError where they are not there.
"""

from pip._internal.models.search_scope import SearchScope


def install(helper):
    """After the authentication object is in place."""
    original = SearchScope.__init__

    def __init__(self, find_links, index_urls, *rest, **named):  # noqa: N807
        find_links = [helper.absorb(link) for link in find_links]
        index_urls = [helper.meet(url) for url in index_urls]
        original(self, find_links, index_urls, *rest, **named)

    SearchScope.__init__ = __init__
