"""Ask authpip about the indexes that only pip sees, each of them once."""

import threading
import time

from _authpip_inside import refusal
from _authpip_inside import scope as scopes
from _authpip_inside.question import Asker
from _authpip_inside.scope_table import NOTHING, Credential, project_of
from _authpip_inside.unserved import Unserved

SILENT = ("aws",)  # CodeArtifact answers 404 where another index answers 401


class FromURL:
    """A URL without its user name and password, and the Authorization header that they make, or None."""

    def __init__(self, url, authorization=None):
        self.url, self.authorization = url, authorization


class Helper:
    """Decides about URLs, and asks `auth helper late` about URLs that are not in the table.

    read_page(URL): reads a page of an index, so that the table knows its links; set by patches.py.
    """

    def __init__(self, message, table):
        self.table, self.asker = table, Asker(message)
        self.read_page, self.unserved = None, Unserved(table.rules, table.known)
        self.asked, self.lock = set(), threading.RLock()

    def entry_for(self, url):
        """The table's entry. If there is none and authpip may have a credential, authpip is asked first."""
        with self.lock:
            if self.table.must_ask(url):
                self._enter(self._answer(url, fresh=False))
            return self.table.entry_for(url)

    def decide(self, url):
        """(entry, FromURL) for one request.

        A user name and password in the URL are used for this request only, and only if authpip does not manage the URL.
        """
        clean, name, password = scopes.split_userinfo(url)
        if password is None:
            return self.entry_for(url), FromURL(url)
        entry = self.entry_for(clean)
        if not entry.is_unmanaged:
            return entry, FromURL(clean)
        self._refuse_plain_http(clean)
        return entry, FromURL(clean, Credential("basic", name, password, "url", name).header())

    def meet(self, url):
        """The index URL without its password. authpip is asked about an index that is new."""
        url = self.absorb(url)
        if scopes.parse(url.strip()) is not None:
            self.entry_for(url.strip())
        return url

    def absorb(self, url):
        """The URL without its password, which becomes the credential of its scope if that has none."""
        clean, name, password = scopes.split_userinfo(url.strip())
        scope = scopes.parse(clean)
        if password is None or scope is None:
            return url
        entry = self.entry_for(clean)
        if entry.is_unmanaged or entry is NOTHING:
            self._refuse_plain_http(clean)
            self.table.add(scope, clean, Credential("basic", name, password, "url", name))
        return clean

    def is_doubted(self, entry, status):
        """True for the first 404 of an index that also answers 404 to a cached token which is no longer valid."""
        is_cached = entry.has_credential and entry.decision.cached and entry.decision.provider in SILENT
        return status == 404 and is_cached and not entry.renewed

    def renew(self, entry, sent, status):
        """True if the entry now has another credential than the one that was sent and rejected.

        A 404 may be correct, so the run does not end if there is no other token.
        """
        with self.lock:
            if entry.decision == sent and not entry.renewed:
                entry.renewed = True
                refusal.debug("%s answered %d: its credential is renewed once" % (entry.shown, status))
                ask = self._answer if status != 404 else self.asker.ask
                answer = (ask(entry.url, fresh=True) or {}) if entry.decision.provider != "url" else {}
                if isinstance(answer.get("decision"), list):
                    entry.decision = Credential(*answer["decision"])
            return entry.decision != sent

    def ask_after_401(self, url):
        """An entry with a credential, if authpip has one for an index that answered 401; else None."""
        with self.lock:
            known = self.table.known(url)
            target = known.url if known is not None else scopes.site(url)
            if target not in self.asked:
                self.asked.add(target)
                answer = self._answer(known.url if known is not None else url, fresh=True)
                if isinstance(answer.get("decision"), list):
                    self._enter(answer)
                entry = self.table.known(url)
                if entry is not None and entry.has_credential:
                    return entry
            return self._index_that_lists(url)

    def _index_that_lists(self, url):
        """The entry of an index of the same origin whose page of the project links to this file; or None.

        A lock file names files by their URLs, and the files of an index may be outside of its path.
        """
        project, scope = project_of(url), scopes.parse(url)
        for entry in self.table.entries if project and scope is not None else ():
            page = "%s/%s/" % (entry.url.rstrip("/"), project)
            if entry.has_credential and entry.scope[:3] == scope[:3] and page not in self.asked:
                self.asked.add(page)
                self.read_page(page)
        found = self.table.entry_for(url)
        return found if found.has_credential else None

    def rejected(self, entry, status):
        """Name the index, the identity, the provider and the remedy, once. After a 401, end the run.

        pip would skip this index and take a package of the same name from the next one (A27). A 403 may be about one
        project, so pip goes on.
        """
        if not entry.told:
            entry.told = True
            credential = entry.decision
            whose = "%s (provider: %s)" % (credential.identity or "an unnamed user", credential.provider)
            remedy = "run `authpip auth check {0}`, or log in again with `authpip auth login {0}`".format(entry.shown)
            refusal.say("%s answered %d to the credential of %s; %s" % (entry.shown, status, whose, remedy))
        if status == 401:
            refusal.stop("%s rejects its credential" % entry.shown)

    def was_told(self, response):
        """True if the user has been told of this 401 or 403."""
        return self.table.entry_for(response.url).told or self.unserved.was_told(response.url)

    def led_astray(self, entry, url):
        """End the run: a managed index redirects to a URL that requires a credential, and no provider has one (A27)."""
        target = scopes.site(url)
        refusal.say(
            "%s redirects to %s, which requires a credential; if you trust it, run `authpip auth login %s`"
            % (entry.shown, target, target)
        )
        refusal.stop("%s cannot be read" % entry.shown)

    def _answer(self, url, fresh):
        """authpip's answer; {} if it has none. Ends the run if a required credential is missing (P9)."""
        began = time.monotonic()
        answer = self.asker.ask(url, fresh)
        _tell_of(url, "asked again" if fresh else "asked late", answer, began)
        if (answer is None and not fresh) or "error" in (answer or {}):
            refusal.stop("no credential for %s" % scopes.site(url))  # authpip has said why
        return answer or {}

    def may_send(self, url):
        """False if a credential would be readable on the way, and no rule allows that (P2)."""
        scope = scopes.parse(url)
        return scope is not None and (scopes.is_private(*scope[:2]) or self.table.rules.allow_http(scope))

    def _refuse_plain_http(self, url):
        if not self.may_send(url):
            refusal.say(
                "not sending the password in the URL of %s: it is plain http, readable on the way" % scopes.site(url)
            )
            refusal.stop("the password for %s would go over plain http" % scopes.site(url))

    def _enter(self, answer):
        if "scope" in answer:
            decision = answer["decision"]
            decision = Credential(*decision) if isinstance(decision, list) else decision
            self.table.add(answer["scope"], answer["url"], decision, answer["links"])


def _tell_of(url, how, answer, began):
    """Say the result of a question to authpip, for AUTHPIP_LOG=debug."""
    has_one = isinstance((answer or {}).get("decision"), list)
    outcome = "a credential" if has_one else "no credential"
    seconds = time.monotonic() - began
    refusal.debug("%s: %s from inside pip: %s (%d ms)" % (scopes.site(url), how, outcome, seconds * 1000))
