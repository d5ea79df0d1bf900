"""Questions that only pip could raise, put to authpip over a private pipe: each index once (design: step 6)."""

import json
import os
import subprocess
import sys

from _authpip_inside import scope as scopes
from _authpip_inside.table import PIP

DEADLINE = 60  # seconds; authpip's own deadlines are shorter
NO_CREDENTIAL = 3  # authpip's exit status


class Helper:
    """Asks authpip's `auth helper late`, and keeps what it said in the table."""

    def __init__(self, message, table):
        self.message, self.table = message, table
        self.asked = set()
        self.environ = dict(os.environ, **message.get("sources", {}))  # as it is before pip puts build tools on PATH

    def entry_for(self, url):
        """The table's entry; where there is none but authpip may know more, ask it first."""
        entry = self.table.entry_for(url)
        if entry is None and self.table.watches(url):
            self._ask(url)
            entry = self.table.entry_for(url)
        return entry

    def meet(self, url):
        """An index URL that pip takes in: without its password, and asked for where it is new."""
        url = self.absorb(url)
        if scopes.parse(url) is not None:
            self.entry_for(url)
        return url

    def absorb(self, url):
        """The URL without a password in it; the password becomes the credential of that scope."""
        head, at, tail = _split_userinfo(url)
        name, colon, password = head.partition(":")
        if not at or not colon:
            return url
        clean = url[: url.index("://") + 3] + tail
        scope = scopes.parse(clean)
        if scope is None:
            return url
        known = self.table.entry_for(clean)
        if known is None or known.place == PIP:
            name, password = _unquote(name), _unquote(password)
            self.table.add(scope, clean, None, ("basic", name, password, "url", name))
        return clean

    def refresh(self, entry, status):
        """A fresh credential for an entry whose own was rejected, or None after telling the user."""
        if entry.rejected:
            return None
        entry.rejected = True
        old = self.table.secret_of(entry)
        answer = self._ask(entry.url, fresh=True) if entry.source != "url" else None
        fresh = self.table.entry_for(entry.url) if answer else None
        if fresh is None or not isinstance(fresh.place, int) or self.table.secret_of(fresh) == old:
            self.give_up(entry, status)
            return None
        return fresh

    def give_up(self, entry, status):
        """Name the index, the identity, the source and the remedy; after a 401, end here.

        pip would skip this index and take a package of the same name from the next one (A27). A 403 may speak of
        one project alone, so that pip goes on.
        """
        entry.rejected = True
        who = " of %s" % entry.identity if entry.identity else ""
        _say(
            "%s answered %d to the credential%s from %s; see `authpip auth check %s`, or renew it with "
            "`authpip auth login %s`" % (entry.url, status, who, entry.source, entry.url, entry.url)
        )
        if status == 401:
            raise SystemExit(NO_CREDENTIAL)

    def ask_after_401(self, url):
        """An entry with a credential, if authpip has one for an index that pip asked in vain."""
        before = self.table.entry_for(url)
        target = before.url if before else url
        if not self._ask(target, fresh=True):
            return None
        entry = self.table.entry_for(url)
        return entry if entry is not None and isinstance(entry.place, int) else None

    def _ask(self, url, fresh=False):
        """Enter authpip's answer; True if there was one. Its own messages go to our stderr."""
        if not self.message.get("helper") or (url, fresh) in self.asked:
            return False
        self.asked.add((url, fresh))
        try:
            answer = json.loads(self._call({"uri": url, "fresh": fresh}))
        except (OSError, ValueError, subprocess.SubprocessError):
            return False
        if "error" in answer and not fresh:
            raise SystemExit(NO_CREDENTIAL)  # authpip has said why; another index must not answer instead (P9)
        if "scope" not in answer:
            return False
        place = answer["place"]
        self.table.add(answer["scope"], answer["url"], place, place if isinstance(place, list) else None)
        return True

    def _call(self, question):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        child = subprocess.Popen(self.message["helper"], env=self.environ, **pipes)
        try:
            out, _ = child.communicate(json.dumps(question).encode(), timeout=DEADLINE)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()
            raise
        return out.decode("utf-8") if child.returncode == 0 else "{}"


def _split_userinfo(url):
    """(userinfo, "@", the rest after it) of an http(s) URL."""
    if not url[:8].lower().startswith(("http://", "https://")):
        return "", "", ""
    rest = url[url.index("://") + 3 :]
    end = min([rest.find(mark) for mark in "/?#" if mark in rest] or [len(rest)])
    userinfo, at, host = rest[:end].rpartition("@")
    return userinfo, at, host + rest[end:]


def _unquote(text):
    from urllib.parse import unquote

    return unquote(text)


def _say(text):
    sys.stderr.write("authpip: %s\n" % text)
    sys.stderr.flush()
