"""The documentation holds to what there is: tests, files, commands, messages and examples that it names exist."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
import yaml

from authpip.cli.commands import COMMANDS
from authpip.config.loading import read_settings

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@cache
def text(page: Path) -> str:
    """A page."""
    return page.read_text("utf-8")


@cache
def known_tests() -> dict[str, set[str]]:
    """The names of the test functions in each file below tests/."""
    found = {}
    for path in (ROOT / "tests").rglob("test_*.py"):
        nodes = ast.walk(ast.parse(path.read_text("utf-8")))
        names = {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
        found[path.relative_to(ROOT / "tests").as_posix()] = names
    return found


@cache
def spoken() -> str:
    """All text that the source can say: its string constants, one after the other."""
    constants = []
    for path in sorted((ROOT / "src").rglob("*.py")):
        nodes = ast.walk(ast.parse(path.read_text("utf-8")))
        constants += [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    constants += [path.read_text("utf-8") for path in sorted((ROOT / "src").rglob("*.sh"))]
    return "\n".join(constants)


STUMBLED_OVER = (
    *("does not belong into", "sitecustomize` away", "keeps still", "in the index does without", "in one of its own."),
    *("Outside of rules a", "written with care", "key ring", "counts in the next shell", "by whole segments"),
    *("for a host of one's own", "nearest right word", "## Anywhere else", "without a trace"),
)
README, COMMANDS_PAGE = ROOT / "README.md", ROOT / "docs/commands.md"


@pages
def test_what_readers_stumbled_over(page: Path) -> None:
    """trial 7: none of the phrases that a newcomer did not understand, or that promised too much."""
    assert [phrase for phrase in STUMBLED_OVER if re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text(page))] == []


def test_each_exit_status_is_told_once() -> None:
    """trial 7: one page has the table, with 1 and 130; the others link to it."""
    tables = [page for page in PAGES if "| exit status | means |" in text(page)]
    assert tables == [COMMANDS_PAGE]
    assert all(f"\n| {status} | " in text(COMMANDS_PAGE) for status in (0, 1, 2, 3, 70, 127, 130))


def test_the_ci_block_of_the_readme_names_the_index_for_pip() -> None:
    """trial 4: a rule alone makes no pip use its index; whoever copies the block gets the private package."""
    block = text(README).partition("## CI\n")[2].split("```")[1]
    assert "PIP_INDEX_URL=" in block


@pages
def test_tests_that_are_named_exist(page: Path) -> None:
    """`file.py::test_name` is a test of that file; `tests/…` is a file or a directory."""
    for file, name in re.findall(r"`(?:tests/)?([\w/]+\.py)::(test_\w+)`", text(page)):
        assert name in known_tests().get(file, ()), f"{file}::{name}"
    for name in re.findall(r"`(test_\w+)`", text(page)):
        assert any(name in names for names in known_tests().values()), name
    for path in re.findall(r"\b(tests/[\w/]*(?:\.py)?)", text(page)):
        assert (ROOT / path).exists(), path


@pages
def test_links_lead_somewhere(page: Path) -> None:
    """A link within the repository is to a file that is there."""
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text(page)):
        assert target.startswith("https://") or (page.parent / target).exists(), target


@pages
def test_commands_and_variables_exist(page: Path) -> None:
    """Each `authpip auth WORD` is a command, and each AUTHPIP_ variable is one that the source knows."""
    for word in re.findall(r"authpip auth ([a-z]+)", text(page)):
        assert word in COMMANDS, word
    for name in re.findall(r"\b_?AUTHPIP_[A-Z]+", text(page)):
        assert name in spoken(), name


@pytest.mark.parametrize("word", COMMANDS)
def test_every_command_is_described(word: str) -> None:
    """Each command stands on some page."""
    assert any(f"auth {word}" in text(page) for page in PAGES)


@pages
def test_examples_of_configuration_are_accepted(page: Path, tmp_path: Path) -> None:
    """Each block of TOML is a config.toml without a problem (a site's, so that it may lock), or the rest of a rule."""
    for number, block in enumerate(re.findall(r"```toml\n(.*?)```", text(page), re.DOTALL)):
        config = tmp_path / str(number) / "authpip/config.toml"
        config.parent.mkdir(parents=True, mode=0o755)
        config.write_text(block if "[[index]]" in block else f'[[index]]\nurl = "https://x.example/"\n{block}')
        config.chmod(0o600)
        environ = {"HOME": "/nonexistent", "XDG_CONFIG_DIRS": str(tmp_path / str(number))}
        settings, problems = read_settings(environ)
        assert problems == []
        assert str(config) in settings.files


def _variables(value: object) -> dict[str, str]:
    """Every AUTHPIP_* variable that a job sets: by a mapping, a list of names and values, or `export`."""
    if isinstance(value, dict):
        named = {value["name"]: value["value"]} if {"name", "value"} <= set(value) else {}
        found = {**value, **named}.items()
        return {name: text for name, text in found if str(name).startswith("AUTHPIP_") and isinstance(text, str)} | (
            _variables(list(value.values()))
        )
    if isinstance(value, list):
        return {name: text for one in value for name, text in _variables(one).items()}
    return dict(re.findall(r"export (AUTHPIP_\w+)=(\S+)", value)) if isinstance(value, str) else {}


@pages
def test_jobs_are_yaml_and_their_rules_are_accepted(page: Path, tmp_path: Path) -> None:
    """Each block of YAML or JSON can be parsed, and the variables in each job of it make rules without a problem."""
    for block in re.findall(r"```(?:yaml|json)\n(.*?)```", text(page), re.DOTALL):
        parsed = yaml.safe_load(re.sub(r"\$\{localEnv:\w+\}", "of-the-host", block))
        assert parsed, block
        jobs = parsed.get("jobs") if isinstance(parsed, dict) else None
        for job in jobs.values() if jobs else [parsed]:
            variables = _variables(job)
            assert read_settings({**variables, "HOME": str(tmp_path)})[1] == [], variables


def test_messages_are_those_of_the_source() -> None:
    """What troubleshooting.md quotes is said somewhere, piece by piece."""
    page = text(ROOT / "docs/troubleshooting.md")
    messages = re.findall(r"^\| `([^`]*)` \|", page, re.MULTILINE)
    assert len(messages) > 30
    for message in messages:
        pieces = [piece.strip(" ,;:()") for piece in re.split("…|: |; ", message)]
        for piece in filter(None, pieces):
            assert piece in spoken(), f"{piece!r} of {message!r}"


@pytest.mark.parametrize(
    ("page", "rows"),
    [
        ("SECURITY.md", [f"P{number}" for number in range(1, 13)]),
        ("docs/threat-model.md", [f"A{number:02}" for number in range(1, 31)]),
        ("docs/threat-model.md", [f"F{number:02}" for number in range(1, 23)]),
    ],
)
def test_every_row_has_a_test(page: str, rows: list[str]) -> None:
    """Each promise, attack and fault stands on its page once, with the test that shows it."""
    lines = text(ROOT / page).splitlines()
    for row in rows:
        [line] = [line for line in lines if line.startswith(f"| {row} |")]
        assert re.search(r"`[\w/]+\.py(?:::test_\w+)?`", line.split("|")[4]), row
