"""pip's authentication object, with ours in front: a credential goes where its scope says, and nowhere else.

Stands on pip._internal.network.auth.MultiDomainBasicAuth and on requests' rebuild_auth, which have kept their
names and shapes from pip 20.3 to 26.3. Importing this raises ImportError or AttributeError where they are not there.
"""

import base64

from _authpip_inside import sigv4
from _authpip_inside.table import NEVER, PIP
from pip._internal.network import auth as pip_auth
from pip._internal.network import session as pip_session
from pip._vendor.cachecontrol import serialize
from pip._vendor.requests import sessions

BASE = pip_session.MultiDomainBasicAuth
PROMPT = BASE.handle_401  # what pip does by itself after a 401
REJECTED = (401, 403)


class IndexAuth(BASE):
    """Sends what the handoff says; leaves to pip what authpip knows nothing about."""

    table = helper = None  # set by install(): pip makes the instances

    def __call__(self, request):
        request.url = self.helper.absorb(request.url)
        entry = self.helper.entry_for(request.url)
        if entry is None and self.table.is_managed_site(request.url):
            clear(request)
            return request
        if entry is None or entry.place == PIP:
            return BASE.__call__(self, request)
        authorize(request, self.table, entry)
        if entry.place != NEVER:
            request.register_hook("response", self.handle_rejection)
        return request

    def handle_rejection(self, response, **options):
        """A managed index said no: once more with a fresh credential, then a clear word."""
        entry = self.table.entry_for(response.request.url)
        sent = response.request.headers.get("Authorization")
        if response.status_code not in REJECTED or entry is None or not sent:
            return response
        fresh = self.helper.refresh(entry, response.status_code)
        if fresh is None:
            return response
        again = self._send_again(response, fresh, options)
        if again.status_code in REJECTED:
            self.helper.give_up(fresh, again.status_code)
        return again

    def handle_401(self, response, **options):
        """An index that pip asked in its own way: authpip may know it after all, before pip prompts."""
        known = self.table.entry_for(response.request.url)
        if known is not None and known.place != PIP:  # a redirect led from pip's affair to ours
            return self.handle_rejection(response, **options)
        entry = self.helper.ask_after_401(response.request.url) if response.status_code == 401 else None
        if entry is not None:
            return self._send_again(response, entry, options)
        return PROMPT(self, response, **options)

    def _send_again(self, response, entry, options):
        _ = response.content  # read to the end, so that the connection can be used again
        response.raw.release_conn()
        request = response.request.copy()
        authorize(request, self.table, entry)
        again = response.connection.send(request, **options)
        again.history.append(response)
        return again


def install(table, helper):
    """Before pip makes its first session."""
    IndexAuth.table, IndexAuth.helper = table, helper
    pip_auth.MultiDomainBasicAuth = pip_session.MultiDomainBasicAuth = IndexAuth
    _decide_anew_at_redirects(table, helper)
    _keep_header_out_of_the_cache()


def authorize(request, table, entry):
    """Give a request the headers of an entry, or none (RFC 7617, RFC 6750, AWS Signature Version 4)."""
    clear(request)
    if not isinstance(entry.place, int):
        return
    username, secret = table.secret_of(entry)
    if entry.scheme == "s3":
        request.headers.update(sigv4.headers(request.method, request.url, username, secret))
    elif entry.scheme == "bearer":
        request.headers["Authorization"] = "Bearer " + secret
    else:
        pair = base64.b64encode(("%s:%s" % (username, secret)).encode()).decode("ascii")
        request.headers["Authorization"] = "Basic " + pair


def clear(request):
    """Take away whatever an earlier hop was given."""
    for name in sigv4.HEADERS:
        request.headers.pop(name, None)


def _decide_anew_at_redirects(table, helper):
    """requests keeps the header on the same host and asks .netrc at each hop; here each hop is a new request."""
    original = sessions.SessionRedirectMixin.rebuild_auth

    def rebuild_auth(self, prepared_request, response):
        prepared_request.url = helper.absorb(prepared_request.url)
        entry = helper.entry_for(prepared_request.url)
        before = table.entry_for(response.request.url)
        from_pip = before is None or before.place == PIP
        to_pip = entry is None or entry.place == PIP
        if to_pip and from_pip and not table.is_managed_site(prepared_request.url):
            original(self, prepared_request, response)
        elif to_pip:
            clear(prepared_request)
        else:
            authorize(prepared_request, table, entry)

    sessions.SessionRedirectMixin.rebuild_auth = rebuild_auth


def _keep_header_out_of_the_cache():
    """For `Vary: Authorization` CacheControl writes the request's header beside the page, onto the disk (P10)."""
    original = serialize.Serializer.dumps

    def dumps(self, request, response, *rest, **named):
        if "Authorization" in request.headers:
            request = request.copy()
            clear(request)
        return original(self, request, response, *rest, **named)

    serialize.Serializer.dumps = dumps
