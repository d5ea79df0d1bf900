"""Make the pip of one environment go through authpip, however it is started, and undo that byte for byte.

authpip writes only files of its own: a start-up `.pth` with a `.start` file for Pythons that read it (PEP 829), or a
`sitecustomize` package, which Python prefers to a module of that name.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from authpip.activation import pth_files
from authpip.core.errors import UsageError
from authpip.files.atomic import explained, write

_HERE = Path(__file__).parent
_PTH_HOOK, _ENTRY = _HERE / "pth_hook.py", _HERE.parent / "__main__.py"
_ASK = (
    "import json, sys, sysconfig; from importlib.machinery import PathFinder; "
    "spec = PathFinder.find_spec('sitecustomize'); "
    "print(json.dumps([sysconfig.get_path('purelib'), list(sys.version_info[:2]), spec and spec.origin, sys.path]))"
)
# Python 3.15 reads .start files too, at 8 ms for each start; the import lines of .pth files serve up to 3.17 (PEP 829).
_READS_START_FILES_ALONE = (3, 18)
_LAUNCHED = "_AUTHPIP_LAUNCHED"  # pth_hook.py reads it
_PTH, _START = pth_files.NAME + ".pth", pth_files.NAME + ".start"
_MODULE = f"_{pth_files.NAME}.py"
_CUSTOMIZE = Path("sitecustomize", "__init__.py")


class Environment(NamedTuple):
    """One environment. site: its own site-packages. customize: where its interpreter finds sitecustomize, if at all."""

    directory: Path
    python: Path
    site: Path
    version: tuple[int, int]
    customize: Path | None
    path: tuple[str, ...]


def find(directory: Path) -> Environment:
    """The environment in a directory, by asking its interpreter. Raises UsageError if there is none."""
    names = ("bin/python", "bin/python3", "Scripts/python.exe", "python.exe")
    python = next((directory / name for name in names if os.path.exists(directory / name)), None)
    if python is None:
        raise UsageError(f"there is no Python environment in {directory}", "", "name the directory of one")
    site, version, customize, path = _ask(python)
    return Environment(
        directory, python, Path(site), (version[0], version[1]), Path(customize) if customize else None, tuple(path)
    )


@explained()
def enable(environment: Environment, *, via: str = "pth") -> list[Path]:
    """Write the start-up files and return their paths. via: "pth" or "sitecustomize". Raises AuthpipError."""
    files = _customize_files(environment) if via == "sitecustomize" else _pth_files(environment)
    for name in files:
        _refuse_foreign(environment.site / name)
    disable(environment)
    for name, text in files.items():
        (environment.site / name).parent.mkdir(parents=True, exist_ok=True)
        write(environment.site / name, text.encode(), mode=0o644)
    return [environment.site / name for name in files]


def disable(environment: Environment) -> list[Path]:
    """Remove authpip's start-up files and what Python compiled from them. Returns the paths of the start-up files."""
    return disable_site(environment.site)


@explained()
def disable_site(site: Path) -> list[Path]:
    """The same for a site-packages directory, whether its Python runs or not."""
    found = installed(site)
    for file in found:
        compiled = list((file.parent / "__pycache__").glob(f"{file.stem}.*.pyc"))
        for each in (file, *compiled):
            each.unlink()
        emptied = [each.parent for each in compiled[:1]] + [file.parent] * (file.parent != site)
        for folder in emptied:
            if not any(folder.iterdir()):
                folder.rmdir()
    return found


def installed(site: Path) -> list[Path]:
    """authpip's start-up files in a site-packages directory."""
    return [site / name for name in (_PTH, _START, _MODULE, _CUSTOMIZE) if _is_ours(site / name)]


def below(directory: Path) -> Iterator[Path]:
    """Every virtual environment below a directory (PEP 405: it has a pyvenv.cfg); links are not followed."""
    for folder, directories, files in os.walk(directory):
        if "pyvenv.cfg" in files:
            directories.clear()
            yield Path(folder)
        directories.sort()


def holds_authpip(environment: Environment) -> bool:
    """True if the running authpip is installed in this environment."""
    return environment.site in _HERE.parents


def lead_here(files: Sequence[Path]) -> bool:
    """True if the start-up files lead to the running authpip."""
    texts = {_PTH: pth_files.pth, _MODULE: pth_files.start_module, _CUSTOMIZE.name: pth_files.sitecustomize}
    return all(file.read_text() == texts[file.name](str(_PTH_HOOK), _authpip()) for file in files if file.name in texts)


def launch(words: Sequence[str]) -> int:
    """Run the pip that was started in an enabled environment, with its interpreter's flags (`__main__.py environment`).

    words: PYTHON N FLAGS… TARGET ARGS…. If pip then runs without authpip, the start-up file runs again in this
    process; a variable tells it so.
    """
    python, count = words[0], int(words[1])
    flags, target, arguments = words[2 : 2 + count], words[2 + count], words[3 + count :]
    from authpip.launcher import launch as start
    from authpip.launcher.which_pip import Pip

    pip = Pip(python, ("-m", "pip") if target == "-m" else (target,), tuple(flags))
    environ = {**os.environ, _LAUNCHED: "next" if os.name == "nt" else str(os.getpid())}
    return start(arguments, environ, called_as="-m", pip=pip)


def _pth_files(environment: Environment) -> dict[Path, str]:
    files = {Path(_PTH): pth_files.pth(str(_PTH_HOOK), _authpip())}
    if environment.version >= _READS_START_FILES_ALONE:
        files[Path(_START)] = pth_files.start()
        files[Path(_MODULE)] = pth_files.start_module(str(_PTH_HOOK), _authpip())
    return files


def _customize_files(environment: Environment) -> dict[Path, str]:
    """A package `sitecustomize`: Python prefers it to the module of that name, which stays unchanged."""
    found, own = environment.customize, environment.site / _CUSTOMIZE
    ahead = list(environment.path[: environment.path.index(str(environment.site))])
    if found is not None and found != own and any(Path(entry) == found.parent for entry in ahead):
        raise UsageError(
            f"a sitecustomize in {environment.site} would not run",
            f"{found} comes before it",
            "use the default, a .pth",
        )
    return {_CUSTOMIZE: pth_files.sitecustomize(str(_PTH_HOOK), _authpip())}


def _authpip() -> list[str]:
    return [sys.executable, str(_ENTRY)]


def _refuse_foreign(path: Path) -> None:
    if (path.exists() or path.is_symlink()) and not _is_ours(path):
        raise UsageError(f"not replacing {path}", "authpip did not write it", "move it away first")


def _is_ours(path: Path) -> bool:
    return path.is_file() and pth_files.MARKER.encode() in path.read_bytes()


def _ask(python: Path) -> tuple[str, list[int], str | None, list[str]]:
    """(site-packages, version, origin of sitecustomize, sys.path) of the interpreter. Its start-up code runs."""
    import subprocess

    plain: Mapping[str, str] = {**os.environ, "AUTHPIP_DISABLE": "1", "PYTHONSAFEPATH": "1"}
    try:
        done = subprocess.run(
            [python, "-I", "-c", _ASK], env=plain, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=True
        )
        site, version, customize, path = json.loads(done.stdout.splitlines()[-1])
    except (OSError, ValueError, IndexError, subprocess.SubprocessError):
        raise UsageError(f"{python} does not run", "", "recreate the environment") from None
    return site, version, customize, path
