"""The site's file: what it locks, which indexes it names, which version it wants; and that no user undoes it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authpip.config.loading import config_paths, load_settings, own_config_path, read_settings
from authpip.config.package_patterns import closest
from authpip.config.precedence import overlap, stronger
from authpip.config.settings import Rule, Settings
from authpip.config.site import MinimumVersion
from authpip.core.errors import UsageError
from authpip.core.index import Scope, parse_scope
from authpip.files import user_dirs

URL = "https://pypi.corp.example/team/simple/"
SITE = f"""locked = ["rules"]

[[index]]
name = "corp"
url = "{URL}"
provider = "aws"
packages = ["corp-*"]

[[index]]
name = "wide"
hosts = ["*.corp.example"]
"""
Environ = dict[str, str]


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    path.write_text(text)
    path.chmod(0o644)
    return path


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Write the site's file at its fixed place, which is another directory here."""
    monkeypatch.setattr(user_dirs, "SITE", str(tmp_path / "fixed"))
    return lambda text: write(tmp_path / "fixed/authpip/config.toml", text)


@pytest.fixture
def user(tmp_path: Path, environment: Environ) -> Callable[..., Environ]:
    """The environment of a user with this config.toml and these variables."""

    def make(text: str = "", **variables: str) -> Environ:
        environ = {"HOME": str(tmp_path / "home"), **variables}
        write(tmp_path / "home/.config/authpip/config.toml", text)
        return environ

    return make


def rule(url: str, more: str = "") -> str:
    return f'[[index]]\nname = "mine"\nurl = "{url}"\nauthenticate = "never"\n{more}\n'


CONFLICTS = [
    URL,
    "https://pypi.corp.example/team/",
    "https://pypi.corp.example/team/simple/corp-lib/",
    "https://pypi.corp.example/",
    "https://other.corp.example/simple/",
]


@pytest.mark.parametrize("url", CONFLICTS)
@pytest.mark.posix
def test_a_rule_of_the_users_for_a_locked_place_is_not_used(
    url: str, site: Callable[[str], Path], user: Callable[..., Environ]
) -> None:
    """The same URL, one around it, one within it, and a host that a wildcard speaks of: the site's rule stays, and the
    message names both files with their lines."""
    file = site(SITE)
    environ = user("\n" + rule(url))
    settings = load_settings(environ)
    assert [(one.name, one.locked) for one in settings.rules] == [("corp", True), ("wide", True)]
    [overruled] = settings.overruled
    assert overruled.configured_in == str(Path(environ["HOME"], ".config/authpip/config.toml:2"))
    said = str(overruled.problem)
    assert said.startswith(f"{overruled.configured_in}: the rule 'mine' is not used: the site's rule ")
    assert f"({file}:3) speaks of " in said or f"({file}:9) speaks of " in said


@pytest.mark.parametrize("url", ["https://pypi.org/simple/", "https://corp.example/simple/", "https://a.evil.example/"])
@pytest.mark.posix
def test_a_rule_for_another_place_stays(url: str, site: Callable[[str], Path], user: Callable[..., Environ]) -> None:
    """A user's rule for a place that no locked rule speaks of is used, beside the site's."""
    site(SITE)
    settings = load_settings(user(rule(url)))
    assert [one.name for one in settings.rules] == ["mine", "corp", "wide"]
    assert settings.overruled == ()


WAYS: dict[str, Callable[[Path], Environ]] = {
    "AUTHPIP_CONFIG": lambda own: {"AUTHPIP_CONFIG": str(own)},
    "AUTHPIP_CONFIG=/dev/null": lambda own: {"AUTHPIP_CONFIG": os.devnull},
    "XDG_CONFIG_DIRS": lambda own: {"XDG_CONFIG_DIRS": str(own.parents[1])},
    "XDG_CONFIG_DIRS=/nonexistent": lambda own: {"XDG_CONFIG_DIRS": "/nonexistent"},
    "XDG_CONFIG_DIRS twice": lambda own: {"XDG_CONFIG_DIRS": f"{user_dirs.SITE}:{user_dirs.SITE}/../fixed"},
    "XDG_CONFIG_HOME": lambda own: {"XDG_CONFIG_HOME": str(own.parents[1])},
    "HOME": lambda own: {"HOME": str(own.parents[2])},
    "a URL": lambda own: {"AUTHPIP_INDEX_MINE_URL": URL, "AUTHPIP_INDEX_MINE_AUTHENTICATE": "never"},
    "hosts": lambda own: {"AUTHPIP_INDEX_MINE_HOSTS": "pypi.corp.example", "AUTHPIP_INDEX_MINE_AUTHENTICATE": "never"},
    "a rule of the same name": lambda own: {"AUTHPIP_INDEX_CORP_URL": URL, "AUTHPIP_INDEX_CORP_PROVIDER": "none"},
    "a key": lambda own: {"AUTHPIP_INDEX_CORP_AUTHENTICATE": "never", "AUTHPIP_INDEX_CORP_AWS_PROFILE": "mine"},
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.posix
def test_no_variable_undoes_a_locked_rule(way: str, site: Callable[[str], Path], tmp_path: Path) -> None:
    """AUTHPIP_CONFIG, XDG_*, HOME and AUTHPIP_INDEX_*: the locked rule answers for its URL, with its own keys."""
    site(SITE)
    own = write(tmp_path / "own/.config/authpip/config.toml", rule(URL))
    environ = {"HOME": str(tmp_path / "nothing"), **WAYS[way](own)}
    settings, problems = read_settings(environ)
    found = settings.rule_for(parse_scope(URL))
    assert found is not None
    assert (found.name, found.provider, found.authenticate, found.options, found.locked) == (
        *("corp", "aws", "always", {}),
        True,
    )
    assert problems == []
    names = [name for name in environ if name.startswith("AUTHPIP_INDEX_") and not name.endswith("URL")]
    assert bool(settings.overruled) or not names


def test_a_locked_rule_takes_its_credential_from_variables(site: Callable[[str], Path]) -> None:
    """User name and password are no setting of the site's: a CI job may have them, and nothing is said about it."""
    site(SITE)
    environ = {"HOME": "/nonexistent", "AUTHPIP_INDEX_CORP_USERNAME": "ci", "AUTHPIP_INDEX_CORP_PASSWORD": "x"}
    assert load_settings(environ).overruled == ()


@pytest.mark.posix
def test_lock_of_a_file_that_is_not_the_sites(user: Callable[..., Environ], site: Callable[[str], Path]) -> None:
    """A user's own file cannot lock anything, and a word that cannot be locked is told."""
    _, problems = read_settings(user('locked = ["rules"]\n'))
    assert str(problems[0]).endswith("config.toml:1: locked counts in the site's file alone; take it out")
    file = site('locked = ["rule"]\n')
    _, problems = read_settings({"HOME": "/nonexistent"})
    assert str(problems[0]) == f"{file}:1: 'rule' cannot be locked; did you mean 'rules'?"


@pytest.mark.posix
def test_a_broken_file_of_the_sites_stops(site: Callable[[str], Path]) -> None:
    """AUTHPIP_CONFIG cannot go around a site's file that cannot be read: the command ends with its line (P9)."""
    file = site("locked = [\n")
    with pytest.raises(UsageError, match=rf"{file}:\d: this is not TOML"):
        load_settings({"AUTHPIP_CONFIG": os.devnull})
    site(SITE).chmod(0o666)
    with pytest.raises(UsageError, match="other users can write"):
        load_settings({"AUTHPIP_CONFIG": os.devnull})


@pytest.mark.parametrize(
    ("key", "text", "variables", "field", "value"),
    [
        ("confusion", 'confusion = "error"', {}, "confusion", "error"),
        ("strategy", 'strategy = "first-index"', {}, "strategy", "first-index"),
        ("builds", '[builds]\nhide = "identity"', {"AUTHPIP_BUILDS_HIDE": "nothing"}, "builds", None),
        ("audit", '[audit]\nfile = "/var/log/authpip.jsonl"', {}, "audit", None),
    ],
)
@pytest.mark.posix
def test_other_settings_that_are_locked(
    key: str,
    text: str,
    variables: Environ,
    field: str,
    value: str | None,
    site: Callable[[str], Path],
    user: Callable[..., Environ],
) -> None:
    """Unlocked, the user's file wins; locked, the site's does, whatever file or variable says something else."""
    mine = {
        "confusion": 'confusion = "ignore"',
        "strategy": 'strategy = "best-match"',
        "builds": '[builds]\nhide = "nothing"',
        "audit": '[audit]\nfile = "/tmp/mine.jsonl"',
    }[key]
    file = site(text)
    theirs = getattr(load_settings({"HOME": "/nonexistent"}), field)
    assert value in {None, theirs}
    environ = user(mine, **variables)
    assert getattr(load_settings(environ), field) != theirs
    site(f'locked = ["{key}"]\n{text}')
    for one in (
        environ,
        environ | {"AUTHPIP_CONFIG": os.devnull},
        environ | {"HOME": "/nonexistent", "XDG_CONFIG_DIRS": "/x"},
    ):
        settings = load_settings(one)
        assert getattr(settings, field) == theirs or key == "audit"
        assert key != "audit" or settings.audit.file == theirs.file  # type: ignore[union-attr]
    said = [str(one.problem) for one in load_settings(environ).overruled]
    assert f"{environ['HOME']}/.config/authpip/config.toml:1: {key} is not used" in said[0]
    assert f"the site has locked it ({file}:2)" in said[0]
    assert len(said) == 1 + len(variables)


@pytest.mark.posix
def test_the_sites_file_is_not_the_users_to_write(site: Callable[[str], Path], user: Callable[..., Environ]) -> None:
    """`auth import` adds rules to the user's own file, and to none where AUTHPIP_CONFIG names none."""
    site(SITE)
    environ = user()
    assert own_config_path(environ) == f"{environ['HOME']}/.config/authpip/config.toml"
    assert own_config_path(environ | {"AUTHPIP_CONFIG": "/x/mine.toml"}) == "/x/mine.toml"
    assert own_config_path(environ | {"AUTHPIP_CONFIG": os.devnull}) == ""


@pytest.mark.posix
def test_what_is_not_locked_can_be_left_out(site: Callable[[str], Path]) -> None:
    """AUTHPIP_CONFIG names one file in place of the others; of the site's only what is locked remains."""
    file = site('[[index]]\nurl = "https://a.example/"\n[pip]\nindex-url = "https://a.example/"\n')
    settings = load_settings({"AUTHPIP_CONFIG": os.devnull})
    assert (settings.rules, settings.pip) == ((), ())
    assert config_paths({"AUTHPIP_CONFIG": os.devnull}) == [str(file)]
    assert len(load_settings({"HOME": "/nonexistent", "XDG_CONFIG_DIRS": "/x"}).rules) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[pip]\nindex = 'x'\n", "FILE:2: unknown key 'index'; did you mean 'index-url'?"),
        ("[pip]\nindex-url = 'ftp://x/'\n", "FILE:2: a URL is refused: it is not of the form"),
        (
            "[pip]\n\nextra-index-url = ['https://a:hunter2@x/']\n",
            "FILE:3: a secret does not belong in this file; type: authpip auth login URL",
        ),
        ("[pip]\nextra-index-url = 'https://x/'\n", "FILE:2: extra-index-url must be a list of texts"),
        ("minimum-version = 1.2\n", "FILE:1: minimum-version must be a text in quotes"),
        (
            "minimum-version = '>=1'\n",
            'FILE:1: minimum-version must be numbers with dots; write minimum-version = "1.2"',
        ),
        ("locked = 'rules'\n", "FILE:1: locked must be a list of texts"),
        ("[audit]\n", 'FILE:1: [audit] says nowhere to write; add file = "…" or syslog = true'),
        ("[audit]\nfile = 'a'\n", "FILE:2: file is relative to wherever pip is run; write its absolute path"),
        (
            "[audit]\nsyslog = true\non-error = 'ignore'\n",
            "FILE:3: on-error = 'ignore' is not known; known: go-on, stop",
        ),
    ],
)
@pytest.mark.posix
def test_each_message(text: str, said: str, site: Callable[[str], Path]) -> None:
    """What is wrong with the site's tables: file, line, cause and remedy, and no secret."""
    file = site(text)
    _, problems = read_settings({"HOME": "/nonexistent"})
    assert any(str(problem).replace(str(file), "FILE").startswith(said) for problem in problems), problems
    assert "hunter2" not in "".join(map(str, problems))


@pytest.mark.posix
def test_a_version_that_is_too_old(site: Callable[[str], Path]) -> None:
    """One line with both versions, the place and how to update; keys that only the newer version knows are no matter;
    no variable goes around it."""
    file = site('future-key = 1\nminimum-version = "99.1"\n')
    for variables in ({}, {"AUTHPIP_CONFIG": os.devnull}, {"XDG_CONFIG_DIRS": "/x"}):
        with pytest.raises(UsageError) as caught:
            load_settings({"HOME": "/nonexistent", **variables})
        assert f"is too old: {file}:2 requires 99.1 or newer; type: uv tool upgrade authpip" in str(caught.value)
        assert caught.value.exit_code == 2
    site('minimum-version = "0.1"\n')
    assert load_settings({"HOME": "/nonexistent"}).rules == ()


@pytest.mark.parametrize(
    ("version", "minimum", "is_newer"),
    [
        ("0.1.0", "0.1", False),
        ("0.1", "0.1.0", False),
        ("0.9", "0.10", True),
        ("1.0rc1", "1.0", False),
        ("1.0", "1.0.1", True),
        ("2", "1.99", False),
    ],
)
def test_versions_in_order(version: str, minimum: str, is_newer: bool) -> None:
    """Compared number by number; 0.1 and 0.1.0 are one version (PEP 440)."""
    assert MinimumVersion(minimum, "x").is_newer_than(version) is is_newer


HOSTS = ["*.corp.example", "pypi.corp.example", "*.eu.corp.example", "a.eu.corp.example", "other.example"]
SCOPES = [f"https://{host}{path}" for host in HOSTS if "*" not in host for path in ("/", "/team/", "/team/simple/")]
RULES = st.one_of(
    st.sampled_from(SCOPES).map(lambda url: Rule(url, "x:1", scope=parse_scope(url))),
    st.lists(st.sampled_from(HOSTS), min_size=1, max_size=2, unique=True).map(
        lambda hosts: Rule(",".join(hosts), "x:1", hosts=tuple(hosts))
    ),
)
PLACES: list[Scope] = [parse_scope(url) for url in [*SCOPES, "https://b.corp.example/", "https://b.eu.corp.example/x/"]]


@given(one=RULES, other=RULES)
def test_overlap_is_complete(one: Rule, other: Rule) -> None:
    """Wherever two rules both match a URL, they overlap; so no rule of a user speaks of a locked place."""
    if any(one.match(place) and other.match(place) for place in PLACES):
        assert overlap(one, other)
        assert overlap(other, one)


@given(rules=st.lists(RULES, min_size=2, max_size=4))
def test_what_wins_is_named(rules: list[Rule]) -> None:
    """`config show` names each rule that wins over another one: as rule_for chooses."""
    rules = [rule._replace(configured_in=f"x:{number}") for number, rule in enumerate(rules)]
    for place in PLACES:
        winner = Settings(tuple(rules)).rule_for(place)
        for rule in rules:
            if rule.match(place) and rule is not winner:
                assert winner in [one.rule for one in stronger(rule, rules)], (place, rule)


def test_a_locked_route_comes_first() -> None:
    """A package of a locked rule cannot be led elsewhere by a user's rule that names it more closely."""
    locked = Rule("corp", "/etc:1", scope=parse_scope(URL), packages=("corp-*",), locked=True)
    mine = Rule("mine", "~:1", scope=parse_scope("https://mine.example/"), packages=("corp-lib", "other"))
    assert closest([mine, locked], "corp-lib") == [locked]
    assert closest([mine, locked], "other") == [mine]
