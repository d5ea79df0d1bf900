"""pip's authentication object, with ours in front: a credential goes where its scope says, and nowhere else.

Stands on pip._internal.network.auth.MultiDomainBasicAuth and on requests' rebuild_auth, which have kept
their names and shapes from pip 20.3 to 26.3. Raises ImportError or AttributeError where they are not there.
"""

import base64

from _authpip_inside.table import NEVER, PIP
from pip._internal.network import auth as pip_auth
from pip._vendor.cachecontrol import serialize
from pip._vendor.requests import sessions

REJECTED = (401, 403)


def install(table, helper):
    """Before pip._internal.network.session is imported: it takes the class by name."""
    base = pip_auth.MultiDomainBasicAuth
    if not hasattr(base, "handle_401") or not callable(base):
        raise AttributeError("MultiDomainBasicAuth has changed")
    pip_auth.MultiDomainBasicAuth = _make_class(base, table, helper)
    from pip._internal.network import session

    if session.MultiDomainBasicAuth is base:
        session.MultiDomainBasicAuth = pip_auth.MultiDomainBasicAuth
    _decide_anew_at_redirects(table, helper)
    _keep_header_out_of_the_cache()


def header_of(table, entry):
    """The Authorization header of an entry with a credential (RFC 7617, RFC 6750)."""
    username, secret = table.secret_of(entry)
    if entry.scheme == "bearer":
        return "Bearer " + secret
    return "Basic " + base64.b64encode(("%s:%s" % (username, secret)).encode()).decode("ascii")


def _make_class(base, table, helper):
    class IndexAuth(base):
        """Sends what the handoff says; leaves to pip what authpip knows nothing about."""

        def __call__(self, request):
            request.url = helper.absorb(request.url)
            entry = helper.entry_for(request.url)
            if entry is None and table.is_managed_site(request.url):
                request.headers.pop("Authorization", None)
                return request
            if entry is None or entry.place == PIP:
                return base.__call__(self, request)
            _authorize(request, table, entry)
            if entry.place != NEVER:
                request.register_hook("response", self.handle_rejection)
            return request

        def handle_rejection(self, response, **options):
            """A managed index said no: once more with a fresh credential, then a clear word."""
            entry = table.entry_for(response.request.url)
            sent = response.request.headers.get("Authorization")
            if response.status_code not in REJECTED or entry is None or not sent:
                return response
            fresh = helper.refresh(entry, response.status_code)
            if fresh is None:
                return response
            again = _send_again(response, table, fresh, options)
            if again.status_code in REJECTED:
                helper.give_up(fresh, again.status_code)
            return again

        def handle_401(self, response, **options):
            """An index that pip asked in its own way: authpip may know it after all, before pip prompts."""
            if response.status_code == 401:
                entry = helper.ask_after_401(response.request.url)
                if entry is not None:
                    return _send_again(response, table, entry, options)
            return base.handle_401(self, response, **options)

    return IndexAuth


def _send_again(response, table, entry, options):
    _ = response.content  # read to the end, so that the connection can be used again
    response.raw.release_conn()
    request = response.request.copy()
    _authorize(request, table, entry)
    again = response.connection.send(request, **options)
    again.history.append(response)
    return again


def _authorize(request, table, entry):
    request.headers.pop("Authorization", None)
    if isinstance(entry.place, int):
        request.headers["Authorization"] = header_of(table, entry)


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
            prepared_request.headers.pop("Authorization", None)
        else:
            _authorize(prepared_request, table, entry)

    sessions.SessionRedirectMixin.rebuild_auth = rebuild_auth


def _keep_header_out_of_the_cache():
    """For `Vary: Authorization` CacheControl writes the request's header beside the page, onto the disk (P10)."""
    original = serialize.Serializer.dumps

    def dumps(self, request, response, *rest, **named):
        if "Authorization" in request.headers:
            request = request.copy()
            del request.headers["Authorization"]
        return original(self, request, response, *rest, **named)

    serialize.Serializer.dumps = dumps
