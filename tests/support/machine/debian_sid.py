"""Pythons that are newer than the machine's: Debian's own of the next release, in a directory below .cache.

python -m support.machine.debian_sid ARGS…  runs `scripts/test ARGS…` on each of them
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from support.machine.isolation import CACHE, GUARD, ROOT
from support.machine.requirements import need, not_run
from support.machine.supplies import authpip_wheel, locked, outside

VERSIONS = ("3.14", "3.15")
SYSTEM = CACHE / "debian-sid"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
PROGRAMS = ("ca-certificates", "g++", "git", "iproute2", "procps")  # g++: not every package has a wheel for these yet
TOOLS = ("hypothesis", "pexpect", "pytest", "pytest-timeout", "pytest-xdist", "trustme", "virtualenv")


def run_tests(version: str, paths: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run these tests of ours on a Python of the list, as authpip's own interpreter and as pip's."""
    if os.geteuid() != 0:
        not_run("only root can make a system of its own")
    with locked(SYSTEM):
        _make()
        python = _tools(version)
    pytest = [python, "-m", "pytest", "-q", "-m", "not heavy", "-p", "no:cacheprovider", *paths]
    chosen = f"AUTHPIP_TESTS_PYTHON={version} AUTHPIP_TESTS_WHEEL={authpip_wheel()}"
    with GUARD.outside() as environ:
        argv = _inside(f"cd {ROOT} && {chosen} {shlex.join(pytest)}")
        return subprocess.run(argv, env=environ, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)


def main(arguments: Sequence[str]) -> int:
    """`scripts/test ARGUMENTS` on each Python of the list, in that system and with a .cache of its own; 0 or 1."""
    if os.geteuid() != 0:
        sys.exit("Only root can make the system that has these Pythons.")
    try:
        with locked(SYSTEM):
            _make()
    except (pytest.fail.Exception, pytest.skip.Exception) as error:  # of requirements.missing
        sys.exit(str(error))
    statuses = [_run_scripts_test(version, arguments) for version in VERSIONS]
    return int(any(statuses))


def _run_scripts_test(version: str, arguments: Sequence[str]) -> int:
    """Its exit status. It installs in that system what it needs."""
    print(f"== Python {version}", flush=True)
    cache = CACHE / f"python{version}"
    cache.mkdir(exist_ok=True)
    chosen = ["-m", "not heavy", *arguments] if arguments else []
    argv = _inside(f"cd {ROOT} && {shlex.join([f'python{version}', 'scripts/test', *chosen])}", cache)
    environ = os.environ | {"AUTHPIP_TESTS_PYTHON": version, "HOME": "/root", "PATH": PATH}
    environ.pop("PYTHONPATH", None)
    return subprocess.run(argv, env=environ, stdin=subprocess.DEVNULL, check=False).returncode


def _make() -> None:
    """The system, once; its own sitecustomize modules would stand in front of the tests'."""
    pythons = [f"python{version}{suffix}" for version in VERSIONS for suffix in ("", "-dev", "-venv")]
    chosen = ",".join([*pythons, *PROGRAMS])
    complete = SYSTEM / "complete"
    if complete.exists() and complete.read_text() == chosen:
        return
    shutil.rmtree(SYSTEM, ignore_errors=True)
    late = '--aptopt=Acquire::Check-Valid-Until "false"'
    outside([need("mmdebstrap"), "--variant=minbase", late, f"--include={chosen}", "sid", str(SYSTEM)])
    for version in VERSIONS:
        (SYSTEM / f"usr/lib/python{version}/sitecustomize.py").unlink(missing_ok=True)
    for file in (CERTIFICATES, "/etc/resolv.conf"):
        shutil.copy(file, SYSTEM / file.lstrip("/"))
    (SYSTEM / str(ROOT).lstrip("/")).mkdir(parents=True, exist_ok=True)
    complete.write_text(chosen)


def _tools(version: str) -> str:
    """The interpreter of an environment with pytest and the wheel under test."""
    directory, wheel = f"/opt/tests-{version}", authpip_wheel()
    python, stamp = f"{directory}/bin/python", SYSTEM / f"opt/tests-{version}/made"
    if not stamp.exists() or stamp.read_text() != " ".join(TOOLS):
        install = [python, "-m", "pip", "-q", "--cert", CERTIFICATES, "install", *TOOLS, str(wheel)]
        outside(_inside(f"python{version} -m venv {directory} && {shlex.join(install)}"))
        stamp.write_text(" ".join(TOOLS))
    outside(_inside(shlex.join([python, "-m", "pip", "-q", "install", "--no-deps", "--force-reinstall", str(wheel)])))
    return python


def _inside(command: str, cache: Path = CACHE) -> list[str]:
    """A command in that system, with this repository in its own place; the mounts go with the process.

    cache: the directory that is .cache there. pivot_root and not chroot: below a chroot there are no user namespaces.
    """
    mounts = [f"mount --bind {SYSTEM} {SYSTEM}", f"mount --bind {ROOT} {SYSTEM}{ROOT}"]
    mounts.append(f"mount --bind {cache} {SYSTEM}{CACHE}")
    mounts += [f"mount --rbind {place} {SYSTEM}{place}" for place in ("/proc", "/sys", "/dev")]
    mounts.append(f"mount -t tmpfs tmpfs {SYSTEM}/tmp")
    enter = [f"cd {SYSTEM}", "pivot_root . mnt", "umount -l /mnt", f"exec sh -c {shlex.quote(command)}"]
    return ["unshare", "--mount", "sh", "-c", " && ".join([*mounts, *enter])]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
