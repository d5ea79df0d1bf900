"""Sends the requests of nested pips for them, with this pip's own credentials, connections and settings.

Relies on requests' HTTPAdapter.send, below pip's cache, and on pip's session (pip 20.3 to 26.3). It follows no
redirect: the nested pip sends a new question for each.
"""

import threading

from _authpip_inside import refusal
from _authpip_inside.broker import Answer
from _authpip_inside.frames import LONGEST_PIECE
from _authpip_inside.scope_table import headers as authentication
from pip._vendor.requests import Request, exceptions, sessions
from pip._vendor.requests.adapters import HTTPAdapter

REJECTED = (401, 403)
# Headers about this connection only, and a header that could hold a credential.
KEPT_BACK = frozenset(
    ("connection", "keep-alive", "proxy-authenticate", "set-cookie", "trailer", "transfer-encoding", "upgrade")
)


class Upstream:
    """Answers questions by the table, as for this pip's own requests. decisions: a late.Helper, or an object with the
    same methods. learn(session, page): reads a page, so that the table knows its links."""

    def __init__(self, table, decisions, learn):
        self.table, self.decisions, self.learn = table, decisions, learn
        self.lock = threading.RLock()
        self.sessions, self.learned = [], set()

    def remember_session(self):
        """From now on, keep the first session that pip makes: it has the settings of this command."""
        original, noted = sessions.Session.__init__, self.sessions

        def __init__(session, *words, **named):  # noqa: N807
            original(session, *words, **named)
            noted.append(session)
            del noted[1:]

        sessions.Session.__init__ = __init__

    def exchange(self, question):
        """The Answer to a question that broker.checked has accepted."""
        try:
            if question["unserved"]:
                return Answer({"outcome": "unmanaged", "told": self._tell_unserved(question["url"])})
            with self.lock:
                entry = self._entry(question)
            if not entry.has_credential:
                return Answer({"outcome": "unmanaged" if entry.is_unmanaged else "anonymous"})
            return _answer(self._send_until_accepted(question, entry))
        except refusal.NoCredentialError as error:
            return Answer({"outcome": "stopped", "text": str(error)})
        except exceptions.RequestException as error:
            return Answer({"outcome": "failed", "kind": type(error).__name__, "text": str(error)})

    def _tell_unserved(self, url):
        """True if the URL belongs to an index that this command uses: a build cannot make authpip name another URL."""
        is_ours = self.table.known(url) is not None
        if is_ours:
            self.decisions.unserved.tell(url)
        return is_ours

    def _entry(self, question):
        url, led_from = question["url"], question["from"]
        if question["rejected"]:
            before = self.table.entry_for(led_from) if led_from else None
            entry = self.decisions.ask_after_401(url)
            if entry is None and before is not None and before.has_credential:
                self.decisions.led_astray(before, url)
            return entry or self.table.entry_for(url)
        entry = self.decisions.entry_for(url)
        if not entry.has_credential and led_from and self._learn_from(led_from):
            entry = self.decisions.entry_for(url)
        return entry

    def _learn_from(self, page):
        """Read a page for its links, each page once; False if it is not a page of a managed index."""
        if page in self.learned or not self.table.entry_for(page).has_credential:
            return False
        self.learned.add(page)
        self.read_page(page)
        return True

    def read_page(self, url):
        """Read one page of an index, so that the table knows its links."""
        self.learn(self._session(), url)

    def _send_until_accepted(self, question, entry):
        sent, response = entry.decision, self._send(question, entry)
        is_bad = response.status_code in REJECTED or self.decisions.is_doubted(entry, response.status_code)
        if is_bad and self.decisions.renew(entry, sent, response.status_code):
            response.close()
            response = self._send(question, entry)
        if response.status_code in REJECTED:
            self.decisions.rejected(entry, response.status_code)
        return response

    def _send(self, question, entry):
        session, url = self._session(), question["url"]
        headers = dict(question["headers"], **authentication(entry, question["method"], url))
        request = Request(question["method"], url, headers=headers).prepare()
        settings = session.merge_environment_settings(request.url, {}, True, None, None)
        timeout = getattr(session, "timeout", None) or 15
        return HTTPAdapter.send(session.get_adapter(request.url), request, timeout=timeout, **settings)

    def _session(self):
        """The session of this command. If pip has made none (`--python`), it is made as pip makes it."""
        with self.lock:
            return self.sessions[0] if self.sessions else _session_of_command()


def _answer(response):
    raw = response.raw
    headers = [[name, value] for name, value in raw.headers.items() if name.lower() not in KEPT_BACK]
    head = {"outcome": "answered", "status": response.status_code, "reason": response.reason or "", "headers": headers}
    return Answer(head, raw.stream(LONGEST_PIECE, decode_content=False), response.close)


def _session_of_command():
    """A session with the options of this command line, environment and configuration, as pip's commands make it."""
    import sys

    from pip._internal.cli.main_parser import create_main_parser
    from pip._internal.commands import create_command

    words = sys.argv[1:]
    _, rest = create_main_parser().parse_args(words)
    words.remove(rest[0])
    command = create_command(rest[0])
    options, _ = command.parse_args(words)
    return command._build_session(options)
