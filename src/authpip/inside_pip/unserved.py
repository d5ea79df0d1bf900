"""An index answers 401, and no provider has a credential for it: print one line for each index, and end with exit
status 3 if the run fails because of it.

pip itself does not mention the 401: it goes on to its other indexes, or ends with "from versions: none". Stands on
pip._internal.exceptions.DistributionNotFound (pip 20.3 to 26.3).
"""

from _authpip_inside import refusal
from _authpip_inside import scope as scopes
from _authpip_inside.scope_table import NEVER
from pip._internal.exceptions import DistributionNotFound

SIMPLE = "/simple/"  # PEP 503's name for the root of an index


class Unserved:
    """The indexes that answered 401 to a request without a credential. known(url): the table's entry, or None.

    is_told_for_us(url): True if the pip that started this one has told the user.
    """

    def __init__(self, rules, known, is_told_for_us=lambda _: False):
        self.rules, self.known, self.is_told_for_us = rules, known, is_told_for_us
        self.told, self.notes_pages = set(), False

    def tell(self, url):
        """Name the index, its answer and the remedy, once."""
        shown = self._index(url)
        if shown not in self.told:
            self.told.add(shown)
            if self.is_told_for_us(url):
                return
            refusal.say(self._line(url, shown))

    def was_told(self, url):
        """True if the user has been told that this URL lacks a credential."""
        return self._index(url) in self.told

    def note(self, request):
        """If the run fails, it lacks a credential; after a request for a page, only if a package is missing."""
        if "text/html" not in str(request.headers.get("Accept", "")):
            refusal.note("a file needs a credential")
        elif not self.notes_pages:
            self.notes_pages = True
            _on_missing_package(lambda: refusal.note("an index needs a credential"))

    def _line(self, url, shown):
        entry = self.known(url)
        rule = self.rules.rule_for(entry.scope) if entry is not None and entry.decision == NEVER else None
        if rule is not None:
            where = "the rule %r (%s)" % (rule.name, rule.configured_in)
            return "%s answered 401, and %s says never; change `authenticate` there" % (shown, where)
        return "{0} answered 401, and no provider has a credential for it; type: authpip auth login {0}".format(shown)

    def _index(self, url):
        """The URL of the index that a URL belongs to, for `auth login`."""
        entry = self.known(url)
        if entry is not None:
            return entry.shown
        clean = scopes.without_userinfo(url).partition("?")[0].partition("#")[0]
        if SIMPLE in clean:
            return clean[: clean.index(SIMPLE) + len(SIMPLE)]
        return clean.rstrip("/").rpartition("/")[0] + "/"


def _on_missing_package(work):
    original = DistributionNotFound.__init__

    def __init__(error, *words, **named):  # noqa: N807
        work()
        original(error, *words, **named)

    DistributionNotFound.__init__ = __init__
