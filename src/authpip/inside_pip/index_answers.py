"""Check the answer of an index to a request for a project's page, before pip ignores a failure (`required`, A27).

Relies on the function of collector that fetches a page (pip 20.3 to 26.3). Importing this raises AttributeError if it
is missing.
"""

import re

from _authpip_inside import refusal
from _authpip_inside import scope as scopes
from _authpip_inside.scope_table import FILES
from pip._internal.index import collector
from pip._vendor.requests import RequestException

NAME = "_get_simple_response" if hasattr(collector, "_get_simple_response") else "_get_html_response"
FETCH = getattr(collector, NAME)
REQUIRED = "a rule requires it; run `authpip auth check`, or set `required = false` in its rule"
FIRST_INDEX = 'it comes before others that must not answer in its place (strategy = "first-index"); try again later'
NOT_FOUND, REJECTED = (404, 410), (401, 403)
_TOLD = []
# A link to a distribution's file, or the version mark of an index page (PEP 503, PEP 629).
FILE_LINK = re.compile("(?:%s)[\"'#?]|pypi:repository-version" % "|".join(map(re.escape, FILES)), re.IGNORECASE)


class Found:
    """Whether a page was found inside the with block: `with Found() as page: …; page.was_found`."""

    current = None

    def __init__(self):
        self.was_found = False

    def __enter__(self):
        Found.current = self
        return self

    def __exit__(self, *_):
        Found.current = None


def install(rules, was_told):
    """From now on, check each page by the rules.

    was_told(response): True if the user has been told of this 401 or 403.
    """

    def fetch(url, session, **named):
        try:
            response = FETCH(url, session=session, **named)
        except refusal.NoCredentialError:
            raise
        except Exception as error:
            _judge(rules, url, session, error, was_told)
            raise
        if Found.current is not None:
            Found.current.was_found = True
        _judge_redirect(rules, url, response)
        return response

    setattr(collector, NAME, fetch)


def _judge(rules, url, session, error, was_told):
    """End the run if this index is required and its answer is neither its page nor a 404."""
    scope = scopes.parse(url)
    response = getattr(error, "response", None)
    status = getattr(response, "status_code", None)
    is_required = scope is not None and rules.is_required(scope)
    if status in NOT_FOUND or not (is_required or Found.current is not None):
        return
    what = "answered %d" % status if status else _why(error)
    if Found.current is not None and not is_required:
        _stop(url, what, FIRST_INDEX)
    if status != 403 or _is_forbidden_itself(url, session):
        _stop(url, "" if status in REJECTED and was_told(response) else what)


def _is_forbidden_itself(url, session):
    """True if the index's own page is forbidden as well: a 403 may be about one project."""
    try:
        return session.get(_index(url), headers={"Accept": "text/html"}, stream=True).status_code == 403
    except RequestException:
        return True


def _judge_redirect(rules, url, response):
    """End the run at a redirect to a sign-in page: it ends with 200 and HTML without a distribution's file."""
    scope, end = scopes.parse(url), scopes.parse(response.url)
    if scope is None or not response.history or end == scope or not rules.is_required(scope):
        return
    is_html = response.headers.get("Content-Type", "").lower().startswith("text/html")
    if is_html and not FILE_LINK.search(response.text):
        _stop(url, "redirects to %s, which is not an index" % scopes.site(response.url))


def _why(error):
    """The kind of failure, without what a server sent."""
    names = [kind.__name__ for kind in type(error).__mro__]
    text = str(error).lower()
    if "Timeout" in names or "timed out" in text:
        return "did not answer in time"
    if "SSLError" in names or "SSLVerificationError" in names or "certificate" in text:
        return "has no certificate that this machine trusts"
    if "ProxyError" in names or "ProxyConnectionError" in names:
        return "cannot be reached through the proxy"
    if "too many" in text and "error responses" in text:
        return "answers with an error each time"
    if "_NotHTML" in names or "_NotAPIContent" in names or "_NotHTTP" in names:
        return "answers with something that is not an index page"
    return "cannot be reached"


def _stop(url, what, remedy=REQUIRED):
    """End the run with one line. what: how the index failed, "" if the user has been told."""
    line = "%s %s, and %s" % (_index(url), what, remedy)
    if what and line not in _TOLD:  # after the command pip asks the same index for a newer pip
        _TOLD.append(line)
        refusal.say(line)
    refusal.stop("%s cannot be used" % scopes.site(url))


def _index(url):
    return url.rstrip("/").rpartition("/")[0] + "/"
