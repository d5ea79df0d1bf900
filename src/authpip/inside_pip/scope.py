"""The scope rule in pip's interpreter: which credential, if any, goes with a request.

The same rule as in authpip's core/index.py; one table of tests covers both. The one difference: this module refuses a
host that is not ASCII, because requests has turned it into its A-label before. A refused URL gets no credential.
"""

import functools
import re
from ipaddress import AddressValueError, IPv6Address
from urllib.parse import unquote

PORTS = {"http": 80, "https": 443}
LONGEST = 8192  # characters of a URL
_URL = re.compile(r"(?P<scheme>https?)://(?P<authority>[^/?#]*)(?P<path>[^?#]*)(?P<rest>.*)", re.ASCII | re.IGNORECASE)
_AUTHORITY = re.compile(
    r"(?:(?P<userinfo>[^\[\]]*)@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[^\[\]:@]+)(?::(?P<port>[1-9][0-9]{0,4}))?"
)
_UNSAFE = re.compile("[\x00-\x20\x7f-\xa0\\\\\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]|\xc2[\x80-\x9f]")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_BYTE = re.compile(r"0|[1-9][0-9]{0,2}")
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
_UNRESERVED = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
_KEPT = frozenset(_UNRESERVED + b"!$&'()*+,;=:@/%")


@functools.lru_cache(maxsize=1024)  # one request needs the scope of its URL several times
def parse(url):
    """(scheme, host, port, path) of a URL, path beginning and ending with "/"; None for a refused URL."""
    parts, authority = _split(url)
    if authority is None:
        return None
    scheme = parts["scheme"].lower()
    port = int(authority["port"]) if authority["port"] else PORTS[scheme]
    host, path = _host(authority["host"].lower()), _path(parts["path"].encode("utf-8") or b"/")
    return (scheme, host, port, path) if host and path and port < 65536 else None


def split_userinfo(url):
    """(URL without a user name and password, these two percent-decoded); without a password (URL, user name, None)."""
    _, authority = _split(url)
    name, colon, password = ((authority and authority["userinfo"]) or "").partition(":")
    if not colon:
        return url, name, None
    start = url.index("://") + 3
    return url[:start] + url[start + len(authority["userinfo"]) + 1 :], unquote(name), unquote(password)


def without_userinfo(url):
    """The URL without user name and password; a refused URL unchanged."""
    _, authority = _split(url)
    if not authority or authority["userinfo"] is None:
        return url
    start = url.index("://") + 3
    return url[:start] + url[start + len(authority["userinfo"]) + 1 :]


def is_private(scheme, host):
    """True if a request cannot be read on the way: it uses TLS, or stays on this machine."""
    dotted = re.fullmatch(r"127\.\d+\.\d+\.\d+", host)
    return scheme == "https" or host in ("localhost", "::1") or host.endswith(".localhost") or dotted is not None


def covers(prefix, scope):
    """True if scope is within prefix, by whole segments of the path; both are tuples as `parse` returns them."""
    return prefix[:3] == scope[:3] and scope[3].startswith(prefix[3])


def site(url):
    """scheme://host[:port]/ of a URL, without user name; a refused URL unchanged."""
    parts, authority = _split(url)
    if authority is None:
        return url
    return "%s://%s/" % (parts["scheme"], parts["authority"].rpartition("@")[2])


def host_matches(pattern, host):
    """True if the host matches: `*.corp.example` means a host below it, `re:…` a pattern, anything else this host."""
    if pattern.startswith("re:"):
        return re.fullmatch(pattern[3:], host) is not None
    if pattern.startswith("*."):
        return host.endswith(pattern[1:]) and len(host) > len(pattern) - 1
    return host == pattern


def _has_disguised_mark(parts):
    """True for characters that normalise to the marks which end an authority (CVE-2019-9636)."""
    plain = re.sub("[@:]", "", parts["authority"])
    if plain.isascii():
        return False
    from unicodedata import normalize

    return any(mark in normalize("NFKC", plain) for mark in "/?#@:")


def _split(url):
    """(match of the URL, match of its authority), or (None, None) for a refused URL."""
    once = _decode(url.encode("utf-8", "surrogatepass"))
    if len(url) > LONGEST or _UNSAFE.search(url) or _CONTROL.search(once) or _CONTROL.search(_decode(once)):
        return None, None
    parts = _URL.fullmatch(url)
    authority = _AUTHORITY.fullmatch(parts["authority"]) if parts and not _has_disguised_mark(parts) else None
    return (parts, authority) if authority else (None, None)


def _host(host):
    if host.startswith("["):
        try:
            return IPv6Address(host[1:-1]).compressed
        except AddressValueError:
            return None
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        return None
    if labels[-1].isdigit() or labels[-1].startswith("0x"):  # resolvers read 0177.1 and 0x7f.1 as addresses, too
        return host if len(labels) == 4 and all(_BYTE.fullmatch(part) and int(part) < 256 for part in labels) else None
    return host


def _path(path):
    """The path with normal percent-encoding (RFC 3986, 6.2.2) and a final slash; None if it has a dot segment."""
    decoded = _decode(_decode(path))
    segments = decoded.replace(b"\\", b"/").replace(b";", b"/").split(b"/")
    if re.search(rb"%(?![0-9A-Fa-f]{2})", path) or b"\\" in _decode(path) or b"." in segments or b".." in segments:
        return None
    path = _PERCENT.sub(_normal, path)
    path = b"".join(bytes([byte]) if byte in _KEPT else b"%%%02X" % byte for byte in path)
    return (path if path.endswith(b"/") else path + b"/").decode("ascii")


def _decode(text):
    return _PERCENT.sub(lambda match: bytes([int(match[1], 16)]), text)


def _normal(match):
    byte = int(match[1], 16)
    return bytes([byte]) if byte in _UNRESERVED else b"%%%02X" % byte
