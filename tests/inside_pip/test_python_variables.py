"""PYTHONPATH and its like, given back after the start: as if the interpreter had found them itself (P12, A21)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import authpip

pytestmark = pytest.mark.real

INSIDE = Path(authpip.__file__).parent / "inside_pip"
STATE = """
import json, os, re, sys, warnings
names = ("PYTHONPATH", "PYTHONWARNINGS", "PYTHONPYCACHEPREFIX")
text = lambda part: getattr(part, "pattern", part)
filters = [(f[0], text(f[1]), f[2].__name__, text(f[3]), f[4]) for f in warnings.filters]
print(json.dumps([sys.path, sys.warnoptions, filters, sys.pycache_prefix, {n: os.environ.get(n) for n in names}]))
"""
GIVE_BACK = """
import importlib.util, json, site, sys
spec = importlib.util.spec_from_file_location("python_variables", sys.argv[1] + "/python_variables.py")
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
del sys.path[0]
module.give_back(json.loads(sys.argv[2]))
site.main()
sys.path.insert(0, "")
"""


@pytest.mark.parametrize(
    "flags", [[], ["-E"], ["-W", "once::UserWarning"], ["-X", "pycache_prefix=/elsewhere"]], ids=str
)
@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"PYTHONPATH": ""},
        {"PYTHONPATH": ".:/nonexistent::../x", "PYTHONPYCACHEPREFIX": "/compiled"},
        {"PYTHONPATH": ".", "PYTHONWARNINGS": "error::DeprecationWarning,ignore:text,default::cat.Cat"},
        {"PYTHONWARNINGS": "", "PYTHONPYCACHEPREFIX": ""},
    ],
    ids=str,
)
def test_as_the_interpreter_itself(
    environment: dict[str, str], tmp_path: Path, flags: list[str], variables: dict[str, str]
) -> None:
    """P12, audit 13: sys.path, warning options and filters, the place of compiled files and os.environ are the same."""
    (tmp_path / "cat.py").write_text("class Cat(Warning): pass\n")
    without = {name: value for name, value in environment.items() if name not in ("PYTHONPATH", "PYTHONWARNINGS")}

    def state(words: list[str], environ: dict[str, str]) -> object:
        argv = [sys.executable, "-B", *flags, *words]
        return json.loads(subprocess.run(argv, env=environ, cwd=tmp_path, capture_output=True, check=True).stdout)

    given_back = ["-S", "-c", GIVE_BACK + STATE, str(INSIDE), json.dumps(variables)]
    assert state(given_back, without) == state(["-c", STATE], {**without, **variables})
