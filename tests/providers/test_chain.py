"""The order of the providers, and what comes of *not mine*, *mine but broken* and *nobody's*."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import pytest

from authpip.config.settings import Rule, Settings
from authpip.core.credential import Credential, Secret
from authpip.core.errors import CredentialError
from authpip.core.index import Index, parse_scope
from authpip.providers import chain, order
from authpip.providers.base import Request
from authpip.providers.chain import Answer

URL = "https://pypi.corp.example/team/simple/"


class Source(NamedTuple):
    """A provider made for a test."""

    NAME: str
    answer: Callable[[Request], Credential | None]
    is_owner: bool = False

    def find(self, request: Request) -> Credential | None:
        return self.answer(request)

    def owns(self, request: Request) -> bool:
        return self.is_owner


def says(name: str) -> Callable[[Request], Credential | None]:
    return lambda _: Credential(name, Secret("secret of " + name), name)


def nothing(_: Request) -> None:
    return None


def broken(_: Request) -> Credential | None:
    raise CredentialError("the helper failed", "it is broken", "mend it")


def resolve(
    monkeypatch: pytest.MonkeyPatch, *sources: Source, rule: Rule | None = None, url: str = URL, **more: Credential
) -> Answer:
    monkeypatch.setattr(order, "PROVIDERS", sources)
    index = Index(url, parse_scope(url), "--index-url")
    settings = Settings((rule,) if rule else ())
    [answer] = chain.resolve([index], settings, {}, inline={index.scope: more["inline"]} if more else None)
    return answer


def rule(**fields: object) -> Rule:
    return Rule("corp", "config.toml:1", parse_scope(URL), **fields)  # type: ignore[arg-type]


def test_the_first_that_answers_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    """*Not mine* passes the question on; after an answer nobody else is asked."""
    answer = resolve(monkeypatch, Source("a", nothing), Source("b", says("b")), Source("c", broken))
    assert answer.credential
    assert answer.credential.provider == "b"
    assert answer.tried == (("a", "not mine"), ("b", "answers"))


def test_a_broken_owner_is_not_replaced_by_another_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    """P9: *mine but broken* ends the chain with its own message; the next provider's identity is not used."""
    answer = resolve(monkeypatch, Source("a", broken), Source("b", says("b")))
    assert answer.credential is None
    assert str(answer.error) == "the helper failed: it is broken; mend it"
    assert answer.authenticate == "always"


def test_nothing_found_for_an_index_that_nobody_owns_is_pips_affair(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a rule, an owner or a credential there is no error, and the index is not managed."""
    answer = resolve(monkeypatch, Source("a", nothing))
    assert (answer.error, answer.is_managed, answer.authenticate) == (None, False, "auto")


def test_nothing_found_where_a_provider_owns_the_index_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """P9, A27: a stored login or a known cloud host that yields nothing must not end in an anonymous request."""
    answer = resolve(monkeypatch, Source("a", nothing, is_owner=True))
    assert answer.error is not None
    assert "authpip auth login" in str(answer.error)


@pytest.mark.parametrize(("mode", "fails"), [("always", True), ("auto", False)])
def test_a_rule_says_whether_nothing_is_an_error(monkeypatch: pytest.MonkeyPatch, mode: str, fails: bool) -> None:
    """`authenticate = "always"` calls for a credential and names the variable that would give one; auto does not."""
    answer = resolve(monkeypatch, Source("a", nothing), rule=rule(authenticate=mode))
    assert (answer.error is not None) is fails
    assert not fails or "AUTHPIP_INDEX_CORP_PASSWORD" in str(answer.error)


def test_never_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """`authenticate = "never"`: no provider is asked, and authpip sees to it that nothing is sent."""
    answer = resolve(monkeypatch, Source("a", broken), rule=rule(authenticate="never"))
    assert (answer.credential, answer.error, answer.is_managed) == (None, None, True)


def test_a_rule_that_names_a_provider_is_asked_of_that_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rule's provider alone is asked, however early another one stands."""
    answer = resolve(monkeypatch, Source("a", says("a")), Source("b", says("b")), Source("env", nothing),
                     Source("url", nothing), rule=rule(provider="b"))  # fmt: skip
    assert answer.credential
    assert answer.credential.provider == "b"


@pytest.mark.parametrize(
    ("url", "allowed", "sent"),
    [
        ("http://pypi.corp.example/team/simple/", False, False),
        ("http://pypi.corp.example/team/simple/", True, True),
        ("http://127.0.0.1:8080/simple/", False, True),
        ("http://localhost/simple/", False, True),
        ("https://pypi.corp.example/team/simple/", False, True),
    ],
)
def test_plain_http_is_refused_off_loopback(
    monkeypatch: pytest.MonkeyPatch, url: str, allowed: bool, sent: bool
) -> None:
    """P2: a credential for plain http is an error unless the address is loopback or the rule allows it."""
    its_rule = Rule("corp", "config.toml:1", parse_scope(url), allow_http=True) if allowed else None
    answer = resolve(monkeypatch, Source("a", says("a")), rule=its_rule, url=url)
    assert (answer.credential is not None) is sent
    assert sent or "allow-http = true" in str(answer.error)


def test_a_user_name_with_a_colon_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """F20: Basic could not carry it; the message names the source that gave it."""
    answer = resolve(monkeypatch, Source("a", lambda _: Credential("a:b", Secret("p"), "a")))
    assert "colon" in str(answer.error)


@pytest.mark.parametrize(
    ("scheme", "secret", "why"),
    [
        ("basic", "p\udcff", "it has bytes that are not UTF-8"),
        ("bearer", "tok\nen", "a bearer token is visible ASCII alone"),
        ("bearer", "t\u00f6ken", "a bearer token is visible ASCII alone"),
    ],
)
def test_what_no_header_carries_is_refused(monkeypatch: pytest.MonkeyPatch, scheme: str, secret: str, why: str) -> None:
    """F20: a variable in another encoding, a token with a line break: one message before pip starts, and no secret."""
    answer = resolve(monkeypatch, Source("a", lambda _: Credential("u", Secret(secret), "a", scheme=scheme)))
    assert f"the credential for https://pypi.corp.example/team/simple/ cannot be sent: {why}" in str(answer.error)
    assert secret not in str(answer.error)


def test_indexes_are_asked_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three providers that wait for one another all answer: they run side by side, and stay in order."""
    from threading import Barrier

    barrier = Barrier(3, timeout=20)

    def together(request: Request) -> Credential:
        barrier.wait()
        return Credential(request.index.scope.host, Secret("x"), "a")

    monkeypatch.setattr(order, "PROVIDERS", (Source("a", together),))
    indexes = [Index(url, parse_scope(url), "") for url in ("https://a/", "https://b/", "https://c/")]
    answers = chain.resolve(indexes, Settings(), {})
    assert [answer.credential and answer.credential.username for answer in answers] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"AUTHPIP_INDEX_CORP_USERNAME": "u", "AUTHPIP_INDEX_CORP_PASSWORD": "p"}, "u"),
        ({"AUTHPIP_INDEX_CORP_PASSWORD": "p"}, "__token__"),
        ({"AUTHPIP_INDEX_CORP_PASSWORD": ""}, CredentialError),
        ({"AUTHPIP_INDEX_CORP_USERNAME": "u"}, CredentialError),
        ({"AUTHPIP_INDEX_OTHER_PASSWORD": "p"}, None),
    ],
)
def test_the_variables_of_a_rule(environ: Mapping[str, str], expected: object) -> None:
    """A pair serves; half a pair, as a CI secret that is not set leaves it, is an error and not an anonymous run."""
    from authpip.providers import env

    index = Index(URL, parse_scope(URL), "")
    request = Request(index, Settings(), environ, 0.0, rule())
    if expected is CredentialError:
        with pytest.raises(CredentialError, match="AUTHPIP_INDEX_CORP_PASSWORD"):
            env.find(request)
    else:
        found = env.find(request)
        assert (found.username if found else None) == expected
