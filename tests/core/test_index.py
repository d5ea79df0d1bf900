"""The scope rule on both sides, against 2,000 URLs made to mislead it: A01 to A09, P1."""

from __future__ import annotations

import importlib.util
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import authpip.core.index
from authpip.core.index import RefusedURL, Scope, parse_scope, split_userinfo
from support.samples.hostile_urls import ACCEPTED, CONTROLS, PLACES, REFUSED, corpus

urllib3 = pytest.importorskip("pip._vendor.urllib3.util.url", reason="pip's own parser")
PIECES = [
    *("http", "https", "HTTPS", "://", ":", "/", "//", "@", "\\", "?", "#", ";", ".", "..", "%", "%2e", "%2f", "%5c"),
    *("%40", "%00", "%0a", "%250a", "[", "]", "[::1]", "127.0.0.1", "0x7f", "good.example", "evil.example", "alice"),
    *(
        "secret",
        "443",
        "0",
        "simple",
        "simpleevil",
        "team",
        " ",
        "\t",
        "\n",
        "\u202e",
        "ß",
        "\uff45",
        "é",
        "-",
        "_",
        "&",
    ),
]


def _other_side() -> ModuleType:
    """inside_pip/scope.py, which is run by path and belongs to no package of ours."""
    path = authpip.core.index.__file__.replace("core/index.py", "inside_pip/scope.py")
    spec = importlib.util.spec_from_file_location("_authpip_inside_scope", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


INSIDE = _other_side()


def scope_of(url: str) -> Scope | None:
    """The scope; None where it is refused."""
    try:
        return parse_scope(url)
    except RefusedURL:
        return None


def parsed_by_the_library(url: str) -> tuple[Any, ...] | None:
    """(scheme, host, port) as urllib.parse reads it; None where it refuses, so that nothing can be sent there."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts.scheme, parts.hostname, parts.port or authpip.core.index.DEFAULT_PORTS[parts.scheme]


def parsed_by_urllib3(url: str) -> tuple[Any, ...] | None:
    """The same as the parser of pip's requests reads it."""
    try:
        parts = urllib3.parse_url(url)
    except urllib3.LocationParseError:
        return None
    host = (parts.host or "").strip("[]")
    return parts.scheme, host, parts.port or authpip.core.index.DEFAULT_PORTS[parts.scheme]


def holds(url: str) -> None:
    """Refused, or read alike by everybody; and both sides of the rule are one."""
    scope, inside = scope_of(url), INSIDE.parse(url)
    assert inside is None or scope is not None, "the other side took what this one refuses"
    if scope is None:
        return
    if url.isascii():
        assert inside == tuple(scope), "the two sides disagree"
    else:
        assert inside in {None, tuple(scope)}
    host = scope.host
    for scheme, other, port in filter(None, (parsed_by_the_library(url), parsed_by_urllib3(url))):
        assert (scheme, port) == scope[:1] + scope[2:3]
        assert _same_host(other, host), f"{other} is not {host}"
    assert scope_of(str(scope)) == scope, "its own spelling means something else"
    assert not any(segment in {".", ".."} for segment in scope.path.split("/"))


def _same_host(one: str, other: str) -> bool:
    if ":" in other:
        from ipaddress import ip_address

        return ip_address(one) == ip_address(other)
    return one.encode("idna").decode().lower() == other


def test_the_corpus_is_large_enough() -> None:
    """2,000 fixed URLs at least."""
    assert len(corpus()) >= 2000


def test_the_corpus_is_refused_or_read_alike() -> None:
    """A05, A06, A07: urllib.parse, urllib3 and both sides of the scope rule mean the same host, or it is refused."""
    for url in corpus():
        try:
            holds(url)
        except Exception as error:
            pytest.fail(f"{url!r}: {error!r}")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("form", ["{}", "%{:02X}", "%25{:02X}"])
def test_controls_are_refused_everywhere(place: str, form: str) -> None:
    """A01: 66 control characters in four places, raw, percent-encoded and twice so: none is let through."""
    assert len(CONTROLS) >= 66
    for letter in CONTROLS[:33] if form != "{}" else CONTROLS:
        text = letter if form == "{}" else form.format(ord(letter))
        assert scope_of(place.format(text)) is None, repr(letter)
        assert INSIDE.parse(place.format(text)) is None, repr(letter)


@pytest.mark.parametrize("url", REFUSED)
def test_what_is_refused(url: str) -> None:
    """A02, A05, A07, A08: no host, odd ports, numeric addresses, zones, dot segments in any guise: on both sides."""
    assert scope_of(url) is None
    assert INSIDE.parse(url) is None


@pytest.mark.parametrize(("url", "canonical"), ACCEPTED)
def test_what_is_accepted(url: str, canonical: str) -> None:
    """A06, A07: several spellings of one URL give one scope; a user name that looks like a host is not the host."""
    assert str(parse_scope(url)) == canonical
    assert INSIDE.parse(url) == tuple(parse_scope(canonical))


def test_a_refusal_does_not_repeat_the_url() -> None:
    """A23: a URL that is refused may hold a password; why it is refused does not."""
    for url in ("https://alice:hunter2@good.example/a b", "https://alice:hunter2@[/", "ftp://alice:hunter2@x/"):
        for judge in (split_userinfo, parse_scope):
            with pytest.raises(RefusedURL) as refusal:
                judge(url)
            assert "hunter2" not in str(refusal.value)


def test_covers_by_whole_segments() -> None:
    """A08, A09: a prefix ends at a slash; another scheme, host, port or sibling path is outside the scope."""
    team = parse_scope("https://good.example/team/simple")
    for inside in ("/team/simple", "/team/simple/", "/team/simple/thing/", "/team/%73imple/thing"):
        assert team.covers(parse_scope(f"https://good.example{inside}")), inside
        assert INSIDE.covers(team, INSIDE.parse(f"https://good.example{inside}")), inside
    outside = [
        *("https://good.example/team/simpleevil/", "https://good.example/team/", "https://good.example/"),
        *("https://good.example/Team/simple/", "https://good.example//team/simple/"),
        *("https://good.example/team%2Fsimple/", "http://good.example/team/simple/"),
        *("https://good.example:8443/team/simple/", "https://x.good.example/team/simple/"),
    ]
    for url in outside:
        assert not team.covers(parse_scope(url)), url
        assert not INSIDE.covers(team, INSIDE.parse(url)), url


urls = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=14).map("".join),
    st.lists(st.sampled_from(PIECES), max_size=10).map(lambda pieces: "https://" + "".join(pieces)),
    st.text(max_size=20).map(lambda text: f"https://good.example/{text}"),
    st.text(max_size=20).map(lambda text: f"https://{text}good.example/"),
)


@settings(max_examples=3000, deadline=None)
@given(urls)
@example("https://evil.example\\@good.example/")
def test_generated_urls(url: str) -> None:
    """3,000 URLs put together from what parsers stumble over."""
    holds(url)


@pytest.mark.heavy
@settings(max_examples=100_000, deadline=None)
@given(urls)
def test_generated_urls_at_length(url: str) -> None:
    """100,000 of them."""
    holds(url)
