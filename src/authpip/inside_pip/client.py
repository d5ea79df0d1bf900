"""A nested pip: it holds no credential, and asks the pip that started it for whatever is behind one.

Every request for http or https is offered to that pip first (frames.py); one that it does not manage goes out as plain
pip would send it. Stands on requests' HTTPAdapter.send and build_response, below pip's cache (pip 20.3 to 26.3).
"""

import io
import threading

from _authpip_inside import doorway, frames, refusal
from _authpip_inside.broker import Answer, Broker
from pip._vendor.requests import exceptions
from pip._vendor.requests.adapters import HTTPAdapter
from pip._vendor.urllib3.exceptions import ProtocolError
from pip._vendor.urllib3.response import HTTPResponse

REDIRECTS = (301, 302, 303, 307, 308)
GONE = "the pip that started this one does not answer any more"


class Client:
    """Our end of the socket. One body is under way at a time; what another request cuts off is kept for its reader."""

    def __init__(self, value):
        self.connection = doorway.entered(value)
        self.lock, self.body = threading.RLock(), None
        self.led_from = {}

    def settings(self):
        """What the first pip wants a nested one to know."""
        return self._ask({"do": "settings"})

    def is_told(self, url):
        """True where the first pip says that this URL lacks a credential: it speaks of its own indexes."""
        question = {"method": "GET", "url": url, "headers": {}, "unserved": True}
        return self._ask(question).get("told") is True

    def exchange(self, question):
        """An Answer for one question; also for a pip that is nested in this one (broker.py)."""
        with self.lock:
            head = self._ask(question)
            if head.get("outcome") != "answered":
                return Answer(head)
            self.body = body = Body(self)
            return Answer(head, iter(body.next_piece, b""), body.finish)

    def _ask(self, question):
        with self.lock:
            if self.body is not None:
                self.body.finish()
            try:
                frames.send_object(self.connection, question)
                return frames.receive_object(self.connection)
            except (OSError, frames.BrokenFrameError):
                raise exceptions.ConnectionError(GONE) from None


class Body:
    """The body of the answer under way, piece by piece."""

    def __init__(self, client):
        self.client, self.kept, self.ended = client, [], False

    def next_piece(self):
        """The next piece, b"" at the end. Raises ProtocolError where the connection to the server broke."""
        with self.client.lock:
            if self.kept:
                return self.kept.pop(0)
            return b"" if self.ended else self._pull()

    def finish(self):
        """Nobody reads on: the next question ends this body at the other side."""
        self.ended = True
        if self.client.body is self:
            self.client.body = None

    def _pull(self):
        try:
            frames.send_object(self.client.connection, {"do": "more"})
            frame = frames.receive(self.client.connection)
        except (OSError, frames.BrokenFrameError):
            frame = frames.BROKEN
        if frame[:1] != frames.PIECE:
            self.finish()
        if frame[:1] == frames.BROKEN:
            raise ProtocolError("Connection broken: the index ended it too early")
        return frame[1:]


class Stream(io.RawIOBase):
    """A body as the file that urllib3 reads."""

    def __init__(self, answer):
        super().__init__()
        self.answer, self.rest = answer, b""

    def readable(self):
        """See io.RawIOBase."""
        return True

    def readinto(self, buffer):
        """See io.RawIOBase."""
        self.rest = self.rest or next(self.answer.pieces, b"")
        count = min(len(buffer), len(self.rest))
        buffer[:count], self.rest = self.rest[:count], self.rest[count:]
        return count

    def close(self):
        """See io.RawIOBase."""
        self.answer.close()
        super().close()


def install(client, unserved):
    """From now on all requests of this pip are offered to the first one; returns the Broker for pips nested below."""
    original = HTTPAdapter.send

    def send(self, request, *words, **named):
        if not request.url.lower().startswith(("http:", "https:")) or request.method not in ("GET", "HEAD"):
            return original(self, request, *words, **named)
        answer = client.exchange(_question(client, request, rejected=False))
        outcome = answer.head.get("outcome")
        if outcome == "anonymous":
            request.headers.pop("Authorization", None)
        if outcome not in ("unmanaged", "anonymous"):
            return _response(client, self, request, answer)
        response = original(self, request, *words, **named)
        _note_redirect(client, request, response.status_code, response.headers)
        if outcome == "unmanaged" and response.status_code == 401:
            answer = client.exchange(_question(client, request, rejected=True))
            if answer.head.get("outcome") not in ("unmanaged", "anonymous"):
                response.close()
                return _response(client, self, request, answer)
        return response

    HTTPAdapter.send = send
    _judge_401(unserved)
    _remember_links(client)
    return Broker(client.exchange, client.settings)


def _question(client, request, rejected):
    headers = {name: _text(value) for name, value in request.headers.items() if name.lower() in frames.FORWARDED}
    whence = client.led_from.get(request.url) or client.led_from.get(_without_metadata(request.url))
    return {"method": request.method, "url": request.url, "headers": headers, "from": whence, "rejected": rejected}


def _text(value):
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _response(client, adapter, request, answer):
    head = answer.head
    if head.get("outcome") == "stopped":
        refusal.stop(head["text"])
    if head.get("outcome") != "answered":
        kind = getattr(exceptions, str(head.get("kind")), exceptions.ConnectionError)
        raise kind(head.get("text"), request=request)
    raw = HTTPResponse(
        body=io.BufferedReader(Stream(answer), frames.LONGEST_PIECE),
        headers=head["headers"],
        status=head["status"],
        version=11,
        reason=head["reason"],
        preload_content=False,
        decode_content=False,
        request_method=request.method,
    )
    response = adapter.build_response(request, raw)
    response.authpip_answered = True
    _note_redirect(client, request, head["status"], response.headers)
    return response


def was_told(response):
    """True where the first pip has told the user of this 401 or 403: it is asked about each 401, and gives the answer
    to a credential itself."""
    return response.status_code == 401 or _is_answered(response)


def _is_answered(response):
    return getattr(response, "authpip_answered", False)


def _note_redirect(client, request, status, headers):
    if status in REDIRECTS and "location" in headers:
        from urllib.parse import urljoin

        client.led_from[urljoin(request.url, headers["location"])] = request.url


def _judge_401(unserved):
    """Where the first pip has done what can be done about a 401, pip's own prompt must not follow."""
    try:
        from _authpip_inside import prompting
        from pip._internal.network.auth import MultiDomainBasicAuth
    except (ImportError, AttributeError):
        return
    original = prompting.asks_in_vain(MultiDomainBasicAuth.handle_401)
    prompting.install()

    def handle_401(self, response, **named):
        if _is_answered(response):
            return response
        response = original(self, response, **named)
        if response.status_code == 401:
            unserved.note(response.request)
            unserved.tell(response.request.url)
        return response

    MultiDomainBasicAuth.handle_401 = handle_401


def _remember_links(client):
    """Which page linked to a file: the first pip looks there, where a file lies outside of its index's path."""
    from _authpip_inside import index_pages

    def note(page_url, links):
        client.led_from.update(dict.fromkeys((link.url_without_fragment for link in links), page_url))

    index_pages.on_links(note)


def _without_metadata(url):
    return url[: -len(".metadata")] if url.endswith(".metadata") else url
