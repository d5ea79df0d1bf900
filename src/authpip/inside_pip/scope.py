"""The scope rule on this side: which credential, if any, goes with a request.

The same rule as authpip's index.py, on URLs that requests has prepared (ASCII, encoded); one table of tests
holds both. An URL that cannot be read with certainty gets nothing.
"""

import re

PORTS = {"http": 80, "https": 443}
_URL = re.compile(
    r"(?P<scheme>https?)://(?:[^/?#\\@\[\]]*@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?(?P<path>/[^?#]*)?(?:[?#].*)?",
    re.IGNORECASE,
)
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\U0010ffff\\]")
_PERCENT = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
_KEPT = _UNRESERVED + "!$&'()*+,;=:@/%"


def parse(url):
    """(scheme, host, port, path) of a URL, path beginning and ending with "/"; None for one that is refused."""
    match = None if _UNSAFE.search(url) else _URL.fullmatch(url)
    if not match:
        return None
    scheme, host = match["scheme"].lower(), match["host"].lower()
    port = int(match["port"]) if match["port"] else PORTS[scheme]
    path = _path(match["path"] or "/")
    if path is None or port > 65535 or (not host.startswith("[") and not all(host.split("."))):
        return None
    return scheme, host.strip("[]"), port, path


def covers(prefix, scope):
    """True when scope lies within prefix, by whole segments of the path."""
    return tuple(prefix[:3]) == tuple(scope[:3]) and scope[3].startswith(prefix[3])


def host_matches(pattern, host):
    """`*.corp.example`: whole labels below it; `re:…`: the whole host; anything else: that very host."""
    if pattern.startswith("re:"):
        return re.fullmatch(pattern[3:], host) is not None
    if pattern.startswith("*."):
        return host.endswith(pattern[1:]) and len(host) > len(pattern) - 1
    return host == pattern


def _path(path):
    if re.search(r"%(?![0-9A-Fa-f]{2})", path):
        return None
    decoded = _decode(_decode(path)).replace("\\", "/").replace(";", "/")
    if "\\" in _decode(path) or any(segment in (".", "..") for segment in decoded.split("/")):
        return None
    path = _PERCENT.sub(_normal, path)
    path = "".join(letter if letter in _KEPT else "%%%02X" % ord(letter) for letter in path)
    return path if path.endswith("/") else path + "/"


def _decode(text):
    return _PERCENT.sub(lambda match: chr(int(match[1], 16)), text)


def _normal(match):
    letter = chr(int(match[1], 16))
    return letter if letter in _UNRESERVED else "%%%02X" % ord(letter)
