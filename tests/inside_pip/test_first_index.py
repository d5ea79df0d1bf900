"""strategy = "first-index" chooses as uv does, on the same servers (A27)."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from support.programs.authpip_cli import Run
from support.servers.index_server import IndexServer

pytestmark = pytest.mark.real


class Case(NamedTuple):
    """What the extra index and the main one have of corp-thing (a "y" marks a yanked version, a number in place of the
    list is what the index answers), and what is asked for."""

    extra: tuple[str, ...] | int
    main: tuple[str, ...] | int
    wanted: str = "corp-thing"


TWIN = ("99.0",)
CASES = {
    "both": Case(("1.0",), TWIN),
    "several": Case(("1.0", "2.0", "1.5"), TWIN),
    "the main one alone": Case((), TWIN),
    "the extra one alone": Case(("1.0",), ()),
    "neither": Case((), ()),
    "a lower one in main": Case(("2.0",), ("1.0",)),
    "a pin that the first has": Case(("1.0", "2.0"), TWIN, "corp-thing==1.0"),
    "a pin that only main has": Case(("1.0",), TWIN, "corp-thing==99.0"),
    "a range that only main has": Case(("1.0",), TWIN, "corp-thing>=2"),
    "a range in the first": Case(("1.0", "2.0"), TWIN, "corp-thing<2"),
    "an exclusion": Case(("1.0", "2.0"), TWIN, "corp-thing!=2.0"),
    "compatible": Case(("1.0", "1.4", "2.0"), TWIN, "corp-thing~=1.0"),
    "a spelling": Case(("1.0",), TWIN, "Corp_Thing"),
    "a pre-release beside": Case(("1.0", "2.0rc1"), TWIN),
    "a pre-release alone": Case(("2.0rc1",), TWIN),
    "a pre-release asked for": Case(("1.0", "2.0rc1"), TWIN, "corp-thing>=2.0rc1"),
    "a development release alone": Case(("2.0.dev1",), TWIN),
    "a post release": Case(("1.0", "1.0.post1"), TWIN),
    "a local version": Case(("1.0", "1.0+corp"), TWIN),
    "an epoch": Case(("1!1.0", "2.0"), TWIN),
    "yanked beside": Case(("1.0", "2.0y"), TWIN),
    "yanked alone": Case(("1.0y",), TWIN),
    "yanked and pinned": Case(("1.0y", "2.0"), TWIN, "corp-thing==1.0"),
    "a marker that holds": Case(("1.0",), TWIN, 'corp-thing; python_version >= "3"'),
    "a marker that does not": Case(("1.0",), TWIN, 'corp-thing; python_version < "3"'),
    "an extra": Case(("1.0",), TWIN, "corp-thing[more]"),
    "a hash in the first": Case(("1.0",), TWIN, "corp-thing==1.0 --hash=extra"),
    "a hash in main": Case(("1.0",), ("1.0",), "corp-thing==1.0 --hash=main"),
    "the first answers 404": Case(404, TWIN),
    "the first answers 403": Case(403, TWIN),
    "the first answers 401": Case(401, TWIN),
    "the first answers 500": Case(500, TWIN),
    "main answers 404": Case(("1.0",), 404),
    "main answers 500": Case(("1.0",), 500),
    "main answers 403": Case(("1.0",), 403),
}


class Stage(NamedTuple):
    """Two open indexes, and the requirement as a file."""

    extra: str
    main: str
    requirements: Path


@pytest.fixture
def stage(serve: Callable[..., IndexServer], wheel: Any, tmp_path: Path) -> Callable[[Case], Stage]:
    """stage(case): the servers as the case has them."""

    def build(case: Case) -> Stage:
        digests, urls = {}, []
        for name, content in (("extra", case.extra), ("main", case.main)):
            server = serve(tls=False)
            versions = (content,) if isinstance(content, int) else content
            files = {
                v: wheel("corp-thing", v.strip("y"), files={"which.txt": name}) for v in map(str, versions) if "." in v
            }
            for version, path in files.items():
                path = path.rename(path.with_name(path.name))
                kept = tmp_path / name / path.name
                kept.parent.mkdir(exist_ok=True)
                kept.write_bytes(path.read_bytes())
                files[version] = kept
                digests[name] = hashlib.sha256(kept.read_bytes()).hexdigest()
            index = server.add("/simple", files.values())
            index.yanked = {path.name for version, path in files.items() if version.endswith("y")}
            if isinstance(content, int):
                server.fail = content, "no"
            urls.append(server.url("/simple/"))
        wanted = case.wanted
        for name, digest in digests.items():
            wanted = wanted.replace(f"--hash={name}", f"--hash=sha256:{digest}")
        requirements = tmp_path / "requirements.txt"
        requirements.write_text(wanted + "\n")
        return Stage(*urls, requirements)

    return build


@pytest.mark.parametrize("name", CASES)
def test_the_same_choice_as_uv(pip: Run, stage: Any, environment: dict[str, str], tmp_path: Path, name: str) -> None:
    """The same version from the same index, or no version, for pip behind authpip and for uv."""
    built = stage(CASES[name])
    config = Path(environment["XDG_CONFIG_HOME"], "authpip", "config.toml")
    config.parent.mkdir(parents=True)
    config.write_text('strategy = "first-index"\n')
    config.chmod(0o600)
    urls = ["--index-url", built.main, "--extra-index-url", built.extra]
    ours = pip(
        *("install", "--no-deps", "--no-cache-dir", "--retries", "0", "--target", str(tmp_path / "ours")),
        *(*urls, "-r", str(built.requirements)),
    )
    uv = subprocess.run(
        [
            *(str(Path(sys.executable).parent / "uv"), "pip", "install", "--no-deps", "--no-cache", "--no-config"),
            *("--target", str(tmp_path / "uv"), "--python", sys.executable, *urls, "-r", str(built.requirements)),
        ],
        env=environment | {"UV_HTTP_RETRIES": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    said = f"{ours.stdout}{ours.stderr}\n--- uv\n{uv.stderr}"
    assert chosen(tmp_path / "ours") == chosen(tmp_path / "uv"), said
    if name == "both":  # what uv chooses is known here, so that the comparison means something
        assert chosen(tmp_path / "uv") == [("corp_thing-1.0.dist-info", "extra")], said
    assert (ours.returncode == 0) is (uv.returncode == 0), said


def chosen(target: Path) -> list[tuple[str, str]]:
    """(distribution, the index that it came from) for all that was installed."""
    return [(path.name, (target / "which.txt").read_text()) for path in sorted(target.glob("*.dist-info"))]
