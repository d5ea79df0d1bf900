"""Wheels and sdists made by hand, so that a test says in three lines what it installs."""

from __future__ import annotations

import base64
import hashlib
import io
import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from support.servers.index_pages import normal

SPY = Path(__file__).parents[1] / "leaks" / "spy.py"
BACKEND = Path(__file__).parents[1] / "leaks" / "spy_backend.py"


def wheel(
    directory: Path,
    name: str,
    version: str = "1.0",
    *,
    files: Mapping[str, str] = {},
    requires: Iterable[str] = (),
    metadata: Iterable[str] = (),
) -> Path:
    """A pure wheel with one module (`files` adds more); metadata: further lines, "Requires-Python: >=3.9"."""
    stem = f"{normal(name).replace('-', '_')}-{version}"
    module = normal(name).replace("-", "_")
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *metadata]
    lines += [f"Requires-Dist: {requirement}" for requirement in requires]
    content = {
        f"{module}.py": f"__version__ = {version!r}\n",
        **files,
        f"{stem}.dist-info/METADATA": "\n".join(lines) + "\n",
        f"{stem}.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},sha256={_digest(text)},{len(text.encode())}\n" for path, text in content.items())
    content[f"{stem}.dist-info/RECORD"] = record + f"{stem}.dist-info/RECORD,,\n"
    directory.mkdir(parents=True, exist_ok=True)
    target = directory / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(target, "w") as archive:
        for path, text in content.items():
            archive.writestr(path, text)
    return target


def sdist(directory: Path, name: str, version: str = "1.0", *, files: Mapping[str, str] = {}) -> Path:
    """A source distribution of these files, PKG-INFO added."""
    stem = f"{normal(name).replace('-', '_')}-{version}"
    content = {"PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", **files}
    directory.mkdir(parents=True, exist_ok=True)
    target = directory / f"{stem}.tar.gz"
    with tarfile.open(target, "w:gz") as archive:
        for path, text in content.items():
            member = tarfile.TarInfo(f"{stem}/{path}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return target


def spy_files(
    name: str, report: Path, version: str = "1.0", *, requires: Iterable[str] = (), late: Iterable[str] = ()
) -> dict[str, str]:
    """The source tree of a package whose own build backend writes to `report` all that it sees, at every hook.

    requires: what the build needs before it starts; late: what get_requires_for_build_* asks for besides.
    """
    settings = {"NAME": name, "VERSION": version, "REPORT": str(report), "LATE": list(late)}
    return {
        "pyproject.toml": (
            f"[build-system]\nrequires = {list(requires)!r}\nbuild-backend = 'spy_backend'\nbackend-path = ['.']\n"
        ),
        "spy.py": SPY.read_text(),
        "spy_backend.py": BACKEND.read_text(),
        "spy_settings.py": "".join(f"{key} = {value!r}\n" for key, value in settings.items()),
    }


def spy_sdist(
    directory: Path,
    name: str,
    report: Path,
    version: str = "1.0",
    *,
    requires: Iterable[str] = (),
    late: Iterable[str] = (),
) -> Path:
    """`spy_files` as an sdist, with an in-tree backend that knows PEP 517 and 660."""
    files = spy_files(name, report, version, requires=requires, late=late)
    return sdist(directory, name, version, files=files)


def legacy_sdist(directory: Path, name: str, report: Path, version: str = "1.0") -> Path:
    """The same without pyproject.toml: setup.py looks around. pip needs setuptools for it."""
    setup = (
        "import os, sys\n"
        "sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))\n"
        "import spy\n"
        f"spy.observe({str(report)!r}, 'setup.py')\n"
        "from setuptools import setup\n"
        f"setup(name={name!r}, version={version!r}, py_modules=[{normal(name).replace('-', '_')!r}])\n"
    )
    module = {f"{normal(name).replace('-', '_')}.py": f"__version__ = {version!r}\n"}
    return sdist(directory, name, version, files={"setup.py": setup, "spy.py": SPY.read_text(), **module})


def unpack(files: Mapping[str, str], directory: Path) -> Path:
    """Write a source tree, for `pip install DIRECTORY` and `pip install -e DIRECTORY`."""
    for path, text in files.items():
        target = directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return directory


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
