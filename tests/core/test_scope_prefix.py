"""A covered path stays covered for whoever normalises it (A08); user names are split alike on both sides (A06)."""

from __future__ import annotations

import importlib.util
import posixpath
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import authpip
from authpip.core.index import RefusedURL, parse_scope, split_userinfo
from support.samples.hostile_urls import corpus

PREFIX = "/team/simple/"
SCOPE = parse_scope("https://good.example" + PREFIX)
_STEPS = r"""
    .. . %2e%2e %2E. %252e%252e ..; ..;x=1 ;.. ..%00 ..\ ..%5c %2f.. ..%2f %2f %5c %252f \ // ... ..%20 %c0%ae%c0%ae
    %uff0e % %2 %zz * ~ ' ( : @ = & + , $ ! é %C3%A9 team simple / ; x
"""
STEPS = _STEPS.split()


@pytest.fixture(scope="module")
def inside() -> ModuleType:
    """inside_pip/scope.py, loaded by path as the other interpreter does it."""
    path = Path(authpip.__file__).parent / "inside_pip" / "scope.py"
    spec = importlib.util.spec_from_file_location("inside_pip_scope", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@settings(max_examples=2000, deadline=None, database=None)
@given(st.lists(st.sampled_from(STEPS), max_size=8).map("".join))
def test_a_covered_path_stays_below_the_prefix(tail: str) -> None:
    """However often it is decoded, and whatever a backslash or a semicolon means to the server."""
    for path in (f"{PREFIX}{tail}", f"/{tail}{PREFIX}", f"/team/simple{tail}"):
        url = "https://good.example" + path
        try:
            covered = SCOPE.covers(parse_scope(url))
        except RefusedURL:
            continue
        path = urlsplit(url).path
        for _ in range(3 if covered else 0):
            cleaned = posixpath.normpath("/" + path.replace("\\", "/").partition(";")[0].lstrip("/")) + "/"
            assert cleaned.startswith(PREFIX), url
            path = unquote(path)


def test_user_names_are_split_alike(inside: ModuleType) -> None:
    """The part that is taken out of a URL is the same on both sides, wherever it has a password."""
    for url in (*corpus(), "https://me@corp.example:pw@good.example/", "https://TOKEN:@good.example/x?y"):
        try:
            clean, _, password = split_userinfo(url)
        except RefusedURL:
            clean, password = url, None
        found = inside.split_userinfo(url)
        assert (found[0], found[2]) == (url if password is None else clean, password), url
