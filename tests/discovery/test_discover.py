"""What discover says about an invocation, and where each piece was configured."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from authpip.discovery import config, discover
from authpip.discovery.interpreter import prefix_of
from authpip.discovery.model import Configured, Invocation, Setting
from authpip.launcher.plan import to_index

pytestmark = pytest.mark.real

Discover = Callable[..., Invocation]
PYPI = Configured("https://pypi.org/simple", "pip's default")


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Discover:
    """discover() in an empty directory, with an empty prefix and no configuration but the test's own."""
    (tmp_path / "home").mkdir()
    monkeypatch.setattr(config, "_SYSTEM", str(tmp_path / "system"))
    common = {"HOME": str(tmp_path / "home"), "XDG_CONFIG_DIRS": str(tmp_path / "etc")}

    def ask(*args: str, **environ: str) -> Invocation:
        return discover(args, common | environ, prefix=str(tmp_path / "prefix"), cwd=str(tmp_path))

    return ask


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


WHERE = [
    (["-ihttps://h/"], {}, "-i"),
    (["--index", "https://h/"], {}, "--index"),
    (["--pypi-url=https://h/"], {}, "--pypi-url"),
    ([], {"PIP_INDEX_URL": "https://h/"}, "PIP_INDEX_URL"),
    ([], {"PIP_pypi_url": "https://h/"}, "PIP_pypi_url"),
]


@pytest.mark.parametrize(("args", "environ", "where"), WHERE)
def test_where_it_is_configured(ask: Discover, args: list[str], environ: dict[str, str], where: str) -> None:
    """`auth explain` names the option as it was typed, or the variable."""
    assert ask("install", *args, "x", **environ).indexes == (Configured("https://h/", where),)


def test_a_file_is_named_with_its_line(ask: Discover, tmp_path: Path) -> None:
    """Configuration and requirements files alike."""
    own = write(tmp_path / "home/.config/pip/pip.conf", "[global]\n# note\nindex-url = https://one/\n")
    write(
        tmp_path / "r.txt",
        "x\n\n-r sub/more.txt\n--extra-index-url https://two/ \\\n --extra-index-url https://three/\n",
    )
    write(tmp_path / "sub/more.txt", "--extra-index-url https://four/\n")
    assert ask("install", "-r", "r.txt").indexes == (
        Configured("https://one/", f"{own}:3"),
        Configured("https://four/", "sub/more.txt:1"),
        Configured("https://two/", "r.txt:4"),
        Configured("https://three/", "r.txt:4"),
    )


def test_the_order_of_configuration_files(ask: Discover, tmp_path: Path) -> None:
    """pip's documentation: global, user, site, PIP_CONFIG_FILE, variables, options; each overrides those before."""
    files = ["etc/pip/pip.conf", "home/.pip/pip.conf", "home/.config/pip/pip.conf", "prefix/pip.conf"]
    for number, name in enumerate(files):
        path = write(tmp_path / name, f"[global]\nindex-url = https://{number}/\n")
        assert ask("install", "x").indexes == (Configured(f"https://{number}/", f"{path}:2"),)
    write(tmp_path / "own.conf", "[global]\nindex-url = https://own/\n[install]\nindex-url = https://command/\n")
    assert ask("download", "x", PIP_CONFIG_FILE="own.conf").indexes[0].value == "https://own/"
    assert ask("install", "x", PIP_CONFIG_FILE="own.conf").indexes[0].configured_in == "own.conf:4"
    assert ask("install", "x", PIP_CONFIG_FILE=os.devnull).indexes == (PYPI,)
    variable = {"PIP_CONFIG_FILE": "own.conf", "PIP_INDEX_URL": "https://variable/"}
    assert ask("install", "x", **variable).indexes[0].value == "https://variable/"
    assert ask("install", "--isolated", "x", **variable).indexes[0].value == "https://command/"
    assert ask("install", "-i", "https://option/", "x", **variable).indexes[0].value == "https://option/"


def test_lists_replace_and_options_add(ask: Discover, tmp_path: Path) -> None:
    """providers.md: a variable replaces a file's list, an option adds to it, and a file's --index-url replaces all."""
    write(tmp_path / "prefix/pip.conf", "[global]\nextra-index-url = https://a/\n  https://b/\n")
    assert [index.value for index in ask("install", "x").indexes[1:]] == ["https://a/", "https://b/"]
    found = ask("install", "--extra", "https://d/", "x", PIP_EXTRA_INDEX_URL="https://c/")
    assert found.indexes[1:] == (Configured("https://c/", "PIP_EXTRA_INDEX_URL"), Configured("https://d/", "--extra"))
    write(tmp_path / "r.txt", "-i https://e/\n")
    assert ask("install", "-rr.txt", "--extra", "https://d/").indexes == (Configured("https://e/", "r.txt:1"),)


def test_links(ask: Discover, tmp_path: Path) -> None:
    """Direct references and remote files, each once."""
    write(tmp_path / "c.txt", "y @ https://two/y.whl ; python_version > '3'\n")
    found = ask("install", "x @ https://one/x.whl", "-c", "c.txt", "-r", "https://remote/r.txt", "y@https://two/y.whl")
    assert found.links == (
        Configured("https://remote/r.txt", "-r"),
        Configured("https://two/y.whl", "c.txt:1"),
        Configured("https://one/x.whl", "command line"),
    )


NOTHING = [
    ("install", "--help"),
    ("install", "-qh", "x"),
    ("list",),
    ("freeze",),
    ("uninstall", "x"),
    ("config", "set", "global.index-url", "https://h/"),
    ("unknown", "-i", "https://h/"),
    ("--version", "install", "x"),
    (),
]


@pytest.mark.parametrize("args", NOTHING, ids=" ".join)
def test_what_asks_nothing(ask: Discover, args: tuple[str, ...]) -> None:
    """F17: no index, no page, no link."""
    found = ask(*args, PIP_FIND_LINKS="https://h/")
    assert (found.indexes, found.find_links, found.links) == ((), (), ())


def test_uninstall_fetches_remote_files(ask: Discover) -> None:
    """It looks at no index, and reads requirements files from anywhere."""
    found = ask("uninstall", "-r", "https://h/r.txt", PIP_INDEX_URL="https://i/")
    remote = (Configured("https://h/r.txt", "-r"),)
    assert found == Invocation("uninstall", links=remote, unread=remote)


def test_files_that_include_others_without_end(ask: Discover, tmp_path: Path) -> None:
    """However deep they lie, the command goes on: what is below is pip's to read."""
    for number in range(2000):
        (tmp_path / f"{number}.txt").write_text(f"-f {number}\n-r {number + 1}.txt\n")
    found = ask("install", "-r", "0.txt")
    assert len(found.find_links) > 40
    assert len(found.unread) == 1


def test_a_pipe_is_left_to_pip(ask: Discover, tmp_path: Path) -> None:
    """`pip install -r <(…)`: reading it here would leave nothing to pip, and might never end (P11)."""
    os.mkfifo(tmp_path / "pipe")
    args = ("install", "-r", "pipe", "-r", "/dev/fd/0", "-c", "/proc/self/fd/0", "--requirements-from-script", "pipe")
    found = ask(*args, PIP_CONFIG_FILE="pipe")
    assert [file.value for file in found.unread] == ["/proc/self/fd/0", "pipe", "/dev/fd/0"]
    assert found.links == ()


def test_a_requirements_file_gets_no_secret_by_its_name(tmp_path: Path) -> None:
    """A15: a variable that pip does not get is not filled in here either, and no index gets it as a password."""
    lines = (
        "-i https://u:${AUTHPIP_INDEX_CORP_PASSWORD}@evil/simple/",
        "--extra-index-url https://ci:${CI_JOB_TOKEN}@evil/${CI_JOB_TOKEN}/",
        "--extra-index-url https://ci:${OTHER}@own/",
        "--extra-index-url https://ci:${AUTHPIP_INDEX_UNSET}@own/",
    )
    write(tmp_path / "r.txt", "\n".join(lines))
    environ = {"AUTHPIP_INDEX_CORP_PASSWORD": "hidden", "CI_JOB_TOKEN": "hidden", "OTHER": "shown"}
    args = ["install", "-r", "r.txt"]
    found = discover(args, environ, prefix="/", cwd=str(tmp_path), withheld=["CI_JOB_TOKEN"])
    assert [index.value for index in found.indexes] == [
        "https://evil/simple/",
        "https://evil/${CI_JOB_TOKEN}/",
        "https://ci:shown@own/",
        "https://ci:${AUTHPIP_INDEX_UNSET}@own/",
    ]


def test_what_requests_must_respect(ask: Discover, tmp_path: Path) -> None:
    """Proxy, certificates, trusted hosts, no input: for requests that authpip makes itself."""
    args = ("--proxy", "http://p", "--cert=~/ca.pem", "install", "--no-input", "--client-cert", "c.pem", "x")
    found = ask(*args, PIP_TRUSTED_HOST="a b:1")
    assert (found.proxy, found.cert, found.client_cert) == ("http://p", f"{tmp_path}/home/ca.pem", "c.pem")
    assert (found.trusted_hosts, found.no_input) == (("a", "b:1"), True)


OLD = [
    (["install", "--build", "b", "-i", "https://h/", "x"], ["https://h/"]),
    (["install", "--install-option", "--extra-index-url=https://no/", "-i", "https://h/", "x"], ["https://h/"]),
    (["wheel", "--global-option", "--no-index", "-i", "https://h/", "x"], ["https://h/"]),
    (["install", "--requirem", "r.txt", "-i", "https://h/"], ["https://h/"]),
    (["install", "--not-yet-known", "-i", "https://h/", "x"], ["https://h/"]),
    (["install", "x", "-i"], ["https://pypi.org/simple"]),
]


@pytest.mark.parametrize(("args", "expected"), OLD)
def test_options_of_other_pips(ask: Discover, args: list[str], expected: list[str]) -> None:
    """What the newest pip does not take is read as the newest that does would; and what none takes, somehow."""
    assert [index.value for index in ask(*args).indexes] == expected


def test_files_that_include_each_other(ask: Discover, tmp_path: Path) -> None:
    """pip refuses a circle; here it just ends."""
    write(tmp_path / "a.txt", "-r b.txt\n-f a\n")
    write(tmp_path / "b.txt", "-r ./a.txt\n-f b\n-r b.txt\n")
    assert [page.value for page in ask("install", "-r", "a.txt").find_links] == ["b", "a"]


@given(
    args=st.lists(
        st.one_of(st.sampled_from(["install", "-r", "-c", "-i", "--group", "--python"]), st.text(max_size=6))
    ),
    value=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8),
    content=st.binary(max_size=40),
)
@settings(
    max_examples=300, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_nothing_that_a_user_types_raises(tmp_path: Path, args: list[str], value: str, content: bytes) -> None:
    """Odd input is pip's to report."""
    for name in ("r.txt", "pip.conf", "pyproject.toml", "pylock.toml", "script.py"):
        (tmp_path / name).write_bytes(content)
    environ = {"PIP_REQUIREMENT": f"r.txt pylock.toml {value}", "PIP_GROUP": value, "PIP_CONFIG_FILE": value}
    environ |= {"PIP_REQUIREMENTS_FROM_SCRIPT": "script.py", "PIP_FIND_LINKS": f"~{value}", "HOME": value}
    for before in ([], ["install"]):
        discover([*before, *args], environ, prefix=str(tmp_path), cwd=str(tmp_path))


def test_python_reads_that_environments_site_file(ask: Discover, tmp_path: Path) -> None:
    """pip runs again in the environment of --python, and reads the pip.conf there."""
    venv.create(tmp_path / "other", with_pip=False)
    write(tmp_path / "other/pip.conf", "[global]\nindex-url = https://other/\n")
    for python in ("other", "other/bin/python"):
        found = ask("--python", python, "install", "x")
        assert (found.python, found.indexes[0].value) == (python, "https://other/")
    assert ask("install", "x", PIP_PYTHON="other").indexes[0].value == "https://other/"
    assert ask("install", "x", PIP_PYTHON="other", _PIP_RUNNING_IN_SUBPROCESS="1").indexes == (PYPI,)


def test_the_prefix_of_an_interpreter(tmp_path: Path) -> None:
    """The same as the interpreter's own answer, for installations, environments, links and wrappers."""
    wrapper = write(tmp_path / "wrapper", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    wrapper.chmod(0o755)
    link = tmp_path / "python"
    link.symlink_to(os.path.realpath(sys.executable))
    for python in (sys.executable, os.path.realpath(sys.executable), str(link), str(wrapper)):
        said = subprocess.run(
            [python, "-c", "import sys; print(sys.prefix)"], capture_output=True, text=True, check=True
        )
        assert prefix_of(python, os.environ, "/") == said.stdout.strip()
    assert prefix_of(str(tmp_path), {}, "/") is None


def paths_on(monkeypatch: pytest.MonkeyPatch, platform: str, environ: Mapping[str, str]) -> list[str]:
    monkeypatch.setattr(config.sys, "platform", platform)
    return config.config_files(environ, prefix="/venv", cwd="/", isolated=False)


def test_the_files_of_each_platform(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """pip's documentation, "Location"; Linux is held against the real pip."""
    home = str(tmp_path)
    assert paths_on(monkeypatch, "linux", {"HOME": home}) == [
        "/etc/xdg/pip/pip.conf",
        "/etc/pip.conf",
        f"{home}/.pip/pip.conf",
        f"{home}/.config/pip/pip.conf",
        "/venv/pip.conf",
    ]
    assert paths_on(monkeypatch, "darwin", {"HOME": home, "PIP_CONFIG_FILE": "own"}) == [
        "/Library/Application Support/pip/pip.conf",
        f"{home}/.pip/pip.conf",
        f"{home}/.config/pip/pip.conf",
        "/venv/pip.conf",
        "own",
    ]
    (tmp_path / "Library/Application Support/pip").mkdir(parents=True)
    assert f"{home}/Library/Application Support/pip/pip.conf" in paths_on(monkeypatch, "darwin", {"HOME": home})


def test_a_value_on_a_line_of_its_own(ask: Discover, tmp_path: Path) -> None:
    """pip takes the newline before it as part of the URL, and its requests drops it: so it is no reason to refuse."""
    write(tmp_path / "prefix/pip.conf", "[global]\nindex-url =\n    https://u:p@h/simple/\n")
    (found,) = ask("install", "x").indexes
    assert found.value == "\nhttps://u:p@h/simple/"
    index, credential = to_index(found)
    assert (index.url, credential is not None) == ("https://h/simple/", True)


def test_passwords_do_not_show() -> None:
    """A24: the answer can be printed."""
    found = discover(["install", "-i", "https://u:hidden@h/", "x @ https://u:hidden@h/x.whl"], {}, prefix="/", cwd="/")
    assert "hidden" not in repr(found)


@pytest.mark.parametrize(
    ("arguments", "variables", "indexes", "used"),
    [
        ("install x", {}, ["https://site/", "https://more/"], ["index-url", "extra-index-url"]),
        ("install -i https://mine/ x", {}, ["https://mine/", "https://more/"], ["extra-index-url"]),
        ("install x", {"PIP_INDEX_URL": "https://mine/"}, ["https://mine/", "https://more/"], ["extra-index-url"]),
        ("install x", {"PIP_EXTRA_INDEX_URL": "https://mine/"}, ["https://site/", "https://mine/"], ["index-url"]),
        ("install --isolated x", {}, ["https://pypi.org/simple"], []),
        ("install --no-index x", {}, [], ["index-url", "extra-index-url"]),
        ("uninstall x", {}, [], []),
    ],
)
def test_defaults_of_a_site(
    arguments: str, variables: dict[str, str], indexes: list[str], used: list[str], tmp_path: Path
) -> None:
    """A default counts where pip's own options, variables and files do not say that key, and what counts is told."""
    defaults = [
        Setting("index-url", "https://site/", "config.toml:2"),
        Setting("extra-index-url", "https://more/", "config.toml:3"),
    ]
    environ = {"PIP_CONFIG_FILE": os.devnull, "HOME": str(tmp_path), **variables}
    found = discover(arguments.split(), environ, prefix=str(tmp_path), cwd=str(tmp_path), defaults=defaults)
    assert [index.value for index in found.indexes] == indexes
    assert [default.key for default in found.defaults] == used
