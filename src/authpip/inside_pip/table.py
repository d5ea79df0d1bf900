"""What may be sent where: the handoff's scopes, what was learnt late, and the files that index pages link to."""

from _authpip_inside import scope as scopes

NEVER, PIP = "never", "pip"


class Entry:
    """One scope and what is sent there: a credential, or `never`, or `pip` (pip's own affair)."""

    __slots__ = ("identity", "place", "rejected", "scheme", "scope", "source", "url")

    def __init__(self, scope, url, place, credential=None):
        self.scope, self.url, self.place, self.rejected = tuple(scope), url, place, False
        self.scheme = self.source = self.identity = None
        if credential:
            self.scheme, _, _, self.source, self.identity = credential

    def __repr__(self):
        return "<Entry %s://%s:%s%s>" % self.scope


class Table:
    """Decides for each request; the secrets stay in `message`, which a nested pip gets as it is."""

    def __init__(self, message):
        self.message = message
        self.credentials = message.setdefault("credentials", [])
        self.entries = []
        self.linked = {}
        for scheme, host, port, path, url, place in message.setdefault("scopes", []):
            self._enter((scheme, host, port, path), url, place)

    def entry_for(self, url):
        """The entry with the longest prefix that covers the URL, or the one whose page linked to it; or None."""
        scope = scopes.parse(url)
        if scope is None:
            return None
        covering = [entry for entry in self.entries if scopes.covers(entry.scope, scope)]
        if covering:
            return max(covering, key=lambda entry: len(entry.scope[3]))
        return self.linked.get(scope)

    def is_managed_site(self, url):
        """True where some credential belongs to this scheme, host and port: nothing else is ever sent there."""
        scope = scopes.parse(url)
        return scope is not None and any(entry.scope[:3] == scope[:3] and entry.place != PIP for entry in self.entries)

    def watches(self, url):
        """True where authpip may know more than it has been asked."""
        scope = scopes.parse(url)
        return scope is not None and any(_watch_matches(text, scope) for text in self.message.get("watch", ()))

    def add(self, scope, url, place, credential=None):
        """Enter what was learnt in this process; a nested pip will know it, too."""
        if credential is not None:
            place = len(self.credentials)
            self.credentials.append(list(credential))
        self.entries = [entry for entry in self.entries if entry.scope != tuple(scope)]
        self.message["scopes"] = [row for row in self.message["scopes"] if tuple(row[:4]) != tuple(scope)]
        self.message["scopes"].append([*scope, url, place])
        return self._enter(scope, url, place)

    def link(self, page_url, urls):
        """Files that a page of an index links to, on the same site outside its prefix, belong to that index."""
        entry = self.entry_for(page_url)
        if entry is None or entry.place == PIP:
            return
        site = page_url.split("://", 1)[0] + "://" + page_url.split("://", 1)[-1].split("/", 1)[0] + "/"
        for url in urls:
            if url.startswith(site):  # a cheap look first: pages may hold thousands of links
                scope = scopes.parse(url)
                if scope and scope[:3] == entry.scope[:3] and not scopes.covers(entry.scope, scope):
                    self.linked[scope] = entry
                    self.linked[(*scope[:3], scope[3][:-1] + ".metadata/")] = entry  # PEP 658

    def secret_of(self, entry):
        """(username, secret) of an entry that has a credential."""
        _, username, secret, _, _ = self.credentials[entry.place]
        return username, secret

    def _enter(self, scope, url, place):
        credential = self.credentials[place] if isinstance(place, int) else None
        entry = Entry(scope, url, place, credential)
        self.entries.append(entry)
        return entry


def _watch_matches(text, scope):
    if "://" in text:
        prefix = scopes.parse(text)
        return prefix is not None and scopes.covers(prefix, scope)
    return scope[0] == "https" and scopes.host_matches(text, scope[1])
