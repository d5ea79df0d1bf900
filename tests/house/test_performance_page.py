"""docs/performance.md shows what scripts/bench measured, and nothing else."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]


def module(name: str) -> ModuleType:
    """A module of scripts/benchmarks, by its path."""
    spec = importlib.util.spec_from_file_location(f"benchmarks_{name}", ROOT / "scripts" / "benchmarks" / f"{name}.py")
    assert spec
    assert spec.loader
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def test_the_table_and_the_chart_are_the_figures() -> None:
    """The table of the page and the picture are made from docs/performance.json, which `scripts/bench --docs` wrote."""
    figures = json.loads((ROOT / "docs" / "performance.json").read_text())
    table = "\n".join(module("report").markdown(figures))
    assert table in (ROOT / "docs" / "performance.md").read_text()
    assert module("chart").drawn(figures) == (ROOT / "docs" / "pictures" / "performance.svg").read_text()
