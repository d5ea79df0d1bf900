"""The handoff across the two interpreters: written by authpip, taken by inside_pip, and gone."""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import authpip
from authpip.config.settings import Rule, Settings
from authpip.core import tool_variables
from authpip.core.credential import Credential, Secret
from authpip.core.index import Index, parse_scope
from authpip.launcher import handoff
from authpip.providers.chain import Answer

pytestmark = pytest.mark.real

INSIDE = Path(authpip.__file__).parent / "inside_pip"
TAKER = """
import json, os, sys, types
package = types.ModuleType("_authpip_inside"); package.__path__ = [sys.argv[1]]
sys.modules["_authpip_inside"] = package
from _authpip_inside import handoff, wipe
wipe.prepare()
before = open("/proc/self/environ", "rb").read().count(b"_AUTHPIP_")
message = handoff.take()
after = open("/proc/self/environ", "rb").read()
wipe.close_process()
block = after.count(b"AUTHPIP") + after.count(b"SECRET")
links = ["/proc/self/fd/" + name for name in os.listdir("/proc/self/fd") if int(name) > 2]
left = [os.readlink(link) for link in links if os.path.lexists(link)]
print(json.dumps({"message": message, "before": before, "left": [n for n in os.environ if "AUTHPIP" in n],
  "block": block, "open": [target for target in left if ".so" not in os.path.basename(target)]}))
"""


def answers(count: int, secret: str) -> list[Answer]:
    made = []
    for number in range(count):
        url = f"https://host{number}.example/simple/"
        credential = Credential("alice", Secret(f"{secret}{number}"), "keyring", "alice")
        made.append(Answer(Index(url, parse_scope(url), "-i"), credential, authenticate="always"))
    return made


def take(variables: dict[str, str], environment: dict[str, str], python: str = sys.executable) -> dict[str, object]:
    pads = [int(word) for word in variables.get("_AUTHPIP_PADS", "").split(",") if word]
    argv, environ = [python, "-S", "-c", TAKER, str(INSIDE)], {**environment, **variables}
    done = subprocess.run(argv, env=environ, pass_fds=pads, capture_output=True, text=True, check=True)
    for pad in pads:
        os.close(pad)
    taken: dict[str, object] = json.loads(done.stdout)
    return taken


@pytest.mark.parametrize("count", [1, 200])
def test_it_arrives_whole_and_nothing_of_it_stays(environment: dict[str, str], count: int) -> None:
    """P5, A14: 200 indexes with tokens of 2 KiB arrive; the environment and the kernel's block are then empty."""
    variables = handoff.encode(answers(count, "SECRET" + "x" * 2048), Settings(), (), environment)
    assert all(len(value) <= 100_000 for value in variables.values())
    taken = take(variables, environment)
    message = taken["message"]
    assert isinstance(message, dict)
    assert len(message["credentials"]) == len(message["scopes"]) == count
    assert message["credentials"][0][2].startswith("SECRETxxx")
    assert taken["before"] == len(variables)
    assert (taken["left"], taken["block"]) == ([], 0)
    assert taken["open"] == []  # besides the standard streams; libffi opens its own library


def test_an_interpreter_that_starts_another_in_its_place(environment: dict[str, str], tmp_path: Path) -> None:
    """macOS: a framework build's bin/python becomes Python.app by one more exec; both halves arrive, none stays."""
    stub = tmp_path / "python"
    stub.write_text(f'#!/bin/sh\nexport __PYVENV_LAUNCHER__="$0"\nexec {sys.executable} "$@"\n')
    stub.chmod(0o755)
    variables = handoff.encode(answers(1, "SECRET"), Settings(), (), environment)
    taken = take(variables, environment, str(stub))
    message = taken["message"]
    assert isinstance(message, dict)
    assert message["credentials"][0][2] == "SECRET0"
    assert (taken["left"], taken["block"]) == ([], 0)


def test_one_token_for_many_indexes_travels_once(environment: dict[str, str]) -> None:
    """Credentials are kept apart from scopes: ten indexes with one token take one place."""
    same = [answer._replace(credential=answers(1, "t")[0].credential) for answer in answers(10, "x")]
    message = handoff.message(same, Settings(), (), environment)
    assert len(message["credentials"]) == 1
    assert [row[5] for row in message["scopes"]] == [0] * 10


def test_source_variables_leave_the_environment_and_travel_for_the_helper_alone(environment: dict[str, str]) -> None:
    """AUTHPIP_INDEX_* is not passed on to pip's environment; it is inside the handoff, for late questions."""
    environ = {**environment, "AUTHPIP_INDEX_CORP_PASSWORD": "p", "PATH": os.environ["PATH"]}
    assert "AUTHPIP_INDEX_CORP_PASSWORD" not in handoff.without_secrets(environ, Settings())
    message = handoff.message([], Settings(), (), environ)
    assert message["sources"] == {"AUTHPIP_INDEX_CORP_PASSWORD": "p"}


def test_what_a_rule_passes_on_to_its_program_stays_out_of_builds(environment: dict[str, str]) -> None:
    """P4, audit 14: `[index.command] environment` names secrets of a program; what every helper gets is not a secret.
    At e46b6fa only the variables of `token` were asked for."""
    options = {"command": {"run": "/bin/vault", "environment": "VAULT_TOKEN PATH HOME"}}
    settings = Settings((Rule("corp", "config.toml:1", parse_scope("https://corp.example/"), options=options),))
    left = handoff.without_secrets({**environment, "VAULT_TOKEN": "s"}, settings)
    assert "VAULT_TOKEN" not in left
    assert {"PATH", "HOME"} <= set(left)


def test_variables_of_the_tool_do_not_travel_for_the_helper(environment: dict[str, str]) -> None:
    """P6, audit 3: what `auth exec --env-file` has named is no source of the late helper."""
    marked = tool_variables.marked({**environment, "CI_JOB_TOKEN": "of the file"}, ["CI_JOB_TOKEN"])
    assert handoff.message([], Settings(), (), marked)["sources"] == {}
    assert handoff.message([], Settings(), (), {**environment, "CI_JOB_TOKEN": "t"})["sources"] == {"CI_JOB_TOKEN": "t"}


def test_two_versions_of_the_wire_do_not_guess(environment: dict[str, str]) -> None:
    """A handoff of another version ends the run with a message, not with a traceback."""
    done = subprocess.run([sys.executable, "-S", "-c", TAKER, str(INSIDE)], text=True, capture_output=True,
                          env={**environment, "_AUTHPIP_HANDOFF": '{"v": 99}'}, check=False)  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("authpip: ")
    assert "Traceback" not in done.stderr


def test_neither_half_is_of_use_by_itself(environment: dict[str, str]) -> None:
    """P5, audit 1: what /proc shows of the environment holds nothing of the message, and two runs share nothing."""
    given = [handoff.encode(answers(3, "SECRET"), Settings(), (), environment) for _ in range(2)]
    halves = [base64.b64decode(variables["_AUTHPIP_HANDOFF"]) for variables in given]
    assert not [half for half in halves if b"SECRET" in half or b"host1.example" in half]
    assert halves[0][:16] != halves[1][:16]
    for variables in given:
        os.close(int(variables["_AUTHPIP_PADS"]))


@pytest.mark.parametrize("left", [0, 10, None], ids=["taken", "short", "closed"])
def test_a_pad_that_somebody_took_ends_the_run(environment: dict[str, str], left: int | None) -> None:
    """P5: a pad that is missing or short, or whose descriptor is closed, ends the run with one line and status 3."""
    variables = handoff.encode(answers(1, "SECRET"), Settings(), (), environment)
    pad = int(variables["_AUTHPIP_PADS"])
    with socket.socket(fileno=os.dup(pad)) as thief:
        thief.recv(len(base64.b64decode(variables["_AUTHPIP_HANDOFF"])) - (left or 0))
    argv, environ = [sys.executable, "-S", "-c", TAKER, str(INSIDE)], {**environment, **variables}
    done = subprocess.run(
        argv, env=environ, pass_fds=[] if left is None else [pad], capture_output=True, text=True, check=False
    )
    os.close(pad)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (3, "", 1)
    assert done.stderr.startswith("authpip: half of the credentials is missing")
