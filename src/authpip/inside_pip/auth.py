"""A subclass of pip's authentication class: a credential is sent within its scope only.

Relies on pip._internal.network.auth.MultiDomainBasicAuth and on requests' rebuild_auth, which have kept their
names and signatures from pip 20.3 to 26.3. Importing this raises ImportError or AttributeError if they are missing.
"""

from _authpip_inside import prompting, sigv4
from _authpip_inside import scope as scopes
from _authpip_inside.scope_table import headers
from pip._internal.network import auth as pip_auth
from pip._internal.network import session as pip_session
from pip._vendor.cachecontrol import serialize
from pip._vendor.requests import sessions

BASE = pip_session.MultiDomainBasicAuth
PROMPT = prompting.without_eof_error(BASE.handle_401)  # what pip itself does after a 401
REDIRECT = sessions.SessionRedirectMixin.rebuild_auth
WRITE = serialize.Serializer.dumps
REJECTED = (401, 403)
KEPT_OUT = "kept out by authpip"


class IndexAuth(BASE):
    """Sends the credentials of the handoff; pip handles the indexes that authpip does not manage."""

    table = helper = None  # set by install(): pip makes the instances

    def __call__(self, request):
        entry, own = self.helper.decide(request.url)
        request.url = own.url
        if entry.is_unmanaged and own.authorization is None and self.helper.may_send(request.url):
            return BASE.__call__(self, request)
        authorize(request, entry)
        if own.authorization is not None:
            request.headers["Authorization"] = own.authorization
        request.register_hook("response", self.handle_401)
        return request

    def handle_401(self, response, **options):
        """Called for each answer, also of a redirect. A managed index gets one fresh credential; pip does the rest."""
        if response.status_code not in (*REJECTED, 404):
            return response
        request = response.request
        entry = self.table.entry_for(request.url)
        if response.status_code == 404 and not self.helper.is_doubted(entry, 404):
            return response
        if entry.is_unmanaged:
            entry = self.helper.ask_after_401(request.url) if response.status_code == 401 else None
            response = self._send_again(response, entry, options) if entry else PROMPT(self, response, **options)
        elif entry.has_credential and self.helper.renew(entry, _sent(request), response.status_code):
            response = self._send_again(response, entry, options)
        if response.status_code in REJECTED:
            self._tell(response.status_code, request, entry)
        return response

    def _tell(self, status, request, entry):
        """Tell the user that no credential helps, and end the run if pip would go on to another index."""
        came_from = getattr(request, "authpip_came_from", None)
        if entry is not None and entry.has_credential:
            self.helper.rejected(entry, status)
        elif came_from is not None and status == 401:
            self.helper.led_astray(came_from, request.url)
        elif status == 401:
            self.helper.unserved.note(request)
            self.helper.unserved.tell(request.url)

    def _send_again(self, response, entry, options):
        _ = response.content  # read all of it, so that the connection can be used again
        response.raw.release_conn()
        request = response.request.copy()
        authorize(request, entry)
        again = response.connection.send(request, **options)
        again.history.append(response)
        return again


def _sent(request):
    return getattr(request, "authpip_sent", None)


def install(table, helper):
    """Replace pip's authentication class. To be called before pip makes its first session."""
    IndexAuth.table, IndexAuth.helper = table, helper
    prompting.install()
    pip_auth.MultiDomainBasicAuth = pip_session.MultiDomainBasicAuth = IndexAuth
    sessions.SessionRedirectMixin.rebuild_auth = _authorize_redirect
    serialize.Serializer.dumps = _write_without_header


def authorize(request, entry):
    """Give a request the headers of an entry, without those from before a redirect; note which credential it was."""
    for name in sigv4.HEADERS:
        request.headers.pop(name, None)
    request.headers.update(headers(entry, request.method, request.url))
    request.authpip_sent = entry.decision


def _authorize_redirect(session, prepared_request, response):
    """Decide about a redirect as about a new request; requests keeps the header on the same host, and asks .netrc.

    A user name and password in the Location header are removed: the user did not configure them.
    """
    table, helper = IndexAuth.table, IndexAuth.helper
    prepared_request.url = scopes.without_userinfo(prepared_request.url)
    before, entry = table.entry_for(response.request.url), helper.entry_for(prepared_request.url)
    came_from = getattr(response.request, "authpip_came_from", None)
    prepared_request.authpip_came_from = before if before.has_credential else came_from
    if before.is_unmanaged and entry.is_unmanaged and helper.may_send(prepared_request.url):
        REDIRECT(session, prepared_request, response)
    else:
        authorize(prepared_request, entry)


def _write_without_header(serializer, request, response, *rest, **named):
    """For `Vary: Authorization` CacheControl would write the request's header to the disk, with the page (P10).

    It gets a value that no request ever has, so CacheControl gives this page to no other request.
    """
    if "Authorization" in request.headers:
        request = request.copy()
        request.headers.update(dict.fromkeys(sigv4.HEADERS, KEPT_OUT))
    return WRITE(serializer, request, response, *rest, **named)
