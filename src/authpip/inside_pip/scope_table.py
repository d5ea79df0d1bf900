"""Which credential a URL gets: by the handoff's scopes, the helper's answers, and the links of index pages."""

import base64
import re
from array import array

from _authpip_inside import scope as scopes
from _authpip_inside import sigv4
from _authpip_inside.rules import Rules

NEVER, UNMANAGED = "never", "unmanaged"
SAME_ORIGIN, SAME_PATH = "same-origin", "same-path"
# The endings of distributions' files (pip's utils.filetypes), without that of the metadata file (PEP 658).
FILES = (
    ".whl",
    ".tar.gz",
    ".zip",
    ".tgz",
    ".tar.bz2",
    ".tbz",
    ".tar.xz",
    ".txz",
    ".tlz",
    ".tar.lz",
    ".tar.lzma",
    ".tar",
)
METADATA = ".metadata"


class Credential:
    """One credential of the handoff. provider, identity: which provider gave it and whose it is, for messages.

    cached: a token that an earlier command got.
    """

    def __init__(self, scheme, username, secret, provider, identity, cached=False):
        self.scheme, self.username, self.secret = scheme, username, secret
        self.provider, self.identity, self.cached = provider, identity, cached

    def __eq__(self, other):
        return isinstance(other, Credential) and vars(self) == vars(other)

    __hash__ = None

    def __repr__(self):
        return "<Credential of %s>" % self.provider

    def header(self):
        """The value of Authorization (RFC 7617, RFC 6750)."""
        if self.scheme == "bearer":
            return "Bearer " + self.secret
        pair = "%s:%s" % (self.username, self.secret)
        return "Basic " + base64.b64encode(pair.encode()).decode("ascii")


class Entry:
    """One scope and the decision for it: a Credential, NEVER, or UNMANAGED (pip does what it does without authpip).

    url: of the index, for questions to authpip. shown: the same without a user name, for messages. links: which files
    that its pages link to get the credential.
    """

    def __init__(self, scope, url, decision, links=SAME_ORIGIN):
        self.scope, self.url, self.decision, self.links = tuple(scope), url, decision, links
        self.shown = url[: url.find("://") + 3] + url[url.find("://") + 3 :].rpartition("@")[2]
        self.renewed = self.told = False

    @property
    def is_unmanaged(self):
        """True if pip does what it does without authpip."""
        return self.decision == UNMANAGED

    @property
    def has_credential(self):
        """True if requests within the scope get a credential."""
        return isinstance(self.decision, Credential)

    def __repr__(self):
        return "<Entry %s://%s:%s%s>" % self.scope


UNKNOWN = Entry(("", "", 0, ""), "", UNMANAGED)
NOTHING = Entry(("", "", 0, ""), "", NEVER)


class Table:
    """Decides for each request."""

    def __init__(self, message):
        self.rules = Rules(message)
        credentials = [Credential(*fields) for fields in message.get("credentials", ())]
        self.entries, self.pages = [], []
        for scheme, host, port, path, url, decision, links in message.get("scopes", ()):
            decision = credentials[decision] if isinstance(decision, int) else decision
            self.entries.append(Entry((scheme, host, port, path), url, decision, links))

    def entry_for(self, url):
        """The entry of the URL, or of the index whose page links to it.

        If there is none: NOTHING for a refused URL and for an origin that authpip manages, else UNKNOWN.
        """
        scope = scopes.parse(url)
        best = self._best(url, scope)
        if best is not None:
            return best
        managed = scope is None or any(e.scope[:3] == scope[:3] and not e.is_unmanaged for e in self.entries)
        return NOTHING if managed else UNKNOWN

    def known(self, url):
        """The entry with the longest prefix that covers the URL; or None.

        An unmanaged entry, such as that of a direct link, gives way to the managed index around it.
        """
        scope = scopes.parse(url)
        if scope is None:
            return None
        covering = [entry for entry in self.entries if scopes.covers(entry.scope, scope)]
        return max(covering, key=lambda entry: (not entry.is_unmanaged, len(entry.scope[3])), default=None)

    def must_ask(self, url):
        """True if authpip may have a credential for this URL, and has not been asked yet."""
        scope = scopes.parse(url)
        if scope is None:
            return False
        best = self._best(url, scope)
        return self.rules.watch(scope) if best is None else not self.rules.speak_alike(best.scope, scope)

    def _best(self, url, scope):
        """The known entry; or the entry whose page links to this file, if no other index, rule or login applies to the
        file; or None."""
        known = self.known(url)
        if scope is None or not (known is None or (known.is_unmanaged and known.scope == scope)):
            return known
        linked = self._linked(url, scope)
        return linked if linked is not None and self.rules.speak_alike(linked.scope, scope) else known

    def add(self, scope, url, decision, links=SAME_ORIGIN):
        """Add an entry while pip runs; it replaces one of the same scope."""
        entry = Entry(scope, url, decision, links)
        self.entries = [one for one in self.entries if one.scope != entry.scope] + [entry]
        return entry

    def note_links(self, page_url, links):
        """Remember the links of an index page, for the decision when pip requests a file.

        Each link is one number: a page may have tens of thousands of links, and pip requests one or two of them.
        """
        entry = self.known(page_url)
        if entry is not None and entry.has_credential and entry.links == SAME_ORIGIN:
            self.pages.append((entry, array("q", [_number_of_link(link.url) for link in links])))

    def _linked(self, url, scope):
        """The entry of the index whose page links to this file, at the same origin; or None."""
        for entry, numbers in reversed(self.pages):
            if scope[:3] != entry.scope[:3]:
                continue
            file = url[: -len(METADATA)] if url.endswith(METADATA) else url
            hashed = _number(file, hashed=True) in numbers
            if hashed or (_is_file(file) and _number(file, hashed=False) in numbers):
                return entry
        return None


def headers(entry, method, url):
    """The headers that authenticate a request (also AWS Signature Version 4); {} if it gets no credential."""
    if not entry.has_credential:
        return {}
    if entry.decision.scheme == "s3":
        return sigv4.headers(method, url, entry.decision.secret)
    return {"Authorization": entry.decision.header()}


def _number_of_link(url):
    file, _, fragment = url.partition("#")
    return _number(file, hashed="=" in fragment)


def _number(file, hashed):
    return hash(file) ^ hashed


def _is_file(url):
    return url.partition("?")[0].lower().endswith(FILES)


def project_of(url):
    """The normalised project name (PEP 503) in the URL of a distribution's file; or None."""
    file = url.partition("#")[0].partition("?")[0].rpartition("/")[2]
    ending = next((ending for ending in FILES if file.lower().endswith(ending)), None)
    stem = file[: -len(ending)] if ending else ""
    name = stem.partition("-")[0] if ending == ".whl" else stem.rpartition("-")[0]
    return re.sub("[-_.]+", "-", name).lower() or None
