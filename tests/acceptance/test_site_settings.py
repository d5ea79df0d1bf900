"""The site's file at its real place, /etc/xdg/authpip/config.toml, in mount namespaces; with the real pip."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from support.machine.mount_namespace import with_mounts
from support.programs import authpip_cli
from support.programs.authpip_cli import Run
from support.servers.index_server import IndexServer, basic

pytestmark = pytest.mark.real

Done = subprocess.CompletedProcess[str]
Config = Callable[[str], Path]
FIXED = "/etc/xdg/authpip/config.toml"


@pytest.fixture
def behind(tmp_path: Path) -> Callable[[str, Callable[[], Done]], Done]:
    """behind(text, job): run the job where the site's file says this; the machine's own /etc stays as it is."""

    def run(text: str, job: Callable[[], Done]) -> Done:
        (tmp_path / "site.toml").write_text(text)
        commands = [
            "mount -t tmpfs -o mode=755 none /etc",
            f"mkdir -p /etc/xdg/authpip; cp {tmp_path}/site.toml {FIXED}; chmod 644 {FIXED}",
        ]
        return with_mounts(job, commands)

    return run


@pytest.fixture
def own_config(home: Path) -> Config:
    """Write the user's own config.toml."""

    def write(text: str) -> Path:
        path = home / ".config/authpip/config.toml"
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text(text)
        path.chmod(0o600)
        return path

    return write


@pytest.fixture
def indexes(index_server: IndexServer, wheel: Callable[..., Path]) -> IndexServer:
    """/team/simple/ with a password, and /open/simple/, which has a later version of the same package."""
    index_server.add("/team/simple", [wheel("corp-lib", "1.0")], username="ci", password="s3cret")
    index_server.add("/open/simple", [wheel("corp-lib", "2.0"), wheel("other", "1.0")])
    return index_server


def site_text(server: IndexServer, more: str = "") -> str:
    return f'locked = ["rules"]\n[[index]]\nname = "corp"\nurl = "{server.url("/team/simple/")}"\n{more}\n'


PASSWORD = {"AUTHPIP_INDEX_CORP_USERNAME": "ci", "AUTHPIP_INDEX_CORP_PASSWORD": "s3cret"}


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"AUTHPIP_CONFIG": "/dev/null"},
        {"AUTHPIP_CONFIG": "OWN"},
        {"XDG_CONFIG_DIRS": "/nonexistent"},
        {"AUTHPIP_INDEX_CORP_AUTHENTICATE": "never"},
    ],
    ids=str,
)
def test_a_locked_rule_holds(
    variables: dict[str, str],
    behind: Callable[[str, Callable[[], Done]], Done],
    indexes: IndexServer,
    own_config: Config,
    download: Run,
    downloads: Callable[[], set[str]],
) -> None:
    """A user says "never" for an index that the site has locked: pip gets the credential all the same, whichever file a
    variable names, and one line names both places."""
    url = indexes.url("/team/simple/")
    own = own_config(f'[[index]]\nname = "mine"\nurl = "{url}"\nauthenticate = "never"\n')
    named = {name: value.replace("OWN", str(own)) for name, value in variables.items()}
    done = behind(site_text(indexes), lambda: download("-i", url, "corp-lib", **PASSWORD, **named))
    assert done.returncode == 0, done.stderr
    assert downloads() == {"corp_lib-1.0-py3-none-any.whl"}
    assert {seen.authorization for seen in indexes.seen("/team/")} == {basic("ci", "s3cret")}
    speaks = variables in ({}, {"XDG_CONFIG_DIRS": "/nonexistent"}, {"AUTHPIP_CONFIG": "OWN"})
    if speaks:
        expected = (
            f"{own}:1: the rule 'mine' is not used: the site's rule 'corp' ({FIXED}:2) speaks of {url} and is locked"
        )
        assert expected in done.stderr
    if "AUTHPIP_INDEX_CORP_AUTHENTICATE" in variables:
        assert (
            f"AUTHPIP_INDEX_CORP_AUTHENTICATE is not used: the site's rule 'corp' ({FIXED}:2) is locked" in done.stderr
        )


def test_without_the_lock_the_user_wins(
    behind: Callable[[str, Callable[[], Done]], Done], indexes: IndexServer, own_config: Config, download: Run
) -> None:
    """The control: the same files without `locked`, and the user's "never" holds."""
    url = indexes.url("/team/simple/")
    own_config(f'[[index]]\nname = "mine"\nurl = "{url}"\nauthenticate = "never"\n')
    text = site_text(indexes).replace("locked", "# locked")
    done = behind(text, lambda: download("-i", url, "corp-lib", "--no-input", **PASSWORD))
    assert done.returncode != 0
    assert {seen.authorization for seen in indexes.seen("/team/")} == {None}


@pytest.mark.parametrize("is_locked", [True, False])
def test_a_locked_route_holds(
    is_locked: bool,
    behind: Callable[[str, Callable[[], Done]], Done],
    indexes: IndexServer,
    own_config: Config,
    download: Run,
    downloads: Callable[[], set[str]],
) -> None:
    """A27: a user's rule that names a package of a locked route more closely leads it nowhere; unlocked, it does."""
    mine = indexes.url("/open/simple/")
    own_config(f'[[index]]\nname = "mine"\nurl = "{mine}"\nprovider = "none"\npackages = ["corp-lib"]\n')
    text = site_text(indexes, 'packages = ["corp-*"]').replace("locked", "locked" if is_locked else "# locked")
    options = ["-i", mine, "--extra-index-url", indexes.url("/team/simple/")]
    done = behind(text, lambda: download(*options, "corp-lib", **PASSWORD))
    assert done.returncode == 0, done.stderr
    assert downloads() == {f"corp_lib-{'1.0' if is_locked else '2.0'}-py3-none-any.whl"}


def pip_table(server: IndexServer) -> str:
    urls = server.url("/team/simple/"), server.url("/open/simple/")
    return site_text(server) + f'[pip]\nindex-url = "{urls[0]}"\nextra-index-url = ["{urls[1]}"]\n'


def test_pip_gets_the_sites_indexes(
    behind: Callable[[str, Callable[[], Done]], Done],
    indexes: IndexServer,
    download: Run,
    downloads: Callable[[], set[str]],
) -> None:
    """Where pip's own configuration names no index, the site's are used, with their credentials, and the public index
    is not asked."""
    done = behind(pip_table(indexes), lambda: download("corp-lib==1.0", "other", **PASSWORD))
    assert done.returncode == 0, done.stderr
    assert downloads() == {"corp_lib-1.0-py3-none-any.whl", "other-1.0-py3-none-any.whl"}


@pytest.mark.parametrize("way", ["option", "variable", "file"])
def test_pips_own_configuration_wins(
    way: str,
    behind: Callable[[str, Callable[[], Done]], Done],
    indexes: IndexServer,
    download: Run,
    downloads: Callable[[], set[str]],
    tmp_path: Path,
) -> None:
    """An index of an option, a variable or pip.conf is not replaced by the site's."""
    mine = indexes.url("/open/simple/")
    options = ["-i", mine] if way == "option" else []
    variables = {"PIP_INDEX_URL": mine} if way == "variable" else {}
    if way == "file":
        (tmp_path / "pip.conf").write_text(f"[global]\nindex-url = {mine}\n")
        variables = {"PIP_CONFIG_FILE": str(tmp_path / "pip.conf")}
    done = behind(pip_table(indexes), lambda: download(*options, "corp-lib", **PASSWORD, **variables))
    assert done.returncode == 0, done.stderr
    assert downloads() == {"corp_lib-2.0-py3-none-any.whl"}
    assert indexes.seen("/team/") == []


def test_a_version_that_is_too_old_ends_the_command(
    behind: Callable[[str, Callable[[], Done]], Done], indexes: IndexServer, download: Run
) -> None:
    """Status 2 before pip starts, and one line that says which version is wanted, where, and how to update."""
    done = behind('minimum-version = "99"\n', lambda: download("-i", indexes.url("/open/simple/"), "other"))
    assert (done.returncode, done.stdout) == (2, "")
    assert f"is too old: {FIXED}:1 requires 99 or newer; type: uv tool upgrade authpip" in done.stderr
    assert indexes.statuses() == []


def test_config_show_says_why(
    behind: Callable[[str, Callable[[], Done]], Done],
    indexes: IndexServer,
    own_config: Config,
    environment: dict[str, str],
) -> None:
    """`auth config show` and its JSON name the locked rule, the rule that is not used and the reason; `check` exits
    with 2."""
    url = indexes.url("/team/simple/")
    own = own_config(
        f'[[index]]\nname = "mine"\nurl = "{url}"\n'
        '[[index]]\nname = "wide"\nhosts = ["*.a.example"]\n[[index]]\nurl = "https://x.a.example/"\n'
    )
    shown, as_json, checked = (
        behind(pip_table(indexes), lambda words=words: authpip_cli.auth("config", *words, env=environment))
        for words in (["show"], ["show", "--json"], ["check"])
    )
    said = f"{own}:1: the rule 'mine' is not used: the site's rule 'corp' ({FIXED}:2) speaks of {url} and is locked"
    assert said in shown.stdout
    assert f"[corp]  {FIXED}:2\n" in shown.stdout
    assert "  wins         over each of your own rules: the site has locked it\n" in shown.stdout
    assert f"  gives way    to 'x.a.example' ({own}:7) if that matches as well: it names a URL\n" in shown.stdout
    assert f"pip.index-url = {url} ({FIXED}:" in shown.stdout
    found = json.loads(as_json.stdout)
    assert [one["configured_in"] for one in found["overruled"]] == [f"{own}:1"]
    assert [rule["name"] for rule in found["rules"] if rule["locked"]] == ["corp"]
    assert {"path": FIXED, "state": "read"} in found["files"]
    assert checked.returncode == 2
    assert said in checked.stdout
