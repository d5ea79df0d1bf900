"""The house: every module has a floor, imports lead downwards, rooms stay small, and the way to pip stays light."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src" / "authpip"
INSIDE = "inside_pip"
LONGEST_MODULE = 220  # lines
LONGEST_FUNCTION = 60  # lines

# From the top down. `room.*` is a package and all that is in it; a longer name wins over its package.
FLOORS = {
    "entrances": "cli __main__ activation.entry",
    "verbs": "verbs.*",
    "what verbs share": """
        arguments checking explanation layout login_place shown takeover takeover_text terminal tools.*
        upload_login verdict
    """,
    "one pip": "launcher activation.* session late_answer",
    "questions": "chain handoff layers",
    "providers": "providers.*",
    "sources": """
        aws_settings clis.* cloud_hosts config_check config_file config_table fingerprint helper_program http_get
        kernel_keyring keyring_client keyring_worker login_file logins minted netrc_file os_token_store probe pypi_token
        pypirc_file s3_bucket secret_file secret_service services settings single_flight token_cache
    """,
    "discovery": "discovery.*",
    "tools": """
        child_environment complaint console interrupts env_file own_files places private_file process program_path
        toml_lines waiting which wildcard
    """,
    "ground": "credential errors index",
}
HEAVY = frozenset(
    {
        *("asyncio", "configparser", "dataclasses", "email", "http", "inspect", "keyring", "logging", "optparse"),
        *("pathlib", "platformdirs", "rich", "ssl", "subprocess", "tempfile", "tomllib", "urllib"),
    }
)
ONLY_WITH_A_FILE = {("config_check", "tomllib"), ("config_check", "tomli")}  # loaded where there is a config.toml
ENTRANCES_OF_PIP = ("cli", "launcher")  # what stands before every pip begins here
BESIDE_THE_WAY = ("verbs", "activation")  # a pip command never comes here


class Import(NamedTuple):
    """One import. module: dotted, without "authpip."; at_start: it happens when the module is imported."""

    module: str
    line: int
    at_start: bool
    ours: bool


class Module(NamedTuple):
    """One file. name: dotted, without "authpip."; a package is `room.__init__`."""

    name: str
    path: Path
    tree: ast.Module
    imports: tuple[Import, ...]


@cache
def modules() -> dict[str, Module]:
    """Every module of authpip, by name."""
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        name = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
        tree = ast.parse(path.read_text("utf-8"))
        found[name] = Module(name, path, tree, tuple(imports_of(tree)))
    return found


def of_the_house() -> dict[str, Module]:
    """All but what runs in the other interpreter, and the package's own mark."""
    return {name: module for name, module in modules().items() if not name.startswith(INSIDE) and name != "__init__"}


def imports_of(node: ast.AST, at_start: bool = True) -> Iterator[Import]:
    """Every import below this node. What stands under TYPE_CHECKING is an import, but none at the start."""
    for child in ast.iter_child_nodes(node):
        inner = at_start and not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            inner = False
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield resolved(alias.name, "", child.lineno, at_start)
        elif isinstance(child, ast.ImportFrom):
            assert not child.level, "imports are absolute"
            for alias in child.names:
                yield resolved(child.module or "", alias.name, child.lineno, at_start)
        else:
            yield from imports_of(child, inner)


def resolved(module: str, name: str, line: int, at_start: bool) -> Import:
    """The module that an import means: `from authpip import x` is x where there is such a file."""
    if module != "authpip" and not module.startswith("authpip."):
        return Import(module, line, at_start, ours=False)
    dotted = module[len("authpip") :].lstrip(".")
    for candidate in (f"{dotted}.{name}".strip("."), dotted):
        path = SOURCE / candidate.replace(".", "/")
        if candidate and path.with_suffix(".py").exists():
            return Import(candidate, line, at_start, ours=True)
        if candidate and (path / "__init__.py").exists():
            return Import(f"{candidate}.__init__", line, at_start, ours=True)
    return Import("__init__", line, at_start, ours=True)


def floor_of(name: str) -> int | None:
    """The number of a module's floor, 0 the highest; None: it has none."""
    rooms = {room: number for number, rooms in enumerate(FLOORS.values()) for room in rooms.split()}
    return rooms.get(name, rooms.get(name.partition(".")[0] + ".*"))


def our_imports(module: Module) -> list[Import]:
    """The imports of authpip's own modules."""
    return [one for one in module.imports if one.ours and one.module != "__init__"]


def test_every_module_has_a_floor() -> None:
    """A new room is given a place in the house before anybody imports it."""
    assert [name for name in of_the_house() if floor_of(name) is None] == []


def test_imports_lead_downwards() -> None:
    """No module imports from a floor above its own, not even within a function or for types alone."""
    upward = [
        f"{module.name}:{one.line} imports {one.module}"
        for module in of_the_house().values()
        for one in our_imports(module)
        if (floor_of(one.module) or 0) < (floor_of(module.name) or 0)
    ]
    assert upward == []


def test_nothing_goes_round_in_circles() -> None:
    """On one floor, too, what imports is above what it imports."""
    graph = {module.name: {one.module for one in our_imports(module)} - {module.name} for module in modules().values()}
    assert list(TopologicalSorter(graph).static_order())  # raises CycleError and names the circle


@pytest.mark.parametrize("name", ["credential", "errors", "index"])
def test_the_ground_floor_stands_on_nothing(name: str) -> None:
    """The ground floor imports the standard library and nothing of ours."""
    assert our_imports(modules()[name]) == []
    outside = {one.module.partition(".")[0] for one in modules()[name].imports if not one.ours}
    assert outside <= sys.stdlib_module_names


def test_providers_do_not_know_each_other() -> None:
    """A provider imports the contract and what lies below, never another provider."""
    for name, module in modules().items():
        if name.startswith("providers.") and name != "providers.__init__":
            met = {one.module for one in our_imports(module) if one.module.startswith("providers.")}
            assert met <= {"providers.base"}, name


def test_the_other_interpreter_is_on_its_own() -> None:
    """inside_pip imports the standard library, pip and itself; nothing of authpip imports inside_pip."""
    allowed = {"pip", "_authpip_inside", *sys.stdlib_module_names}
    for name, module in modules().items():
        names = {one.module.partition(".")[0] for one in module.imports if not one.ours}
        if name.startswith(INSIDE):
            assert our_imports(module) == [], name
            assert names <= allowed, name
        else:
            assert "_authpip_inside" not in names, name
            assert not [one for one in our_imports(module) if one.module.startswith(INSIDE)], name


def test_rooms_stay_small() -> None:
    """No module is longer than 220 lines, no function longer than 60."""
    long_modules = {
        name: lines for name, module in modules().items() if (lines := len(lines_of(module))) > LONGEST_MODULE
    }
    long_functions = [
        f"{module.name}.{node.name}: {length} lines"
        for module in modules().values()
        for node in ast.walk(module.tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and (length := (node.end_lineno or 0) - node.lineno + 1) > LONGEST_FUNCTION
    ]
    assert long_modules == {}
    assert long_functions == []


def lines_of(module: Module) -> list[str]:
    """The text of a module, by lines."""
    return module.path.read_text("utf-8").splitlines()


def on_the_way_to_pip() -> set[str]:
    """The modules that a pip command may load, verbs and what they alone need left out."""
    reached: set[str] = set()
    ahead = list(ENTRANCES_OF_PIP)
    while ahead:
        name = ahead.pop()
        if name in reached or name.partition(".")[0] in BESIDE_THE_WAY:
            continue
        reached.add(name)
        ahead += [one.module for one in our_imports(modules()[name])]
    return reached


def test_heavy_modules_are_loaded_only_where_they_are_used() -> None:
    """What costs milliseconds is imported in the function that needs it, on the way of every pip command."""
    way = on_the_way_to_pip()
    assert {"session", "chain", "providers.keyring", "discovery.invocation"} <= way
    heavy = [
        f"{name}:{one.line} imports {one.module}"
        for name in sorted(way)
        for one in modules()[name].imports
        if one.at_start and not one.ours and one.module.partition(".")[0] in HEAVY
        if (name, one.module) not in ONLY_WITH_A_FILE
    ]
    assert heavy == []


def loaded(code: str, environ: dict[str, str]) -> set[str]:
    """The modules that an interpreter loads for this code, its own start left out, up to its end or its exec."""

    def names(program: str) -> set[str]:
        argv = [sys.executable, "-X", "importtime", "-c", program]
        done = subprocess.run(argv, env=environ, capture_output=True, text=True, timeout=60, check=True)
        lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
        return {line.rpartition("|")[2].strip() for line in lines[1:]}

    return names(code) - names("pass")


@pytest.fixture
def with_pip(environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """An environment with a `pip` on PATH that is a plain Python script, as every installer writes it."""
    script = tmp_path / "pip"
    script.write_text(f"#!{sys.executable}\nprint('pip')\n")
    script.chmod(0o755)
    return {**environment, "PATH": str(tmp_path)}


def test_a_pip_that_uses_no_index_is_reached_at_once(with_pip: dict[str, str]) -> None:
    """`pip --version` through authpip loads these few modules before it becomes pip."""
    code = "import sys; from authpip.cli import run; sys.exit(run(['--version'], called_as='pip'))"
    assert loaded(code, with_pip) <= {
        *("__future__", "authpip", "authpip.cli", "authpip.errors", "authpip.launcher", "authpip.which"),
        *("authpip.discovery", "authpip.discovery.commands"),
    }


def test_an_install_loads_nothing_heavy(with_pip: dict[str, str]) -> None:
    """An install with a credential from the environment goes its whole way without one of the heavy modules."""
    with_pip.update(AUTHPIP_INDEX_A_URL="http://127.0.0.1:1/simple/", AUTHPIP_INDEX_A_PASSWORD="unused")
    code = (
        "import os; from authpip import launcher, session; "
        "session.prepare(launcher.find('pip', os.environ), "
        "['install', '-i', 'http://127.0.0.1:1/simple/', 'x'], dict(os.environ))"
    )
    names = loaded(code, with_pip)
    assert "authpip.handoff" in names
    assert {name.partition(".")[0] for name in names} & HEAVY == set()
