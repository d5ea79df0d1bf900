"""The settings loader: what it takes, what it refuses, and in which words."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from authpip.config import loading, provider_names
from authpip.config.loading import load_settings, read_settings
from authpip.config.schema import INDEX_KEYS, PROVIDER_KEYS, TOP_KEYS
from authpip.core.errors import UsageError
from authpip.core.index import parse_scope
from authpip.providers import PROVIDERS

pytestmark = pytest.mark.real

URL = "https://pypi.corp.example/team/simple/"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "own" / "config.toml"


def problems_of(path: Path, text: str) -> list[str]:
    write(path, text)
    _, problems = read_settings({"AUTHPIP_CONFIG": str(path)})
    assert all(problem.exit_code == 2 for problem in problems)
    return [str(problem).replace(str(path), "FILE") for problem in problems]


def test_every_key_reaches_the_rule(config: Path) -> None:
    """A file with each key becomes the rule that it describes, dashes and tables included."""
    write(
        config,
        f"""
timeout = 7
storage = "file"
[[index]]
name = "corp"
url = "{URL}"
provider = "aws"
username = "alice"
authenticate = "auto"
allow-http = true
scheme = "bearer"
links = "same-path"
packages = ["Corp_*", "corp"]
required = false
index-only = true
[index.aws]
profile = "build"
duration = 900

[[index]]
hosts = ["*.Corp.example", "pypi.example.org"]
provider = "command"
command.run = ["/opt/my prog", "--get"]
""",
    )
    settings = load_settings({"AUTHPIP_CONFIG": str(config)})
    corp, wild = settings.rules
    assert (settings.timeout, settings.storage, settings.files) == (7.0, "file", (str(config),))
    assert corp.scope == parse_scope(URL)
    assert corp[:2] == ("corp", f"{config}:4")
    assert (corp.provider, corp.username, corp.authenticate) == ("aws", "alice", "auto")
    assert (corp.allow_http, corp.scheme, corp.links) == (True, "bearer", "same-path")
    assert corp.options == {"aws": {"profile": "build", "duration": "900"}}
    assert (corp.packages, corp.required, corp.index_only) == (("corp-*", "corp"), False, True)
    assert (wild.name, wild.hosts) == ("*.corp.example", ("*.corp.example", "pypi.example.org"))
    assert wild.options["command"]["run"] == "'/opt/my prog' --get"
    assert (wild.authenticate, wild.scheme, wild.allow_http) == ("always", "basic", False)


INDEX = f'[[index]]\nurl = "{URL}"\n'
MESSAGES = [
    ("indx = 1\n", "FILE:1: unknown key 'indx'; did you mean 'index'?"),
    ("[foo]\nbar = 1\n", f"FILE:1: unknown key 'foo'; known: {', '.join(TOP_KEYS)}"),
    ("[index]\nname = 'a'\n", "FILE:1: a rule begins with [[index]], in two pairs of brackets"),
    ("index = [1]\n", "FILE:1: a rule begins with [[index]], in two pairs of brackets"),
    ("timeout = 0\n", "FILE:1: timeout must be a number of seconds, up to 3600"),
    ("timeout = nan\n", "FILE:1: timeout must be a number of seconds, up to 3600"),
    ("timeout = true\n", "FILE:1: timeout must be a number"),
    ("timeout = '3'\n", "FILE:1: timeout must be a number"),
    ("storage = 'disk'\n", "FILE:1: storage = 'disk' is not known; known: keyring, file"),
    ("a = \n", "FILE:1: this is not TOML (Invalid value); correct the line"),
    ("a = 1\na = 2\n", "FILE:2: this is not TOML (Cannot overwrite a value); correct the line"),
    ("strategy = 'first'\n", "FILE:1: strategy = 'first' is not known; did you mean 'first-index'?"),
    ("confusion = 'no'\n", "FILE:1: confusion = 'no' is not known; known: error, warn, ignore"),
    (INDEX + "packages = 'corp'\n", "FILE:3: packages must be a list of texts"),
    (INDEX + "packages = ['co rp']\n", "FILE:3: package 'co rp' is refused: it is not the name of a package"),
    (
        INDEX + "packages = ['*']\n",
        "FILE:3: package '*' is refused: it is every package; write index-only = true for that",
    ),
    (
        "[[index]]\nhosts = ['a.b.example']\npackages = ['corp']\n",
        "FILE:3: packages need one index, and hosts names no URL; write url = … in this rule",
    ),
    (
        INDEX + "name = 'a'\npackages = ['corp.x']\n" + INDEX + "name = 'b'\npackages = ['Corp-X']\n",
        "FILE:5: package 'corp-x' comes from 'a' by the rule at FILE:1; remove it from one of the two",
    ),
    (INDEX + "required = 'yes'\n", "FILE:3: required must be true or false"),
    (INDEX + "links = 'all'\n", "FILE:3: links = 'all' is not known; known: same-origin, same-path"),
    (INDEX + "provder = 'aws'\n", "FILE:3: unknown key 'provder'; did you mean 'provider'?"),
    (INDEX + "allow_http = true\n", "FILE:3: unknown key 'allow_http'; did you mean 'allow-http'?"),
    (
        INDEX + "password = 'hunter2'\n",
        "FILE:3: password: a secret does not belong in this file; type: authpip auth login URL",
    ),
    (INDEX + "provider = 'googel'\n", "FILE:3: provider = 'googel' is not known; did you mean 'google'?"),
    (INDEX + "provider = ['google']\n", "FILE:3: provider must be a text in quotes"),
    (
        INDEX + "authenticate = 'sometimes'\n",
        "FILE:3: authenticate = 'sometimes' is not known; known: always, auto, never",
    ),
    (INDEX + "authenticate = true\n", "FILE:3: authenticate must be a text in quotes"),
    (INDEX + "allow-http = 'yes'\n", "FILE:3: allow-http must be true or false"),
    (
        INDEX + "provider = 'none'\nauthenticate = 'always'\n",
        "FILE:4: provider = 'none' never authenticates; remove one of the two",
    ),
    (INDEX + "scheme = 'digest'\n", "FILE:3: scheme = 'digest' is not known; known: basic, bearer"),
    (
        INDEX + "name = 'a b'\n",
        "FILE:3: name has a character that is not a letter, a digit, a dot, a dash or an underscore",
    ),
    (INDEX + "username = 'a:b'\n", "FILE:3: username has a colon or a control character, which Basic cannot carry"),
    (INDEX + "hosts = ['a.example']\n", "FILE:3: url and hosts exclude each other; write two rules"),
    ("[[index]]\nname = 'x'\n", "FILE:1: this rule matches nothing; add url = … or hosts = […]"),
    ("[[index]]\nurl = 'ftp://x/'\n", "FILE:2: url is refused: it is not of the form https://HOST[:PORT]/PATH"),
    ("[[index]]\nurl = 'https://x/a/../b'\n", "FILE:2: url is refused: its path has a dot segment"),
    ("[[index]]\nurl = 7\n", "FILE:2: url must be a text in quotes"),
    (
        "[[index]]\nurl = 'https://al:hunter2@x/'\n",
        'FILE:2: url names a user or password; write username = "…", and type: authpip auth login URL',
    ),
    (
        "[[index]]\nurl = 'http://x/'\n",
        "FILE:2: http:// lets the network read the credential; write https://, or allow-http = true",
    ),
    ("[[index]]\nhosts = []\n", 'FILE:2: hosts is empty; write hosts = ["*.corp.example"]'),
    ("[[index]]\nhosts = 'a.example'\n", "FILE:2: hosts must be a list of texts"),
    ("[[index]]\nhosts = [1]\n", "FILE:2: hosts must be a list of texts"),
    (
        "[[index]]\nhosts = ['*.com']\n",
        "FILE:2: host '*.com' is refused: it is too wide: at least two labels must follow the *",
    ),
    (
        "[[index]]\nhosts = ['a.example:8443']\n",
        "FILE:2: host 'a.example:8443' is refused: it is not the name of a host; for a port or a path write url = …",
    ),
    (INDEX + "[index.aws]\nprofil = 'x'\n", "FILE:4: unknown key 'profil'; did you mean 'profile'?"),
    (
        INDEX + "[index.aws]\nprofile = {a = 1}\n",
        "FILE:4: profile must be a text, a number, true or false, or a list of words",
    ),
    (INDEX + "aws = 'x'\n", "FILE:3: aws must be a table"),
    (INDEX + "[index.ci]\nx = 1\n", "FILE:4: unknown key 'x'; this table has no keys"),
    (INDEX + "provider = 'command'\n", "FILE:3: provider = 'command' needs [index.command] with run = …"),
    (INDEX + "provider = 'token'\n", "FILE:3: provider = 'token' needs [index.token] with variable = …"),
    (
        INDEX + "provider = 'google'\n[index.aws]\nprofile = 'x'\n",
        "FILE:4: [index.aws] has no effect beside provider = 'google'; remove one of them",
    ),
    (
        INDEX + "[index.command]\nprotocol = 'json'\n",
        "FILE:3: command.protocol = 'json' is not known; known: plain, helper",
    ),
    (
        "[[index]]\nname = 'a-b'\nurl = 'https://x/'\n\n[[index]]\nname = 'A.B'\nurl = 'https://y/'\n",
        "FILE:5: 'A.B' and the rule at FILE:1 share the variables AUTHPIP_INDEX_A_B_…; give it another name",
    ),
]


@pytest.mark.parametrize(("text", "message"), MESSAGES, ids=range(len(MESSAGES)))
def test_each_message(config: Path, text: str, message: str) -> None:
    """Each mistake is told by file, line, cause and the nearest right word; no value that may be secret is shown."""
    found = problems_of(config, text)
    assert message in found
    assert "hunter2" not in "".join(found)


def test_none_is_never(config: Path) -> None:
    """provider = "none" says that nothing is to be sent; that it is over http then does not matter."""
    write(config, "[[index]]\nurl = 'http://open.example/'\nprovider = 'none'\n")
    (rule,) = load_settings({"AUTHPIP_CONFIG": str(config)}).rules
    assert (rule.provider, rule.authenticate) == ("none", "never")


def test_all_problems_are_found_and_the_first_is_raised(config: Path) -> None:
    """The loader stops pip with the first problem and says that there are more; nothing of a broken rule remains."""
    assert len(problems_of(config, INDEX + "a = 1\nb = 2\n" + "[[index]]\nurl = 'https://z/'\n")) == 2
    with pytest.raises(UsageError, match=r"unknown key 'a'.*1 more: authpip auth config check"):
        load_settings({"AUTHPIP_CONFIG": str(config)})
    settings, _ = read_settings({"AUTHPIP_CONFIG": str(config)})
    assert [rule.name for rule in settings.rules] == ["z"]


def test_order_of_files_and_variables(tmp_path: Path) -> None:
    """Variables come first, then the user's file, then the site's; each rule keeps where it came from."""
    environ = {
        "XDG_CONFIG_HOME": str(tmp_path / "u"),
        "XDG_CONFIG_DIRS": f"{tmp_path / 's1'}:{tmp_path / 's2'}",
        "AUTHPIP_INDEX_CI_MIRROR_URL": "https://bob@ci.example/simple",
        "AUTHPIP_INDEX_EMPTY_URL": "",
    }
    for number, place in enumerate(("u", "s1", "s2")):
        write(
            tmp_path / place / "authpip/config.toml",
            f"timeout = {number + 1}\n[[index]]\nurl = 'https://{place}.example/'\n",
        )
    settings = load_settings(environ)
    assert [rule.name for rule in settings.rules] == ["ci_mirror", "u.example", "s1.example", "s2.example"]
    assert settings.rules[0].configured_in == "AUTHPIP_INDEX_CI_MIRROR_URL"
    assert settings.rules[0].variable_prefix == "AUTHPIP_INDEX_CI_MIRROR_"
    assert settings.rules[0].username == "bob"
    assert settings.timeout == 1
    assert load_settings({**environ, "AUTHPIP_TIMEOUT": "2.5"}).timeout == 2.5
    only = write(tmp_path / "o/only.toml", INDEX)
    assert load_settings({**environ, "AUTHPIP_CONFIG": str(only)}).files == (str(only),)
    assert load_settings({**environ, "AUTHPIP_CONFIG": os.devnull}).files == ()


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"AUTHPIP_TIMEOUT": "soon"}, "AUTHPIP_TIMEOUT is refused: it is not a number of seconds, up to 3600"),
        ({"AUTHPIP_TIMEOUT": "nan"}, "AUTHPIP_TIMEOUT is refused"),
        ({"AUTHPIP_TIMEOUT": "-1"}, "AUTHPIP_TIMEOUT is refused"),
        ({"AUTHPIP_INDEX_A_URL": "//x"}, "AUTHPIP_INDEX_A_URL is refused: it is not of the form"),
        ({"AUTHPIP_INDEX_A_URL": "https://a:hunter2@x/"}, "its password belongs in AUTHPIP_INDEX_A_PASSWORD"),
        ({"AUTHPIP_CONFIG": "authpip.toml"}, "AUTHPIP_CONFIG is refused: it is relative to wherever pip is run"),
        ({"AUTHPIP_CONFIG": "/nowhere/config.toml"}, "AUTHPIP_CONFIG names a file that is not there: /nowhere"),
        ({"AUTHPIP_CONFIG": "/dev"}, "/dev cannot be read"),
        ({"AUTHPIP_CONFIG": "/dev/zero"}, "/dev/zero cannot be read: it is not a regular file"),
    ],
)
def test_each_message_of_variables(environ: dict[str, str], message: str) -> None:
    """A variable that makes no sense is refused by its name, never by its value where that may be secret."""
    with pytest.raises(UsageError) as caught:
        load_settings({"XDG_CONFIG_DIRS": "/nonexistent", "HOME": "/nonexistent", **environ})
    assert message in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_unreadable_text(config: Path) -> None:
    """A file that is not UTF-8, or huge, is refused; a byte-order mark is not minded."""
    write(config, "").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="cannot be read: it is not UTF-8 text"):
        load_settings({"AUTHPIP_CONFIG": str(config)})
    config.write_bytes(b"#" * (1 << 20) + b"\n")
    with pytest.raises(UsageError, match="cannot be read: it is larger than 1 MiB"):
        load_settings({"AUTHPIP_CONFIG": str(config)})
    config.write_bytes(b"\xef\xbb\xbftimeout = 3\n")
    assert load_settings({"AUTHPIP_CONFIG": str(config)}).timeout == 3


PERMISSIONS = [
    (lambda file: file.chmod(0o620), "chmod go-w FILE"),
    (lambda file: file.chmod(0o602), "chmod go-w FILE"),
    (lambda file: file.parent.chmod(0o770), "chmod go-w DIR"),
    (lambda file: file.parent.chmod(0o707), "chmod go-w DIR"),
]


@pytest.mark.parametrize(("loosen", "remedy"), PERMISSIONS, ids=["file g", "file o", "dir g", "dir o"])
@pytest.mark.parametrize("linked", [False, True])
def test_a_file_that_others_can_write_is_refused(
    config: Path, tmp_path: Path, loosen, remedy: str, linked: bool
) -> None:
    """P6: file, directory and a link's target are judged; the message has the chmod to type, and it works."""
    write(config, INDEX)
    loosen(config)
    named = config
    if linked:
        named = tmp_path / "linked" / "config.toml"
        named.parent.mkdir(mode=0o700)
        named.symlink_to(config)
    with pytest.raises(UsageError) as caught:
        load_settings({"AUTHPIP_CONFIG": str(named)})
    expected = remedy.replace("FILE", str(config)).replace("DIR", str(config.parent))
    assert caught.value.remedy == f"type: {expected}"
    subprocess.run(expected.split(), check=True)
    assert len(load_settings({"AUTHPIP_CONFIG": str(named)}).rules) == 1


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="not run: only root can give files away")
@pytest.mark.parametrize("part", ["file", "directory", "link"])
def test_a_file_of_somebody_else_is_refused(config: Path, tmp_path: Path, part: str) -> None:
    """P6: a file, directory or link that belongs to another user is not read; the user's own and root's are."""
    write(config, INDEX)
    named = config
    if part == "link":
        named = tmp_path / "link.toml"
        named.symlink_to(config)
    os.chown({"file": config, "directory": config.parent, "link": named}[part], 54321, -1, follow_symlinks=False)
    with pytest.raises(UsageError, match=r"belongs to another user; type: chown 0 "):
        load_settings({"AUTHPIP_CONFIG": str(named)})


def test_the_working_directory_is_never_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """P6, A17: no file of a project is looked at, whatever its name; a relative XDG directory counts for nothing."""
    project = tmp_path / "project"
    for name in (
        "config.toml",
        "authpip.toml",
        ".authpip.toml",
        "authpip/config.toml",
        ".config/authpip/config.toml",
        "pyproject.toml",
    ):
        write(project / name, "[[index]]\nurl = 'https://evil.example/'\n")
    monkeypatch.chdir(project)
    environ = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": ".", "XDG_CONFIG_DIRS": ".:config", "PWD": str(project)}
    assert load_settings(environ).rules == ()
    assert loading.config_paths({**environ, "XDG_CONFIG_HOME": ""}) == [str(tmp_path / ".config/authpip/config.toml")]


def test_nothing_is_imported_where_no_file_is() -> None:
    """The loader stands before every pip: without a file it costs no module of the standard library."""
    script = (
        "import sys, typing, authpip.config.settings, authpip.core.errors\n"
        "import authpip.core.index, authpip.files.user_dirs\n"
        "before = set(sys.modules)\n"
        "from authpip.config.loading import load_settings\n"
        "load_settings({'HOME': '/nonexistent', 'XDG_CONFIG_DIRS': '/nonexistent'})\n"
        "print(sorted(set(sys.modules) - before))"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip()
    assert shown == "['authpip.config.loading', 'authpip.files.trusted']"


def test_the_keys_of_each_provider() -> None:
    """`provider = …` may be any provider's name, and its table may have exactly the keys that the provider reads."""
    assert {provider.NAME: provider.OPTIONS for provider in PROVIDERS} | {"none": ()} == PROVIDER_KEYS | {"url": ()}


VALUES = st.recursive(
    st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from([URL, "*.corp.example", "*.com", "aws"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["run", "profile", "x", "password"]), inner, max_size=3)
    ),
    max_leaves=5,
)
KEYS = st.sampled_from([*INDEX_KEYS, "aws", "command", "token", "odd"])


def toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, float):
        return str(value)
    return json.dumps(value).replace("\\u007f", "")


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rules=st.lists(st.dictionaries(KEYS, VALUES), max_size=3),
    noise=st.sampled_from(["", "timeout = 1e400\n", "index = 1\n", "]"]),
)
def test_no_file_makes_a_traceback(config: Path, rules: list[dict[str, object]], noise: str) -> None:
    """Whatever stands in config.toml: rules and problems, each with its line, and no exception."""
    text = noise + "".join("[[index]]\n" + "".join(f"{k} = {toml(v)}\n" for k, v in rule.items()) for rule in rules)
    write(config, text)
    found, problems = read_settings({"AUTHPIP_CONFIG": str(config)})
    assert len(found.rules) <= len(rules)
    assert all(re.match(rf"{re.escape(str(config))}(:\d+)?", problem.what) for problem in problems)


@pytest.mark.parametrize(
    ("word", "remedy"),
    [
        ("gcloud", "did you mean 'google'?"),
        ("codeartifact", "did you mean 'aws'?"),
        ("Azure-DevOps", "did you mean 'azure'?"),
        ("gitlab", "did you mean 'ci' (the token of a job), or 'token'?"),
        ("artifactory", "leave provider out, and type: authpip auth login URL"),
        ("gogle", "did you mean 'google'?"),
    ],
)
def test_a_provider_by_its_services_name(tmp_path: Path, word: str, remedy: str) -> None:
    """trial B10: who names the service instead of the provider is told which provider that is."""
    config = tmp_path / "config.toml"
    config.write_text(f'[[index]]\nurl = "https://x.example/"\nprovider = "{word}"\n')
    config.chmod(0o600)
    _, problems = read_settings({"AUTHPIP_CONFIG": str(config)})
    assert [(problem.why, problem.remedy) for problem in problems] == [(f"provider = '{word}' is not known", remedy)]


def test_every_other_name_leads_to_a_provider() -> None:
    """trial B10: what is suggested exists, and no provider's own name is taken for another's."""
    for provider, others in provider_names._MEANT.items():
        assert provider in PROVIDER_KEYS
        assert not set(others) & set(PROVIDER_KEYS)
