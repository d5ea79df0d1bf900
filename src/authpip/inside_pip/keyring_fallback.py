"""For a pip whose authentication class authpip does not find: a `keyring` module made in this process.

pip asks keyring only after a 401, and by host. It cannot tell two indexes on one host apart, so that case ends the run
rather than send one tenant's credential to another (A10, A26). A credential for another path of the host, or for a
redirect, is removed before requests sends it.
"""

import os
import sys
import types

from _authpip_inside import popen_guard
from _authpip_inside import scope as scopes
from _authpip_inside.broker import Broker
from _authpip_inside.scope_table import NOTHING

NO_CREDENTIAL = 3  # authpip's exit status


def install(table, error, main_file):
    """Answer pip through the module that it imports by name; change nothing if no index has a credential.

    Returns a function from pip's exit status to authpip's. Nested pips ask this one, as with any other pip (broker.py).
    """
    managed = [entry for entry in table.entries if entry.has_credential]
    if not managed:
        return lambda status: status
    sites = [entry.scope[:3] for entry in table.entries]
    for entry in managed:
        if sites.count(entry.scope[:3]) > 1:
            _refuse(error, "the indexes beside %s could not be kept apart" % entry.shown)
        if entry.decision.scheme != "basic":
            _refuse(error, "%s needs another scheme than Basic" % entry.shown)
        if entry.decision.provider == "url":
            _refuse(error, "the password in the URL of %s would be handed to the programs it runs" % entry.shown)
    _say("this pip is not one that authpip knows (%s); answering through its keyring" % error)
    try:
        refusal = _check_requests(table)
        from _authpip_inside import upstream
    except (ImportError, AttributeError) as another:
        _refuse(another, "a credential could not be kept to its index")
    sys.modules["keyring"] = _module(managed)
    os.environ["PIP_KEYRING_PROVIDER"] = "import"
    answers = upstream.Upstream(table, TableAlone(table, refusal), lambda *_: None)
    answers.remember_session()
    children = popen_guard.install(Broker(answers.exchange, dict), main_file)
    return lambda status: refusal.status(status, children)


class TableAlone:
    """Answers upstream.py from the table alone: authpip is not asked, and no credential is renewed."""

    def __init__(self, table, refusal):
        self.entry_for, self.refusal, self.unserved = table.entry_for, refusal, self

    def ask_after_401(self, _url):
        """No further credential is known."""
        return

    def tell(self, _url):
        """pip handles an index without a credential."""

    def is_doubted(self, _entry, _status):
        """No answer of an index is doubted."""
        return False

    def renew(self, _entry, _sent, _status):
        """There is no other credential."""
        return False

    def rejected(self, entry, status):
        """End the run after a 401, as _check_requests does for this pip's own requests."""
        if status == 401:
            self.refusal.stop("%s rejects its credential" % entry.shown)

    def led_astray(self, _entry, _url):
        """pip handles an index that redirects to a place that requires a credential."""


def _check_requests(table):
    from _authpip_inside import refusal
    from pip._vendor.requests.adapters import HTTPAdapter

    original = HTTPAdapter.send

    def send(self, request, *rest, **named):
        entry = table.entry_for(request.url)
        if entry is NOTHING:
            request.headers.pop("Authorization", None)
        response = original(self, request, *rest, **named)
        if entry.has_credential and response.status_code == 401 and "Authorization" in request.headers:
            refusal.say("%s rejects its credential; run `authpip auth check %s`" % (entry.shown, entry.shown))
            refusal.stop("%s rejects its credential" % entry.shown)  # another index must not answer instead (A27)
        return response

    HTTPAdapter.send = send
    return refusal


def _refuse(error, why):
    _say(
        "this pip is not one that authpip knows (%s), and through its keyring %s; "
        "use another pip, or set AUTHPIP_DISABLE=1" % (error, why)
    )
    raise SystemExit(NO_CREDENTIAL)


def _say(text):
    sys.stderr.write("authpip: %s\n" % text)
    sys.stderr.flush()


def _module(managed):
    module = types.ModuleType("keyring")

    class Pair:
        """keyring.credentials.SimpleCredential."""

        def __init__(self, username, password):
            self.username, self.password = username, password

    def find(service):
        target = scopes.parse(service if "://" in service else "https://%s/" % service)
        for entry in managed:
            same_site = target is not None and target[:3] == entry.scope[:3]
            if same_site and ("://" not in service or scopes.covers(entry.scope, target)):
                return entry.decision.username, entry.decision.secret
        return None

    def get_credential(service, username):
        pair = find(service)
        return Pair(*pair) if pair and username in (None, pair[0]) else None

    def get_password(service, username):
        credential = get_credential(service, username)
        return credential.password if credential else None

    module.get_credential, module.get_password = get_credential, get_password
    module.set_password = lambda *_: None
    return module
