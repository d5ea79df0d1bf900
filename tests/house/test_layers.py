"""The folders are the layers: imports lead downwards, modules stay small, and a pip command loads little."""

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

pytestmark = pytest.mark.real

SOURCE = Path(__file__).resolve().parents[2] / "src" / "authpip"
INSIDE = "inside_pip"
LONGEST_MODULE = 300  # lines
LONGEST_FUNCTION = 45  # lines

LAYERS = (
    *("cli", "network", "activation", "launcher", "providers", "storage", "config"),
    *("discovery", "programs", "files", "core"),
)
"""The folders, from the top down: a module imports from its own folder and from those below it in this list."""
ROOT_ENTRIES = {*LAYERS, INSIDE, "__init__.py", "__main__.py", "py.typed"}
HEAVY = frozenset(
    {
        *("asyncio", "configparser", "dataclasses", "email", "http", "inspect", "keyring", "logging", "optparse"),
        *("pathlib", "platformdirs", "rich", "ssl", "subprocess", "tempfile", "tomllib", "urllib"),
    }
)
ONLY_WITH_A_FILE = {("files.toml", "tomllib"), ("files.toml", "tomli")}  # loaded where there is a config.toml
NOT_A_PROVIDER = {"__init__", "base", "chain", "services", "minting", "order"}
ENTRANCES_OF_PIP = ("cli.__init__", "launcher.__init__")  # what stands before every pip begins here
BESIDE_THE_WAY = ("cli.", "activation.")  # a pip command never comes here, but for the entrance


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


def layer_of(name: str) -> int:
    """The number of a module's folder, 0 the highest; __main__ stands above all."""
    folder = name.partition(".")[0]
    return LAYERS.index(folder) if folder in LAYERS else -1


def our_imports(module: Module) -> list[Import]:
    """The imports of authpip's own modules."""
    return [one for one in module.imports if one.ours and one.module != "__init__"]


def test_the_root_holds_folders_only() -> None:
    """No module lies loose in the package's root, and no folder is outside the order."""
    assert {path.name for path in SOURCE.iterdir() if path.name != "__pycache__"} == ROOT_ENTRIES


def test_imports_lead_downwards() -> None:
    """No module imports from a folder above its own, not even within a function or for types alone."""
    upward = [
        f"{module.name}:{one.line} imports {one.module}"
        for module in of_the_house().values()
        for one in our_imports(module)
        if layer_of(one.module) < layer_of(module.name)
    ]
    assert upward == []


def test_nothing_goes_round_in_circles() -> None:
    """Within one folder, too, no module imports itself through others."""
    graph = {module.name: {one.module for one in our_imports(module)} - {module.name} for module in modules().values()}
    assert list(TopologicalSorter(graph).static_order())  # raises CycleError and names the circle


@pytest.mark.parametrize("name", ["core.credential", "core.errors", "core.index"])
def test_the_lowest_modules_import_nothing_of_ours(name: str) -> None:
    """They import the standard library and nothing of ours."""
    assert our_imports(modules()[name]) == []
    outside = {one.module.partition(".")[0] for one in modules()[name].imports if not one.ours}
    assert outside <= sys.stdlib_module_names


def test_providers_do_not_know_each_other() -> None:
    """A provider imports the contract and what lies below, never another provider."""
    for name, module in modules().items():
        if name.startswith("providers.") and name.count(".") == 1 and name.partition(".")[2] not in NOT_A_PROVIDER:
            met = {one.module for one in our_imports(module) if one.module.startswith("providers.")}
            allowed = {f"providers.{shared}" for shared in NOT_A_PROVIDER}
            assert {one for one in met if not one.startswith("providers.clouds.")} <= allowed, name


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
    """No module is longer than 300 lines, no function longer than 45."""
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
    """The modules that a pip command may load, commands and what they alone need left out."""
    reached: set[str] = set()
    ahead = list(ENTRANCES_OF_PIP)
    while ahead:
        name = ahead.pop()
        if name in reached or (name.startswith(BESIDE_THE_WAY) and name not in ENTRANCES_OF_PIP):
            continue
        reached.add(name)
        ahead += [one.module for one in our_imports(modules()[name])]
    return reached


def test_heavy_modules_are_loaded_only_where_they_are_used() -> None:
    """What costs milliseconds is imported in the function that needs it, on the way of every pip command."""
    way = on_the_way_to_pip()
    assert {"launcher.plan", "providers.chain", "providers.keyring", "discovery.invocation"} <= way
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
        *("__future__", "authpip", "authpip.cli", "authpip.core", "authpip.core.errors", "authpip.core.module_path"),
        *("authpip.launcher", "authpip.launcher.this_process", "authpip.launcher.which_pip"),
        *("authpip.programs", "authpip.programs.lookup"),
        *("authpip.discovery", "authpip.discovery.commands"),
    }


def test_an_install_loads_nothing_heavy(with_pip: dict[str, str]) -> None:
    """An install with a credential from the environment goes its whole way without one of the heavy modules."""
    with_pip.update(AUTHPIP_INDEX_A_URL="http://127.0.0.1:1/simple/", AUTHPIP_INDEX_A_PASSWORD="unused")
    code = (
        "import os; from authpip import launcher; from authpip.launcher import plan; "
        "plan.prepare(launcher.find('pip', os.environ), "
        "['install', '-i', 'http://127.0.0.1:1/simple/', 'x'], dict(os.environ))"
    )
    names = loaded(code, with_pip)
    assert "authpip.launcher.handoff" in names
    assert {name.partition(".")[0] for name in names} & HEAVY == set()
