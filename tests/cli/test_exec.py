"""`auth exec`: which variables each tool is given, and which it is not. The tools are stand-ins that print them."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from authpip.cli.tools import out_of_reach

pytestmark = pytest.mark.real

TOOLS = ("twine", "uv", "uvx", "poetry", "pdm", "hatch", "pip-compile", "pipx", "other")
SPY = """#!{python}
import json, os, sys
json.dump({{"argv": sys.argv[1:], "environ": dict(os.environ)}}, sys.stdout)
sys.exit(7)
"""
TEAM = "https://pypi.corp.example/team/simple/"
SECRET = "s3cret:%@é"


class Run:
    """What the stand-in saw."""

    def __init__(self, done: subprocess.CompletedProcess[str], before: dict[str, str]) -> None:
        self.status, self.stderr = done.returncode, done.stderr
        seen = json.loads(done.stdout) if done.stdout else {"argv": [], "environ": {}}
        self.argv: list[str] = seen["argv"]
        self.environ: dict[str, str] = seen["environ"]
        self.added = {
            name: value for name, value in self.environ.items() if before.get(name) != value and name != "LC_CTYPE"
        }
        self.gone = set(before) - set(self.environ)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    directory = tmp_path / "project"
    directory.mkdir()
    return directory


@pytest.fixture
def auth_exec(environment: dict[str, str], tmp_path: Path, project: Path):
    """auth_exec("twine", "upload", …, VARIABLE=value): run the stand-in through `auth exec` in the project."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in TOOLS:
        program = programs / name
        program.write_text(SPY.format(python=sys.executable))
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    rule = {
        "AUTHPIP_INDEX_CORP_URL": TEAM,
        "AUTHPIP_INDEX_CORP_USERNAME": "alice",
        "AUTHPIP_INDEX_CORP_PASSWORD": SECRET,
        "PATH": f"{programs}{os.pathsep}{environment['PATH']}",
    }

    def run(*command: str, options: tuple[str, ...] = (), **variables: str) -> Run:
        environ = {**environment, **rule, **variables}
        argv = [sys.executable, "-m", "authpip", "auth", "exec", *options, "--", *command]
        done = subprocess.run(argv, env=environ, cwd=project, capture_output=True, text=True, check=False)
        return Run(done, environ)

    return run


RULE_VARIABLES = {f"AUTHPIP_INDEX_CORP_{part}" for part in ("URL", "USERNAME", "PASSWORD")}


def test_twine(auth_exec) -> None:
    """twine upload gets its three variables for the repository it names, and nothing of ours; its status is ours."""
    expected = {"TWINE_REPOSITORY_URL": TEAM, "TWINE_USERNAME": "alice", "TWINE_PASSWORD": SECRET}
    for how in (
        ("--repository-url", TEAM),
        (f"--repository-url={TEAM}",),
        ("-r", "corp"),
        ("--repository", "corp"),
        ("-rcorp",),
    ):
        run = auth_exec("twine", "upload", *how, "dist/x.whl")
        assert (run.status, run.added, run.gone) == (7, expected, RULE_VARIABLES)
        assert run.argv == ["upload", *how, "dist/x.whl"]
    assert auth_exec("twine", "upload", "x", TWINE_REPOSITORY="corp").added == expected
    assert auth_exec("twine", "upload", "x", TWINE_REPOSITORY_URL=TEAM).added["TWINE_PASSWORD"] == SECRET


def test_twine_left_alone(auth_exec) -> None:
    """No credential for another repository, another command, or where the user gave a password."""
    for command in (("check", "x"), ("upload", "-r", "unknown"), ("upload", "-p", "mine", "-r", "corp"), ("upload",)):
        assert auth_exec("twine", *command).added == {}
    assert auth_exec("twine", "upload", "-r", "corp", TWINE_PASSWORD="mine").added == {}


def test_uv_variables(auth_exec, project: Path) -> None:
    """Each index that uv will see has a name, and its pair of variables; a public one has none."""
    run = auth_exec("uv", "sync", UV_INDEX_URL=TEAM, UV_EXTRA_INDEX_URL="https://open.example/simple")
    assert run.added == {
        "UV_DEFAULT_INDEX": f"authpip-1={TEAM}",
        "UV_INDEX": "authpip-2=https://open.example/simple",
        "UV_INDEX_AUTHPIP_1_USERNAME": "alice",
        "UV_INDEX_AUTHPIP_1_PASSWORD": SECRET,
    }
    assert run.gone == {*RULE_VARIABLES, "UV_INDEX_URL", "UV_EXTRA_INDEX_URL"}
    run = auth_exec("uv", "pip", "install", "--index", f"my-corp={TEAM}", "x")
    assert run.argv == ["pip", "install", "--index", f"my-corp={TEAM}", "x"]
    assert run.added == {"UV_INDEX_MY_CORP_USERNAME": "alice", "UV_INDEX_MY_CORP_PASSWORD": SECRET}
    run = auth_exec("uv", "pip", "install", f"--extra-index-url={TEAM}", "-i", "https://open.example/", "x")
    assert run.argv[2:6] == ["--index", f"authpip-1={TEAM}", "--default-index", "authpip-2=https://open.example/"]
    assert run.added["UV_INDEX_AUTHPIP_1_PASSWORD"] == SECRET
    assert auth_exec("uv", "run", "pip", "install", "-i", TEAM).argv == ["run", "pip", "install", "-i", TEAM]


def test_uv_files(auth_exec, project: Path, home: Path) -> None:
    """Indexes of pyproject.toml and of the user's uv.toml; where there is none, a rule alone gives uv nothing."""
    assert auth_exec("uv", "sync").added == {}
    (project / "pyproject.toml").write_text(
        f'[[tool.uv.index]]\nname = "in.project"\nurl = "{TEAM}"\n[[tool.uv.index]]\nurl = 1\n'
    )
    assert auth_exec("uv", "sync").added == {
        "UV_INDEX_IN_PROJECT_USERNAME": "alice",
        "UV_INDEX_IN_PROJECT_PASSWORD": SECRET,
    }
    (home / ".config/uv").mkdir(parents=True)
    (home / ".config/uv/uv.toml").write_text(f'[[index]]\nname = "user"\nurl = "{TEAM}sub/"\n')
    assert auth_exec("uv", "lock").added["UV_INDEX_USER_PASSWORD"] == SECRET
    (project / "pyproject.toml").write_text("not [ toml")
    assert auth_exec("uv", "lock").status == 7


def test_a_password_in_the_url_is_moved(auth_exec) -> None:
    """What the user wrote into UV_INDEX_URL or an option is in a variable of its own afterwards, not in the URL."""
    run = auth_exec("uv", "sync", UV_INDEX_URL="https://bob:hunter2@other.example/simple")
    assert run.environ["UV_DEFAULT_INDEX"] == "authpip-1=https://other.example/simple"
    assert run.environ["UV_INDEX_AUTHPIP_1_PASSWORD"] == "hunter2"
    run = auth_exec("uv", "pip", "install", "--index", "b=https://bob:hunter2@other.example/simple")
    assert run.argv[-1] == "b=https://other.example/simple"


def test_publish(auth_exec) -> None:
    """uv, pdm, hatch and poetry publish: each its own pair, and with it the URL, not a name that a project explains."""
    own = {"UV_PUBLISH_USERNAME": "alice", "UV_PUBLISH_PASSWORD": SECRET, "UV_PUBLISH_URL": TEAM}
    assert auth_exec("uv", "publish", "--publish-url", TEAM).added == own
    assert auth_exec("uv", "publish", "--publish-url", TEAM, UV_PUBLISH_TOKEN="mine").added == {}
    run = auth_exec("uv", "publish", UV_PUBLISH_URL=f"{TEAM}../other/")
    assert "(UV_PUBLISH_URL)" in run.stderr
    run = auth_exec("hatch", "publish", "-r", TEAM, "dist/x.whl")
    assert run.added == {"HATCH_INDEX_REPO": TEAM, "HATCH_INDEX_USER": "alice", "HATCH_INDEX_AUTH": SECRET}
    assert run.argv == ["publish", "dist/x.whl"]
    run = auth_exec("pdm", "publish", f"--repository={TEAM}", "--no-build")
    added = {name: value for name, value in run.added.items() if name != "PATH"}
    assert added == {"PDM_PUBLISH_REPO": TEAM, "PDM_PUBLISH_USERNAME": "alice", "PDM_PUBLISH_PASSWORD": SECRET}
    assert run.argv == ["publish", "--no-build"]
    added = auth_exec("poetry", "publish", "-r", "my-corp", POETRY_REPOSITORIES_MY_CORP_URL=TEAM).added
    assert added == {"POETRY_HTTP_BASIC_MY_CORP_USERNAME": "alice", "POETRY_HTTP_BASIC_MY_CORP_PASSWORD": SECRET}


EVIL = "https://evil.example/simple/"
UV = f'[[tool.uv.index]]\nname = "a-b"\nurl = "{TEAM}"\n'
POETRY = f'[[tool.poetry.source]]\nname = "a-b"\nurl = "{TEAM}"\n'


@pytest.mark.parametrize(
    ("tool", "files"),
    [
        ("uv", {"pyproject.toml": UV + f'[[tool.uv.index]]\nname = "a.b"\nurl = "{EVIL}"\n'}),
        ("uv", {"pyproject.toml": UV, "uv.toml": f'[[index]]\nname = "A_B"\nurl = "{EVIL}"\n'}),
        ("uv", {"pyproject.toml": UV, "../pyproject.toml": UV.replace(TEAM, EVIL)}),
        (
            "uv",
            {
                "pyproject.toml": UV + '[tool.uv.workspace]\nmembers = ["packages/*"]\n',
                "packages/x/pyproject.toml": UV.replace(TEAM, EVIL),
            },
        ),
        ("uv --project sub", {"pyproject.toml": UV, "sub/pyproject.toml": UV.replace(TEAM, EVIL)}),
        ("poetry", {"pyproject.toml": POETRY + f'[[tool.poetry.source]]\nname = "a_b"\nurl = "{EVIL}"\n'}),
        ("poetry", {"pyproject.toml": POETRY, "poetry.toml": f'[repositories.a-b]\nurl = "{EVIL}"\n'}),
    ],
)
def test_two_urls_by_one_name(auth_exec, project: Path, tool: str, files: dict[str, str]) -> None:
    """P1, A16: these tools bind a credential to a name; where a repository gives that name a second URL, or one that is
    spelled alike in a variable, nothing is run."""
    for name, text in files.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text)
    run = auth_exec(*tool.split(), "lock")
    assert (run.status, run.argv) == (2, [])
    assert f"would send one credential to {EVIL.rstrip('/')} and to {TEAM.rstrip('/')}" in run.stderr


@pytest.mark.parametrize("name", ["uv.toml", "pyproject.toml"])
def test_a_project_that_says_where_to_publish(auth_exec, project: Path, name: str) -> None:
    """P1: `publish-url` of a project's file is where uv will publish to, so PyPI's token does not go there."""
    head = "" if name == "uv.toml" else "[tool.uv]\n"
    (project / name).write_text(f'{head}publish-url = "{EVIL}"\n')
    pypi = {"AUTHPIP_INDEX_PYPI_URL": "https://upload.pypi.org/legacy/", "AUTHPIP_INDEX_PYPI_PASSWORD": SECRET}
    assert auth_exec("uv", "publish", **pypi).added == {}
    (project / name).write_text("")
    assert auth_exec("uv", "publish", **pypi).added["UV_PUBLISH_URL"] == "https://upload.pypi.org/legacy/"
    (project / name).write_text(
        f'[[{"" if name == "uv.toml" else "tool.uv."}index]]\nname = "x"\npublish-url = "{EVIL}"\n'
    )
    assert auth_exec("uv", "publish", "--index", "x", **pypi).added == {}


def test_sources_of_a_project(auth_exec, project: Path) -> None:
    """poetry's and pdm's sources in pyproject.toml name where, the rule alone says whether (P1)."""
    (project / "pyproject.toml").write_text(
        f'[[tool.poetry.source]]\nname = "my-corp"\nurl = "{TEAM}"\n[[tool.poetry.source]]\nname = "evil"\n'
        f'url = "https://evil.example/"\n[[tool.pdm.source]]\nname = "pypi"\nurl = "{TEAM}"\n'
    )
    assert auth_exec("poetry", "install").added == {
        "POETRY_HTTP_BASIC_MY_CORP_USERNAME": "alice",
        "POETRY_HTTP_BASIC_MY_CORP_PASSWORD": SECRET,
    }
    added = auth_exec("pdm", "install").added
    assert (added["PDM_PYPI_USERNAME"], added["PDM_PYPI_PASSWORD"]) == ("alice", SECRET)


def test_tools_that_go_through_the_shims(auth_exec, home: Path) -> None:
    """pip-compile asks our keyring command; an unknown tool finds our pip; neither has a secret in a new variable."""
    run = auth_exec("pip-compile")
    shims = f"{home}/.local/share/authpip/exec-shims"
    assert run.environ["PATH"].startswith(shims + os.pathsep)
    assert run.environ["PIP_KEYRING_PROVIDER"] == "subprocess"
    assert set(auth_exec("other").added) == {"PATH"}
    assert {"pip", "pip3", "keyring"} <= set(os.listdir(shims))


def test_env_file(auth_exec, project: Path) -> None:
    """A .env is read where asked for alone; what is exported wins; it cannot steer authpip or its helpers (P6)."""
    (project / ".env").write_text(
        f'UV_INDEX_URL="{TEAM}"\nA=1\nB=${{A}}2\nPATH=/evil\nAUTHPIP_INDEX_CORP_URL=https://evil.example/\n'
        "AUTHPIP_CONFIG=/evil\nHOME=/evil\nNETRC=/evil\nPYTHONPATH=/evil\nexport C='x y'\n"
        "https_proxy=/evil\nSSL_CERT_FILE=/evil\nREQUESTS_CA_BUNDLE=/evil\nPIP_CERT=/evil\nUV_INSECURE_HOST=/evil\n"
    )
    assert "UV_DEFAULT_INDEX" not in auth_exec("uv", "sync").added
    run = auth_exec("uv", "sync", options=("--env-file", ".env"), A="exported")
    assert run.added["UV_INDEX_AUTHPIP_1_PASSWORD"] == SECRET
    assert (run.environ["A"], run.added["B"], run.added["C"]) == ("exported", "exported2", "x y")
    assert "/evil" not in str(run.added)
    assert "evil.example" not in str(run.added)


def test_bearer_and_unmet(auth_exec, tmp_path: Path) -> None:
    """A bearer token, which no tool can send, and an unmet `always` stop before the tool runs (P9)."""
    run = auth_exec("twine", "upload", "-r", "corp", AUTHPIP_INDEX_CORP_PASSWORD="")
    assert (run.status, run.argv) == (3, [])
    assert "AUTHPIP_INDEX_CORP_PASSWORD is empty" in run.stderr
    config = tmp_path / "config.toml"
    config.write_text('[[index]]\nname = "b"\nurl = "https://b.example/"\nscheme = "bearer"\n')
    config.chmod(0o600)
    run = auth_exec("twine", "upload", "-r", "b", AUTHPIP_CONFIG=str(config), AUTHPIP_INDEX_B_PASSWORD="hunter2")
    assert (run.status, run.argv) == (2, [])
    assert "twine cannot send the bearer token of env" in run.stderr
    run = auth_exec("not-there")
    assert (run.status, run.stderr) == (127, "authpip: not-there is not on PATH; install it, or give its path\n")
    run = auth_exec("./not-there")
    assert (run.status, run.stderr) == (127, "authpip: ./not-there is not an executable file\n")


def test_usage(auth_exec) -> None:
    """No command, or an env file that is not there: usage, exit 2."""
    assert auth_exec().status == 2
    missing = auth_exec("twine", options=("--env-file", "missing"))
    assert (missing.status, "missing cannot be read: No such file" in missing.stderr) == (2, True)


STEERING = (
    *("PIP_PYTHON", "PIP_CONFIG_FILE", "PIP_KEYRING_PROVIDER", "OPENSSL_CONF", "CLOUDSDK_PYTHON", "AWS_CONFIG_FILE"),
    *("AZURE_CONFIG_DIR", "DBUS_SESSION_BUS_ADDRESS", "GCONV_PATH", "GIT_SSH_COMMAND", "NODE_OPTIONS", "TMPDIR"),
    *("LD_PRELOAD", "PYTHONPATH", "GOOGLE_APPLICATION_CREDENTIALS"),
    "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES",
)


@pytest.mark.parametrize("name", STEERING)
def test_an_env_file_chooses_no_program(auth_exec, project: Path, name: str) -> None:
    """P6, audit 3: what would choose programs, code or other files is not taken from a project's file, and that is
    said; at e46b6fa the tool and the shims got it."""
    (project / ".env").write_text(f"{name}={project}/planted\nHARMLESS=1\n")
    run = auth_exec("other", options=("--env-file", ".env"))
    assert run.environ["HARMLESS"] == "1"
    assert run.environ.get(name) != f"{project}/planted"
    assert f"{name} not used" in run.stderr


@pytest.mark.parametrize("name", ["PIP___PYTHON", "pip_python", "PYENV_ROOT", "AWS_WEB_IDENTITY_TOKEN_FILE"])
def test_other_spellings_of_an_env_file(auth_exec, project: Path, name: str) -> None:
    """P6, audit 3: pip reads PIP___PYTHON as `--python`; a profile's name is left to the tool."""
    (project / ".env").write_text(f"{name}={project}/planted\nAWS_PROFILE=team\n")
    run = auth_exec("other", options=("--env-file", ".env"))
    assert name not in run.environ
    assert run.environ["AWS_PROFILE"] == "team"
    assert run.environ["_AUTHPIP_TOOL_VARIABLES"] == "AWS_PROFILE"


def test_a_rules_token_is_not_filled_in(auth_exec, project: Path, tmp_path: Path) -> None:
    """P6, A15, audit 3: ${CORP_TOKEN} of a rule, and ${CI_JOB_TOKEN} of a provider, are not filled in; ${HOST} is."""
    config = tmp_path / "config.toml"
    config.write_text(f'[[index]]\nname = "b"\nurl = "{TEAM}"\nprovider = "token"\ntoken.variable = "CORP_TOKEN"\n')
    config.chmod(0o600)
    (project / ".env").write_text("PIP_FIND_LINKS=http://${HOST}/${CORP_TOKEN}/${CI_JOB_TOKEN}/\n")
    secrets = {"CORP_TOKEN": SECRET, "CI_JOB_TOKEN": SECRET, "HOST": "evil.example", "AUTHPIP_CONFIG": str(config)}
    run = auth_exec("other", options=("--env-file", ".env"), **secrets)
    assert run.environ["PIP_FIND_LINKS"] == "http://evil.example///"


def test_an_env_file_puts_no_secret_into_a_url(auth_exec, project: Path) -> None:
    """P6, A15, audit 3: ${AUTHPIP_INDEX_CORP_PASSWORD} in a project's file is not filled in."""
    (project / ".env").write_text("PIP_EXTRA_INDEX_URL=http://evil.example/${AUTHPIP_INDEX_CORP_PASSWORD}/\n")
    assert SECRET not in auth_exec("other", options=("--env-file", ".env")).environ["PIP_EXTRA_INDEX_URL"]


@pytest.mark.parametrize(
    ("command", "remedy"),
    [
        (("pipx", "install", "x"), "use `authpip auth exec -- uv tool install`"),
        (("pip-audit",), "name its site-packages with --path"),
        (("python", "-m", "build"), "build there with --no-isolation"),
        (("pyproject-build",), "build there with --no-isolation"),
        (("tox", "-e", "py"), "set VIRTUALENV_AUTHPIP=1"),
        (("make", "all"), ""),
    ],
)
def test_tools_out_of_reach(command: tuple[str, ...], remedy: str) -> None:
    """trial B4, B5, 3: a tool that runs pip where no variable of ours is read has a remedy of its own."""
    found = out_of_reach(command)
    assert remedy in found
    assert bool(remedy) is bool(found)


def test_a_tool_out_of_reach_is_told(auth_exec) -> None:
    """trial 3: `auth exec -- pipx` runs pipx, and says that no credential reaches its pip, and what does."""
    done = auth_exec("pipx", "install", "corp-lib")
    assert done.status == 7
    assert "authpip: pipx runs pip in environments of its own, which get no credential this way; use" in done.stderr
