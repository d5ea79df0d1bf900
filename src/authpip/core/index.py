"""Index URLs and the scope rule: where a credential may go.

URLs that two parsers could read in two ways are refused, never repaired (attacks.md A01-A08 in the threat model).
`inside_pip/scope.py` holds the same rule for the other interpreter; one table of tests holds both.
"""

from __future__ import annotations

import re
from typing import NamedTuple

DEFAULT_PORTS = {"http": 80, "https": 443}
LONGEST_URL = 8192
_URL = re.compile(r"(?P<scheme>https?)://(?P<authority>[^/?#]*)(?P<path>[^?#]*)(?P<rest>.*)", re.ASCII | re.IGNORECASE)
_AUTHORITY = re.compile(
    r"(?:(?P<userinfo>[^\[\]]*)@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[^\[\]:@]+)(?::(?P<port>[1-9][0-9]{0,4}))?"
)
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]|\xc2[\x80-\x9f]")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
_KEPT = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


class RefusedURL(ValueError):  # noqa: N818 (the name says what happened to the URL)
    """authpip refuses a URL; `str()` says why, without the URL itself."""


class Scope(NamedTuple):
    """Where a credential may go: scheme, host (lower-case A-label), port, and a path prefix of whole segments.

    path begins and ends with "/" and has its percent-encoding normalised.
    """

    scheme: str
    host: str
    port: int
    path: str

    def covers(self, other: Scope) -> bool:
        """True if a request to `other` is within this scope."""
        return self[:3] == other[:3] and other.path.startswith(self.path)

    def same_origin(self, other: Scope) -> bool:
        """True for the same scheme, host and port (RFC 6454, 4)."""
        return self[:3] == other[:3]

    @property
    def netloc(self) -> str:
        """The host, and the port if it is not the scheme's default."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if DEFAULT_PORTS[self.scheme] == self.port else f"{host}:{self.port}"

    @property
    def is_plain_http(self) -> bool:
        """True if others on the network could read a credential: http, and not a loopback address."""
        return self.scheme == "http" and not is_loopback(self.host)

    def __str__(self) -> str:
        return f"{self.scheme}://{self.netloc}{self.path}"


class Index(NamedTuple):
    """One index (or page of links, or file) that a pip command uses.

    url: without user name and password. configured_in: "--index-url", "PIP_INDEX_URL" or "/etc/pip.conf:3". username:
    the user name in the URL, if any. project: the normalised name of the one project that is requested there, if it
    is known (an upload).
    """

    url: str
    scope: Scope
    configured_in: str
    username: str | None = None
    project: str | None = None


def parse_scope(url: str) -> Scope:
    """The scope that an http(s) URL names. Raises RefusedURL for a URL that is odd in any way."""
    scheme, authority, path = _split(url)
    host, port = authority["host"], authority["port"]
    number = int(port) if port else DEFAULT_PORTS[scheme]
    if number > 65535:
        raise RefusedURL("its port is out of range")
    return Scope(scheme, _canonical_host(host), number, _canonical_path(path))


def split_userinfo(url: str) -> tuple[str, str | None, str | None]:
    """(URL without userinfo, user name, password), both percent-decoded as pip does. Raises RefusedURL."""
    _, authority, _ = _split(url)
    userinfo = authority["userinfo"]
    if userinfo is None:
        return url, None, None
    start = url.index("://") + 3
    clean = url[:start] + url[start + len(userinfo) + 1 :]
    name, colon, password = userinfo.partition(":")
    return clean, _unquote(name), _unquote(password) if colon else None


def is_index_url(url: str) -> bool:
    """True for an http(s) URL: authpip handles no other kind of index."""
    return url.lstrip()[:8].lower().startswith(("http:", "https:"))


def is_loopback(host: str) -> bool:
    """True for localhost, 127.0.0.0/8 and ::1 (RFC 6761, RFC 1122)."""
    dotted = re.fullmatch(r"127\.\d+\.\d+\.\d+", host)
    return host in {"localhost", "::1"} or host.endswith(".localhost") or dotted is not None


def _split(url: str) -> tuple[str, re.Match[str], str]:
    if len(url) > LONGEST_URL:
        raise RefusedURL("it is too long")
    if _UNSAFE.search(url) or _hides_control(url):
        raise RefusedURL("it has a space, a backslash or a control character in it")
    parts = _URL.fullmatch(url)
    authority = _AUTHORITY.fullmatch(parts["authority"]) if parts else None
    if not parts or not authority:
        raise RefusedURL("it is not of the form https://HOST[:PORT]/PATH")
    if not parts["authority"].isascii() and _has_disguised_mark(parts["authority"]):
        raise RefusedURL("it has a letter in it that stands for /, ?, #, @ or :")
    return parts["scheme"].lower(), authority, parts["path"]


def _has_disguised_mark(authority: str) -> bool:
    """True for full-width and other forms of /, ?, #, @ and : (CVE-2019-9636); urllib.parse refuses them as well."""
    from unicodedata import normalize

    plain = re.sub("[@:]", "", authority)
    return any(mark in normalize("NFKC", plain) for mark in "/?#@:")


def _hides_control(url: str) -> bool:
    """True if one or two percent-decodings give a control character: another parser may decode twice (A01)."""
    once = _decode(url.encode("utf-8", "surrogatepass"))
    return any(_CONTROL.search(text) for text in (once, _decode(once)))


def _decode(text: bytes) -> bytes:
    return _PERCENT.sub(lambda match: bytes([int(match[1], 16)]), text)


def _unquote(text: str) -> str:
    return _decode(text.encode()).decode("utf-8", "replace")


def _canonical_host(host: str) -> str:
    if host.startswith("["):
        from ipaddress import AddressValueError, IPv6Address

        try:
            return IPv6Address(host[1:-1]).compressed
        except AddressValueError:
            raise RefusedURL("its IPv6 address is malformed") from None
    host = _a_label(host.lower()) if not host.isascii() else host.lower()
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise RefusedURL("its host is not a valid name")
    if labels[-1].isdigit() or labels[-1].startswith("0x"):
        _refuse_odd_ipv4(labels)
    return host


def _refuse_odd_ipv4(labels: list[str]) -> None:
    """Accept four plain decimals only: resolvers read 0177.1, 2130706433 and 0x7f.1 as addresses, too."""
    plain = [label for label in labels if re.fullmatch(r"0|[1-9][0-9]{0,2}", label) and int(label) < 256]
    if len(labels) != 4 or len(plain) != 4:
        raise RefusedURL("its host is a number that parsers read differently")


def _a_label(host: str) -> str:
    """The ASCII form of an international name; names that mapping would change are refused (homoglyphs)."""
    try:
        ascii_form = host.encode("idna").decode("ascii")
        unchanged = ascii_form.encode("ascii").decode("idna") == host
    except UnicodeError:
        unchanged = False
    if not unchanged or any(letter in host for letter in "ßς\u200c\u200d"):
        raise RefusedURL("its host is written in letters that parsers map differently")
    return ascii_form


def _canonical_path(path: str) -> str:
    """Percent-encoding normalised (RFC 3986, 6.2.2), a final slash added; dot segments are refused in any guise."""
    raw = path.encode("utf-8") or b"/"
    if re.search(rb"%(?![0-9A-Fa-f]{2})", raw):
        raise RefusedURL("its path has a malformed percent-encoding")
    decoded = _decode(_decode(raw)).replace(b"\\", b"/").replace(b";", b"/")
    if any(segment in {b".", b".."} for segment in decoded.split(b"/")):
        raise RefusedURL("its path has a dot segment")
    if b"\\" in _decode(raw):
        raise RefusedURL("its path has a backslash")
    text = _PERCENT.sub(_normal_percent, raw)
    text = b"".join(bytes([byte]) if byte in _KEPT or byte == 0x25 else b"%%%02X" % byte for byte in text)
    return (text if text.endswith(b"/") else text + b"/").decode("ascii")


def _normal_percent(match: re.Match[bytes]) -> bytes:
    byte = int(match[1], 16)
    return bytes([byte]) if byte in _UNRESERVED else b"%%%02X" % byte
