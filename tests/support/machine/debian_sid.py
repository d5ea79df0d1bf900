"""Pythons that are newer than the machine's: Debian's own of the next release, in a directory below .cache."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence

from support.machine.isolation import CACHE, GUARD, ROOT
from support.machine.requirements import need, not_run
from support.machine.supplies import authpip_wheel, locked, outside

VERSIONS = ("3.14", "3.15")
SYSTEM = CACHE / "debian-sid"
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
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


def _make() -> None:
    """The system, once; its own sitecustomize modules would stand in front of the tests'."""
    if (SYSTEM / "complete").exists():
        return
    shutil.rmtree(SYSTEM, ignore_errors=True)
    packages = [f"python{version}-venv" for version in VERSIONS]
    chosen = ",".join([*(f"python{version}" for version in VERSIONS), *packages, "ca-certificates", "procps"])
    late = '--aptopt=Acquire::Check-Valid-Until "false"'
    outside([need("mmdebstrap"), "--variant=minbase", late, f"--include={chosen}", "sid", str(SYSTEM)])
    for version in VERSIONS:
        (SYSTEM / f"usr/lib/python{version}/sitecustomize.py").unlink(missing_ok=True)
    for file in (CERTIFICATES, "/etc/resolv.conf"):
        shutil.copy(file, SYSTEM / file.lstrip("/"))
    (SYSTEM / str(ROOT).lstrip("/")).mkdir(parents=True, exist_ok=True)
    (SYSTEM / "complete").touch()


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


def _inside(command: str) -> list[str]:
    """A command in that system, with this repository in its own place; the mounts go with the process."""
    mounts = [f"mount --rbind {place} {SYSTEM}{place}" for place in ("/proc", "/dev", str(ROOT))]
    mounts.append(f"mount -t tmpfs tmpfs {SYSTEM}/tmp")
    script = " && ".join([*mounts, f"exec chroot {SYSTEM} sh -c {shlex.quote(command)}"])
    return ["unshare", "--mount", "sh", "-c", script]
