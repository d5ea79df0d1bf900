"""A package comes from the index that its rule names, and no other index learns of it (A27)."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from support.programs import authpip_cli, pip_venvs
from support.programs.authpip_cli import Run
from support.samples import packages
from support.samples.twin_indexes import CREDENTIAL, config, options, private, public, refused, rule
from support.servers.index_server import IndexServer

__all__ = ["config", "private", "public"]  # the fixtures of these tests

pytestmark = pytest.mark.real

BUILD = {"pyproject.toml": '[build-system]\nrequires = ["corp-build"]\nbuild-backend = "corp_build"\n'}
BACKEND = """
import os, zipfile
FILES = {
    "corp_model.py": "",
    "corp_model-1.0.dist-info/METADATA": "Metadata-Version: 2.1\\nName: corp-model\\nVersion: 1.0\\n",
    "corp_model-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    "corp_model-1.0.dist-info/RECORD": "",
}
def build_wheel(directory, settings=None, metadata=None):
    name = "corp_model-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(directory, name), "w") as archive:
        for path, text in FILES.items():
            archive.writestr(path, text)
    return name
"""


@pytest.mark.parametrize("order", ["private first", "public first"])
@pytest.mark.parametrize(
    "versions",
    [
        (pip_venvs.PYTHON, "26.3"),
        *(
            pytest.param((p, v), marks=pytest.mark.heavy)
            for p, v in (("3.9", "20.3.4"), ("3.11", "22.3.1"), ("3.11", "24.0"))
        ),
    ],
)
@pytest.mark.parametrize("routed", [True, False], ids=["routed", "control"])
def test_a_public_twin(
    private: IndexServer,
    public: IndexServer,
    config: Any,
    wheel: Any,
    trusting: dict[str, str],
    tmp_path: Path,
    order: str,
    versions: tuple[str, str],
    routed: bool,
) -> None:
    """The private 1.0 is installed, a build dependency included, and the public server is not asked for a corp name.

    The control has no route: there pip takes 99.0.
    """
    backend = {"corp_build.py": BACKEND}
    private.indexes[0].files |= {
        path.name: path
        for path in (
            wheel("corp-build", files=backend),
            packages.sdist(tmp_path / "files", "corp-model", files=BUILD),
        )
    }
    evil = wheel("corp-build", "99.0", files=backend)
    public.indexes[0].files[evil.name] = evil
    config(rule(private) if routed else rule(private, ""))
    venv = pip_venvs.make(tmp_path / "venv", *versions)
    pair = (private, public) if order == "private first" else (public, private)
    done = authpip_cli.pip(
        venv,
        "install",
        "--no-cache-dir",
        *options(*pair),
        "Corp_Thing",
        "corp.model",
        "other",
        env=trusting | CREDENTIAL,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    asked = {seen.path.split("/")[2] for seen in public.requests if len(seen.path.split("/")) > 3}
    assert venv.installed()["corp_thing"] == ("1.0" if routed else "99.0")
    assert {"other", "corp_model"} <= set(venv.installed())
    assert ({name for name in asked if name.startswith("corp")} == set()) is routed
    assert "other" in asked


def test_the_index_of_the_rule_is_asked_where_pip_has_it_not(
    download: Run, private: IndexServer, public: IndexServer, config: Any, downloads: Any
) -> None:
    """A route leads to its own index, though no option or file of pip names it."""
    config(rule(private))
    done = download("corp-thing", "-i", public.url("/simple/"), **CREDENTIAL)
    assert done.returncode == 0, done.stderr
    assert downloads() == {"corp_thing-1.0-py3-none-any.whl"}
    assert public.requests == []


def test_no_index_with_a_local_directory(
    download: Run, private: IndexServer, config: Any, wheel: Any, downloads: Any
) -> None:
    """--no-index --find-links DIRECTORY works as before: the user has said where everything comes from."""
    config(rule(private))
    done = download("corp-thing", "--no-index", "-f", str(wheel("corp-thing", "3.0").parent), **CREDENTIAL)
    assert done.returncode == 0, done.stderr
    assert downloads() == {"corp_thing-3.0-py3-none-any.whl"}
    assert private.requests == []


def test_two_routes_equally_close(download: Run, private: IndexServer, config: Any) -> None:
    """Two patterns that name the same package as closely: an error that names both rules."""
    other = f'[[index]]\nname = "b"\nurl = "{private.url("/b/")}"\npackages = ["*thing"]\nauthenticate = "auto"\n'
    path = config(rule(private) + other)
    done = download("corp-thing", "-i", private.url("/team/simple/"), **CREDENTIAL)
    assert refused(done, path, "corp", f"{path}:6"), done.stderr


def test_a_closer_pattern_wins(download: Run, private: IndexServer, public: IndexServer, config: Any) -> None:
    """The name itself is closer than a pattern."""
    other = (
        f'[[index]]\nname = "b"\nurl = "{public.url("/simple/")}"\npackages = ["corp-thing"]\nauthenticate = "auto"\n'
    )
    config(rule(private) + other)
    done = download("corp-thing", "-i", private.url("/team/simple/"), **CREDENTIAL)
    assert done.returncode == 0, done.stderr
    assert private.requests == []


def test_require_hashes(download: Run, private: IndexServer, public: IndexServer, config: Any, text_file: Any) -> None:
    """--require-hashes holds on the route."""
    config(rule(private))
    [file] = private.indexes[0].files.values()
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    lines = text_file("r.txt", f"corp-thing==1.0 --hash=sha256:{digest}\n")
    done = download("--require-hashes", "-r", str(lines), *options(public, private), **CREDENTIAL)
    assert done.returncode == 0, done.stderr
    assert public.requests == []


@pytest.mark.parametrize(
    "versions",
    [
        (pip_venvs.PYTHON, "26.3"),
        *(
            pytest.param(one, marks=pytest.mark.heavy)
            for one in [("3.9", "20.3.4"), ("3.11", "22.3.1"), ("3.11", "24.0")]
        ),
    ],
)
def test_no_rule_no_change(
    public: IndexServer, shared_venv: Any, trusting: dict[str, str], tmp_path: Path, versions: tuple[str, str]
) -> None:
    """The requests are exactly those of plain pip, with all their headers, in their order."""
    seen = []
    for disable in ("1", ""):
        public.requests.clear()
        target = ["-d", str(tmp_path / f"d{disable}"), "--no-cache-dir", "-i", public.url("/simple/")]
        environ = trusting | {"AUTHPIP_DISABLE": disable}
        done = authpip_cli.pip(shared_venv(*versions), "download", *target, "other", "corp-thing", env=environ)
        assert done.returncode == 0, done.stderr
        seen.append([(one.method, one.path, one.headers) for one in public.requests])
    assert seen[0] == seen[1]


@pytest.mark.parametrize("words", [("index", "versions"), ("wheel", "--no-deps"), ("download", "--no-deps")])
def test_every_command_that_looks_for_a_name(
    pip: Run, private: IndexServer, public: IndexServer, config: Any, tmp_path: Path, words: tuple[str, ...]
) -> None:
    """`pip index versions`, `pip wheel` and `pip download` find the private version; the public index is not asked."""
    config(rule(private))
    place = [] if words[0] == "index" else ["-w" if words[0] == "wheel" else "-d", str(tmp_path / "here")]
    done = pip(*words, *place, "corp-thing", *options(public, private), **CREDENTIAL)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1.0" in done.stdout
    assert "99.0" not in done.stdout
    assert public.requests == []


def test_a_route_in_variables(
    download: Run, private: IndexServer, public: IndexServer, wheel: Any, downloads: Any
) -> None:
    """AUTHPIP_INDEX_<NAME>_PACKAGES, _REQUIRED and _INDEX_ONLY do what the keys of a file do."""
    variables = CREDENTIAL | {
        "AUTHPIP_INDEX_CORP_URL": private.url("/team/simple/"),
        "AUTHPIP_INDEX_CORP_PACKAGES": "corp-*",
    }
    done = download("corp-thing", *options(public, private), **variables)
    assert done.returncode == 0, done.stderr
    assert (downloads(), public.requests) == ({"corp_thing-1.0-py3-none-any.whl"}, [])

    done = download("other", *options(public, private), **variables, AUTHPIP_INDEX_CORP_INDEX_ONLY="true")
    assert (done.returncode, public.requests) == (3, []), done.stderr
    assert public.url("/simple/") in done.stderr

    private.fail = (500, "down")
    for required, status in (("true", 3), ("false", 0)):
        variables["AUTHPIP_INDEX_CORP_REQUIRED"] = required
        done = download("other", *options(public, private), "--retries", "0", **variables)
        assert done.returncode == status, done.stderr
