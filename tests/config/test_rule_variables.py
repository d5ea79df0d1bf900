"""Each key of a rule as a variable: with no file in CI, or in place of what a file says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authpip.config.loading import load_settings, read_settings
from authpip.config.schema import INDEX_KEYS, PROVIDER_KEYS
from authpip.core.index import parse_scope

URL = "https://pypi.corp.example/team/simple/"
AT = "AUTHPIP_INDEX_CORP_"
NO_FILE = {"AUTHPIP_CONFIG": os.devnull}


def rule(**variables: str):
    """The one rule that these variables of CORP make."""
    environ = {**NO_FILE, **{AT + name: value for name, value in variables.items()}}
    [found] = load_settings(environ).rules
    return found


def problems(environ: dict[str, str]) -> list[str]:
    """All that is wrong."""
    return [str(problem) for problem in read_settings({**NO_FILE, **environ})[1]]


def test_every_key_reaches_the_rule() -> None:
    """next.md 5: no file, and each kind of key: word, switch, list, table, a table's key that ends in _URL."""
    found = rule(
        URL=URL,
        PROVIDER="oidc",
        USERNAME="ci",
        AUTHENTICATE="auto",
        ALLOW_HTTP="true",
        SCHEME="bearer",
        OIDC_EXCHANGE="rfc8693",
        OIDC_TOKEN_URL="https://sts.corp.example/token",
        OIDC_PROVIDER_NAME="github",
        AWS_PROFILE="",
        PACKAGES="Corp_*, corp",
        REQUIRED="false",
        INDEX_ONLY="true",
        LINKS="same-path",
    )
    assert (found.name, found.configured_in, found.scope) == ("corp", AT + "URL", parse_scope(URL))
    assert (found.provider, found.username, found.authenticate) == ("oidc", "ci", "auto")
    assert (found.allow_http, found.scheme, found.links) == (True, "bearer", "same-path")
    assert (found.packages, found.required, found.index_only) == (("corp-*", "corp"), False, True)
    wanted = {"exchange": "rfc8693", "token-url": "https://sts.corp.example/token", "provider-name": "github"}
    assert found.options == {"oidc": wanted}


def test_hosts_make_a_rule() -> None:
    """A list is separated by commas or spaces."""
    assert rule(HOSTS="*.corp.example, pypi.example.org").hosts == ("*.corp.example", "pypi.example.org")


def test_a_variable_replaces_a_key_of_a_file(tmp_path: Path) -> None:
    """The rule's place and its other keys stay those of the file; another rule is not touched."""
    config = tmp_path / "config.toml"
    config.write_text(f"""
[[index]]
name = "corp"
url = "{URL}"
[index.aws]
profile = "build"
region = "eu-west-1"
[[index]]
hosts = ["other.example"]
[index.aws]
profile = "other"
""")
    config.chmod(0o600)
    environ = {"AUTHPIP_CONFIG": str(config), AT + "AWS_PROFILE": "ci", AT + "AUTHENTICATE": "auto"}
    corp, other = load_settings(environ).rules
    assert corp.scope == parse_scope(URL)
    assert (corp.authenticate, corp.options) == ("auto", {"aws": {"profile": "ci", "region": "eu-west-1"}})
    assert (other.authenticate, other.options) == ("always", {"aws": {"profile": "other"}})


def test_a_key_of_a_table_makes_no_rule() -> None:
    """…_OIDC_TOKEN_URL alone says nothing of a rule A_OIDC_TOKEN."""
    assert load_settings({**NO_FILE, "AUTHPIP_INDEX_A_OIDC_TOKEN_URL": "https://x.example/"}).rules == ()


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("PROVIDER", "oidx", "PROVIDER: provider = 'oidx' is not known; did you mean 'oidc'?"),
        ("ALLOW_HTTP", "yes", "ALLOW_HTTP: allow-http must be true or false"),
        ("AUTHENTICATE", "sometimes", "AUTHENTICATE: authenticate = 'sometimes' is not known"),
        ("PROVDER", "oidc", "PROVDER: a rule has no such key; did you mean AUTHPIP_INDEX_CORP_PROVIDER?"),
        ("QZX", "1", "QZX: a rule has no such key; unset it"),
        ("HOSTS", "x.example", "HOSTS: url and hosts exclude each other"),
        ("OIDC_EXCHANGE", "jfrg", "URL: oidc.exchange = 'jfrg' is not known; known: jfrog, cloudsmith"),
    ],
)
def test_each_message(name: str, value: str, message: str) -> None:
    """A variable that makes no sense is named, with the nearest that does."""
    [found] = problems({AT + "URL": URL, AT + name: value})
    assert found.startswith(AT + message)


def test_variables_of_other_rules_are_let_be() -> None:
    """A password of a rule that is not there, or of one whose name begins alike, is no misspelt key."""
    assert problems({AT + "URL": URL, AT + "EU_PASSWORD": "x", "AUTHPIP_INDEX_OTHER_ODD": "x"}) == []


@given(
    st.dictionaries(
        st.sampled_from([key.upper().replace("-", "_") for key in INDEX_KEYS])
        | st.sampled_from([f"{t}_{k}".upper().replace("-", "_") for t, keys in PROVIDER_KEYS.items() for k in keys]),
        st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=12)
        | st.sampled_from([URL, "oidc", "true", "never", "https://alice:hunter2@x.example/"]),
    )
)
def test_any_variables_give_rules_or_problems(variables: dict[str, str]) -> None:
    """Whatever stands in them: no exception, and no password in a message."""
    environ = {**NO_FILE, **{AT + name: value for name, value in variables.items()}}
    settings, found = read_settings(environ)
    assert len(settings.rules) <= 1
    assert "hunter2" not in "".join(map(str, found))
