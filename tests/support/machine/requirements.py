"""The programs that tests start: missing ones fail in scripts/test, and skip a test elsewhere."""

from __future__ import annotations

import os
import shutil
import sysconfig
from typing import NoReturn

import pytest

from support.machine.isolation import COMPLETE, MACHINE

NOT_RUN = "not run:"
"""How the reason begins for which scripts/test lets a test be skipped; any other one is a failure there."""


def need(program: str) -> str:
    """The absolute path of a program: beside our own Python, on PATH, in the sbin directories."""
    places = [sysconfig.get_path("scripts"), MACHINE.get("PATH", os.defpath), "/usr/sbin", "/sbin"]
    path = shutil.which(program, path=os.pathsep.join(places))
    return path or missing(program)


def missing(what: str) -> NoReturn:
    """End a test for want of something: a failure where everything was to be there."""
    if COMPLETE:
        pytest.fail(f"{what} is missing, and scripts/test could not install it", pytrace=False)
    pytest.skip(f"{what} is missing")


def not_run(what: str) -> NoReturn:
    """Leave out an entry of a matrix that this machine cannot have (an old Python); the report names it."""
    pytest.skip(f"{NOT_RUN} {what}")
