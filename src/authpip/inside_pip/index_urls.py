"""Change how pip reads the URLs of the user: passwords are removed, and authpip is asked about each index that only pip
sees.

Relies on pip._internal.models.search_scope.SearchScope and on pip._internal.req.req_file (pip 20.3 to 26.3).
Importing this raises ImportError or AttributeError if they are missing.
"""

import re

from _authpip_inside import refusal
from _authpip_inside import scope as scopes
from pip._internal.models.search_scope import SearchScope
from pip._internal.req import req_file

URL = re.compile(r"(?<![\w+])https?://[^\s;'\"]+", re.ASCII | re.IGNORECASE)  # git+https:// is for git
PARSED_REQUIREMENT, GET_FILE_CONTENT = req_file.ParsedRequirement, req_file.get_file_content


def _refuse_unnamed(found):
    if found:
        rule, url = found
        why = "no rule names it, and the rule %r (%s) has index-only = true" % (rule.name, rule.configured_in)
        refusal.say("not using %s: %s; add a rule for it, or remove it" % (scopes.without_userinfo(url), why))
        refusal.stop("an index that no rule names")


def install(helper):
    """Replace pip's readers of URLs. To be called after auth.install."""
    original = SearchScope.__init__

    def __init__(self, find_links, index_urls, *rest, **named):  # noqa: N807
        find_links = [helper.absorb(link) for link in find_links]
        index_urls = [helper.meet(url) for url in index_urls]
        _refuse_unnamed(helper.table.rules.unnamed_beside(index_urls))
        original(self, find_links, index_urls, *rest, **named)

    def parsed_requirement(requirement, *rest, **named):
        text = URL.sub(lambda match: helper.absorb(match[0]), requirement)
        return PARSED_REQUIREMENT(text, *rest, **named)

    def get_file_content(url, *rest, **named):
        return GET_FILE_CONTENT(helper.absorb(url), *rest, **named)

    SearchScope.__init__ = __init__
    req_file.ParsedRequirement = parsed_requirement
    req_file.get_file_content = get_file_content
