"""The side of a nested pip: it has no credential, and asks the pip that started it for what needs one.

Every http or https request is offered to that pip first (frames.py). A request that it does not manage is sent as plain
pip would send it. Relies on requests' HTTPAdapter.send and build_response, below pip's cache (pip 20.3 to 26.3).
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
GONE = "the pip that started this one no longer answers"


class Client:
    """The connection to the first pip. It carries one body at a time: a new question ends the body before it."""

    def __init__(self, value):
        self.connection = doorway.entered(value)
        self.lock, self.body = threading.RLock(), None
        self.led_from = {}

    def settings(self):
        """The settings that the first pip gives to a nested one."""
        return self._ask({"do": "settings"})

    def is_told(self, url):
        """True if the first pip tells the user that this URL lacks a credential, which it does for its own indexes."""
        question = {"method": "GET", "url": url, "headers": {}, "unserved": True}
        return self._ask(question).get("told") is True

    def exchange(self, question):
        """The Answer to one question, of this pip or of one that is nested in it (broker.py)."""
        with self.lock:
            head = self._ask(question)
            if head.get("outcome") != "answered":
                return Answer(head)
            self.body = body = Body(self)
            return Answer(head, iter(body.next_piece, b""), body.finish)

    def _ask(self, question):
        with self.lock:
            if self.body is not None:
                self.body.finish(is_cut_off=True)
            try:
                frames.send_object(self.connection, question)
                return frames.receive_object(self.connection)
            except (OSError, frames.BrokenFrameError):
                raise exceptions.ConnectionError(GONE) from None


class Body:
    """The body of one answer, piece by piece."""

    def __init__(self, client):
        self.client, self.ended, self.is_cut_off = client, False, False

    def next_piece(self):
        """The next piece, b"" at the end. Raises ProtocolError if the body ended before it was complete."""
        with self.client.lock:
            if self.is_cut_off:
                raise ProtocolError("Connection broken: another request of this pip ended it")
            return b"" if self.ended else self._pull()

    def finish(self, is_cut_off=False):
        """Read no further: the next question makes the first pip end this body. is_cut_off: its reader may go on."""
        self.ended, self.is_cut_off = True, is_cut_off
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
    """A body as a file for urllib3."""

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
    """From now on, offer all requests of this pip to the first one. Returns the Broker for the pips that it starts."""
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
    _replace_prompt(unserved)
    _remember_links(client)
    return Broker(client.exchange, client.settings)


def _question(client, request, rejected):
    headers = {name: _text(value) for name, value in request.headers.items() if name.lower() in frames.FORWARDED}
    led_from = client.led_from.get(request.url) or client.led_from.get(_without_metadata(request.url))
    return {"method": request.method, "url": request.url, "headers": headers, "from": led_from, "rejected": rejected}


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
    """True if the first pip has told the user of this 401 or 403: it is asked about each 401, and itself sends each
    request that has a credential."""
    return response.status_code == 401 or _is_answered(response)


def _is_answered(response):
    return getattr(response, "authpip_answered", False)


def _note_redirect(client, request, status, headers):
    if status in REDIRECTS and "location" in headers:
        from urllib.parse import urljoin

        client.led_from[urljoin(request.url, headers["location"])] = request.url


def _replace_prompt(unserved):
    """Do not let pip prompt for a 401 that the first pip has handled already."""
    try:
        from _authpip_inside import prompting
        from pip._internal.network.auth import MultiDomainBasicAuth
    except (ImportError, AttributeError):
        return
    original = prompting.without_eof_error(MultiDomainBasicAuth.handle_401)
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
    """Note which page linked to a file: the first pip reads that page if the file is outside of its index's path."""
    from _authpip_inside import index_pages

    def note(page_url, links):
        client.led_from.update(dict.fromkeys((link.url_without_fragment for link in links), page_url))

    index_pages.on_links(note)


def _without_metadata(url):
    return url[: -len(".metadata")] if url.endswith(".metadata") else url
