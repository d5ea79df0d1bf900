"""What may be sent where: the handoff's scopes, what was learnt late, and the files that index pages link to."""

import base64

from _authpip_inside import scope as scopes
from _authpip_inside import sigv4
from _authpip_inside.linked_files import LinkedFiles
from _authpip_inside.rules import Rules

NEVER, PIP = "never", "pip"


class Entry:
    """One scope and what is sent there: a credential's number, or `never`, or `pip` (pip's own affair).

    url names the index as authpip is asked for it; shown is the same without a user name, for messages.
    """

    def __init__(self, scope, url, place):
        self.scope, self.url, self.place = tuple(scope), url, place
        self.shown = url[: url.find("://") + 3] + url[url.find("://") + 3 :].rpartition("@")[2]
        self.renewed = self.told = False

    @property
    def is_pips(self):
        """True where authpip has no say."""
        return self.place == PIP

    @property
    def has_credential(self):
        """True where something is sent."""
        return isinstance(self.place, int)

    def __repr__(self):
        return "<Entry %s://%s:%s%s>" % self.scope


UNKNOWN = Entry(("", "", 0, ""), "", PIP)
NOTHING = Entry(("", "", 0, ""), "", NEVER)


class Table:
    """Decides for each request; the secrets stay in `message`, which a nested pip gets as it is."""

    def __init__(self, message):
        self.message = message
        self.rules, self.links = Rules(message), LinkedFiles()
        self.credentials = message.setdefault("credentials", [])
        self.entries = []
        for scheme, host, port, path, url, place in message.setdefault("scopes", []):
            self.entries.append(Entry((scheme, host, port, path), url, place))

    def entry_for(self, url):
        """What is known of the URL; else NOTHING where a credential belongs to its origin, or it is odd; else
        UNKNOWN."""
        scope = scopes.parse(url)
        known = self.known(url)
        if known is not None:
            return known
        managed = scope is None or any(e.scope[:3] == scope[:3] and not e.is_pips for e in self.entries)
        return NOTHING if managed else UNKNOWN

    def known(self, url):
        """The entry with the longest prefix that covers the URL, or else the one whose page linked to it; or None.

        A file that is named by itself, and of which nothing is known, belongs to an index around it.
        """
        scope = scopes.parse(url)
        if scope is None:
            return None
        covering = [entry for entry in self.entries if scopes.covers(entry.scope, scope)]
        best = max(covering, key=lambda entry: (not entry.is_pips, len(entry.scope[3])), default=None)
        if any(not entry.is_pips or entry.scope != scope for entry in covering):
            return best
        linked = self.links.owner_of(scope[:3], url)
        return linked if linked is not None and self.rules.speak_alike(linked.scope, scope) else best

    def needs_answer(self, url):
        """True where authpip may know more about this place than it was asked so far."""
        scope = scopes.parse(url)
        if scope is None:
            return False
        known = self.known(url)
        return self.rules.watch(scope) if known is None else not self.rules.speak_alike(known.scope, scope)

    def add(self, scope, url, place):
        """Enter what was learnt late, for nested pips too. place: a credential itself, "never" or "pip"."""
        entry = Entry(scope, url, self._number(place))
        self.entries = [one for one in self.entries if one.scope != entry.scope] + [entry]
        self._write_down()
        return entry

    def renew(self, entry, credential):
        """Another credential for an entry, whose scope stays as it was; the same one again is none."""
        if self.credentials[entry.place] != credential:
            entry.place = self._number(credential)
            self._write_down()

    def note_links(self, page_url, links):
        """Files that a page of an index links to, at the same origin outside its path, belong to that index, where no
        other index, rule or login speaks of them (known)."""
        entry = self.known(page_url)
        if entry is not None and not entry.is_pips and self.rules.allow_links(entry.scope):
            self.links.add(entry, entry.scope[:3], links)

    def headers(self, entry, method, url):
        """What authenticates a request (RFC 7617, RFC 6750, AWS Signature Version 4); nothing where nothing is sent."""
        if not entry.has_credential:
            return {}
        scheme, username, secret, _, _ = self.credentials[entry.place]
        if scheme == "s3":
            return sigv4.headers(method, url, secret)
        if scheme == "bearer":
            return {"Authorization": "Bearer " + secret}
        pair = base64.b64encode(("%s:%s" % (username, secret)).encode()).decode("ascii")
        return {"Authorization": "Basic " + pair}

    def _number(self, place):
        """The place of a credential in the message; a word stays what it is."""
        if not isinstance(place, (list, tuple)):
            return place
        self.credentials.append(list(place))
        return len(self.credentials) - 1

    def _write_down(self):
        self.message["scopes"] = [[*entry.scope, entry.url, entry.place] for entry in self.entries]
