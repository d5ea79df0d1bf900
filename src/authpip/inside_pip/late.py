"""Questions that only pip could raise, put to authpip over a private pipe: each index once (design: step 6)."""

import json
import os
import signal
import subprocess
import threading

from _authpip_inside import refusal
from _authpip_inside import scope as scopes

PLAIN_HTTP = (
    "not sending a credential to %s: it is plain http, readable on the way; "
    "use https, or set `allow-http = true` in a rule for this index"
)
DEADLINE = 60  # seconds; authpip's own deadlines are shorter


class Helper:
    """Asks authpip's `auth helper late`, and keeps what it said in the table."""

    def __init__(self, message, table):
        self.message, self.table = message, table
        self.asked, self.lock = set(), threading.RLock()
        self.users_names = {scopes.without_userinfo(entry.url)[1] for entry in table.entries}
        self.environ = dict(os.environ, **message.get("sources", {}))  # as it is before pip puts build tools on PATH

    def entry_for(self, url):
        """The table's entry; where there is none but authpip may know more, ask it first."""
        with self.lock:
            if self.table.needs_answer(url):
                answer = self._ask(url, fresh=False)
                if answer is None:
                    _end_without(url)
                if "scope" in answer:
                    self.table.add(answer["scope"], answer["url"], answer["place"])
            return self.table.entry_for(url)

    def meet(self, url):
        """An index URL that pip takes in: without its password, and asked for where it is new."""
        url = self.absorb(url)
        if scopes.parse(url.strip()) is not None:
            self.entry_for(url.strip())
        return url

    def absorb(self, url):
        """A URL that the user wrote, without a password in it; the password becomes the credential of that scope."""
        clean, name, password = scopes.split_userinfo(url.strip())
        scope = scopes.parse(clean)
        if password is None or scope is None:
            self.users_names.add(scopes.without_userinfo(url.strip())[1])
            return url
        known = self.table.known(clean)
        if known is None or known.is_pips:
            if not self.table.rules.allow_credential(scope):
                refusal.say(PLAIN_HTTP % clean)
                _end_without(clean)
            self.table.add(scope, clean, ("basic", name, password, "url", name if password else ""))
        return clean

    def without_userinfo(self, url):
        """The URL without a user name or password that a page, a link or a redirect put there: only the user says whose
        credential is sent. A user name of the user's own stays, for pip looks for its password."""
        clean, name = scopes.without_userinfo(url)
        return url if name in self.users_names else clean

    def may_be_pips(self, url):
        """False where pip's own credentials would travel over plain http (P2)."""
        scope = scopes.parse(url)
        return scope is not None and self.table.rules.allow_credential(scope)

    def renew(self, entry, sent):
        """True where the entry has another credential now than the one that was sent and rejected."""
        with self.lock:
            if entry.place == sent and not entry.renewed:
                entry.renewed = True
                answer = self._ask(entry.url, fresh=True) if self._source(entry) != "url" else None
                if answer and isinstance(answer.get("place"), list):
                    self.table.renew(entry, answer["place"])
            return entry.place != sent

    def ask_after_401(self, url):
        """An entry with a credential, if authpip has one for an index that pip asked in vain; else None."""
        with self.lock:
            known = self.table.known(url)
            target = known.url if known is not None else scopes.site(url)
            if target in self.asked:
                return None
            self.asked.add(target)
            answer = self._ask(known.url if known is not None else url, fresh=True)
            if answer and isinstance(answer.get("place"), list):
                self.table.add(answer["scope"], answer["url"], answer["place"])
            entry = self.table.known(url)
            return entry if entry is not None and entry.has_credential else None

    def rejected(self, entry, status):
        """Name the index, the identity, the source and the remedy, once; after a 401, end here.

        pip would skip this index and take a package of the same name from the next one (A27). A 403 may speak of
        one project alone, so that pip goes on.
        """
        if not entry.told:
            entry.told = True
            _, _, _, source, identity = self.table.credentials[entry.place]
            whose = "%s (source: %s)" % (identity or "nobody in particular", source)
            remedy = "run `authpip auth check {0}`, or log in anew with `authpip auth login {0}`".format(entry.shown)
            refusal.say("%s answered %d to the credential of %s; %s" % (entry.shown, status, whose, remedy))
        if status == 401:
            refusal.stop("%s rejects its credential" % entry.shown)

    def led_astray(self, entry, url):
        """A managed index led to a place that wants a credential of its own, and nobody has one (A27)."""
        place = scopes.site(url)
        refusal.say(
            "%s redirects to %s, which wants a credential; if it is to be trusted, run `authpip auth login %s`"
            % (entry.shown, place, place)
        )
        refusal.stop("%s cannot be read" % entry.shown)

    def _source(self, entry):
        return self.table.credentials[entry.place][3]

    def _ask(self, url, fresh):
        """authpip's answer, None for none; an error ends the run (P9). Its own messages go to our stderr."""
        if not self.message.get("helper"):
            return None
        try:
            answer = json.loads(self._call({"uri": url, "fresh": fresh}))
        except (OSError, ValueError, subprocess.SubprocessError):
            return None
        if "error" in answer:
            _end_without(url)
        return answer

    def _call(self, question):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        child = subprocess.Popen(self.message["helper"], env=self.environ, **pipes)
        try:
            out, _ = child.communicate(json.dumps(question).encode(), timeout=DEADLINE)
        except BaseException:  # too late, or ^C: it must not outlive the question
            _end(child)
            raise
        return out.decode("utf-8") if child.returncode == 0 else ""


def _end_without(url):
    refusal.stop("no credential for %s" % scopes.site(url))  # why has been said


def _end(child):
    """As ^C would, for it may have a program of its own to end; a ^C at the terminal has reached it already."""
    interrupt = child.terminate if os.name == "nt" else lambda: child.send_signal(signal.SIGINT)
    for seconds, how in ((1, interrupt), (6, child.kill)):
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            how()
    child.wait()
