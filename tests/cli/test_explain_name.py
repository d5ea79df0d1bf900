"""`auth explain --name`: which index may serve a package, and why (A27)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.programs import authpip_cli

pytestmark = pytest.mark.real

CORP, OPEN, MAIN = "https://corp.example/team/simple/", "https://open.example/simple/", "https://pypi.org/simple/"
RULE = f'[[index]]\nname = "corp"\nurl = "{CORP}"\nauthenticate = "auto"\nprovider = "env"\n'


@pytest.fixture
def explained(environment: dict[str, str]) -> Any:
    """explained(config, name): the JSON of one name, and the text of the same."""

    def run(text: str, name: str) -> tuple[dict[str, Any], str]:
        path = Path(environment["XDG_CONFIG_HOME"], "authpip", "config.toml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        arguments = ["--", "install", "-i", MAIN, "--extra-index-url", OPEN, "--extra-index-url", CORP, name]
        done = authpip_cli.auth("explain", "--json", "--name", name, *arguments, env=environment)
        assert done.returncode == 0, done.stderr
        plain = authpip_cli.auth("explain", "--name", name, *arguments, env=environment)
        [found] = json.loads(done.stdout)["names"]
        return found, plain.stdout

    return run


@pytest.mark.parametrize(
    ("more", "top", "indexes"),
    [
        ('packages = ["corp-*"]\n', "", [CORP]),
        ("", "", [MAIN, OPEN, CORP]),
        ("", 'strategy = "first-index"\n', [OPEN, CORP, MAIN]),
        ('packages = ["other"]\n', "", [MAIN, OPEN, CORP]),
    ],
)
def test_which_index_serves_a_name(explained: Any, more: str, top: str, indexes: list[str]) -> None:
    """A route, pip's own way, and first-index, each with its reason; a route names the rule and its line."""
    found, text = explained(top + RULE + more, "Corp_Thing")
    assert found["name"] == "corp-thing"
    assert found["indexes"] == indexes
    assert found["why"] in text
    assert ", ".join(indexes) in text
    assert (found["rule"] is not None) is (indexes == [CORP])


def test_two_routes(explained: Any) -> None:
    """Two rules that name it as closely: no index, and both are told."""
    other = f'[[index]]\nname = "b"\nurl = "{OPEN}"\nauthenticate = "auto"\npackages = ["*thing"]\n'
    found, _ = explained(RULE + 'packages = ["corp-*"]\n' + other, "corp-thing")
    assert found["indexes"] == []
    assert "'corp'" in found["why"]
    assert "'b'" in found["why"]


def test_each_requirement(environment: dict[str, str], tmp_path: Path) -> None:
    """Without --name: each project that the command line and a requirements file ask for, in their order; paths and
    URLs are none. The text leaves out those that pip chooses by itself."""
    config = Path(environment["XDG_CONFIG_HOME"], "authpip", "config.toml")
    config.parent.mkdir(parents=True)
    config.write_text(RULE + 'packages = ["corp-*"]\n')
    requirements = tmp_path / "r.txt"
    requirements.write_text(
        "Corp_Thing[extra]>=1  # ours\nother==2 ; python_version > '3'\n./local\nx @ https://a.example/x.whl\n"
    )
    arguments = ["--", "install", "-i", MAIN, "--extra-index-url", CORP, "plain<3", "./b.whl", "-r", str(requirements)]
    done = authpip_cli.auth("explain", "--json", *arguments, env=environment)
    found = {one["name"]: one["indexes"] for one in json.loads(done.stdout)["names"]}
    assert list(found) == ["plain", "corp-thing", "other"]
    assert (found["corp-thing"], found["plain"]) == ([CORP], [MAIN, CORP])
    text = authpip_cli.auth("explain", *arguments, env=environment).stdout
    assert "corp-thing" in text
    assert "the rule 'corp' names it in packages" in text
    assert "pip's own way" not in text
