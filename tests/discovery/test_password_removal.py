"""Passwords are taken out of argv and environment, and nothing else is."""

from __future__ import annotations

import pytest

from authpip.discovery.password_removal import clean

ARGUMENTS = [
    (["install", "-ihttps://u:p@h/s/", "x"], ["install", "-ihttps://h/s/", "x"]),
    (["install", "-qihttps://u:p@h/s/"], ["install", "-qihttps://h/s/"]),
    (["install", "-i", "https://u:p@h/s/"], ["install", "-i", "https://h/s/"]),
    (["install", "--index-url=https://u:p@h/s/"], ["install", "--index-url=https://h/s/"]),
    (["install", "--pypi-url", "https://u:p@h/s/"], ["install", "--pypi-url", "https://h/s/"]),
    (["install", "--extra", "https://u:@h/s/"], ["install", "--extra", "https://h/s/"]),
    (["-v", "--log", "install", "install", "-fhttps://u:p@h/"], ["-v", "--log", "install", "install", "-fhttps://h/"]),
    (["download", "a @ https://u:p@h/a.whl ; x"], ["download", "a @ https://h/a.whl ; x"]),
    (["wheel", "https://u:p@h/a.whl#sha256=0"], ["wheel", "https://h/a.whl#sha256=0"]),
    (["install", "--", "https://u:p@h/a.whl"], ["install", "--", "https://h/a.whl"]),
    (["install", "-r", "https://u:p@h/r.txt"], ["install", "-r", "https://h/r.txt"]),
    (["search", "--index", "https://u:p@h/pypi", "x"], ["search", "--index", "https://h/pypi", "x"]),
]

UNTOUCHED = [
    ["install", "-i", "https://user@h/s/"],
    ["install", "-i", "https://h/s/"],
    ["install", "-i", "https://u:p@h\\@evil/s/"],
    ["install", "--proxy", "http://u:p@proxy:3128", "x"],
    ["install", "x @ git+https://u:p@h/x"],
    ["install", "-e", "git+https://u:p@h/x#egg=x"],
    ["config", "set", "global.index-url", "https://u:p@h/s/"],
    ["config", "set", "global.index-url", "https://aws:TOKEN@h/s/", "-i"],
    ["--version"],
    [],
]

VARIABLES = [
    ("PIP_INDEX_URL", "https://u:p@h/", "https://h/"),
    ("PIP_PYPI_URL", "https://u:p@h/", "https://h/"),
    ("PIP___index_url", "https://u:p@h/", "https://h/"),
    ("PIP_EXTRA_INDEX_URL", "https://u:p@h/  https://n@i/\thttps://x:y@j/", "https://h/  https://n@i/\thttps://j/"),
    ("PIP_FIND_LINKS", "./dir https://u:p@h/", "./dir https://h/"),
    ("PIP_REQUIREMENT", "https://u:p@h/r.txt", "https://h/r.txt"),
    ("PIP_CONSTRAINT", "https://u:p@h/r.txt", "https://h/r.txt"),
    ("PIP_PROXY", "http://u:p@proxy", "http://u:p@proxy"),
    ("HTTPS_PROXY", "http://u:p@proxy", "http://u:p@proxy"),
    ("PIP_INDEX_URL", "https://u:p@h h/", "https://u:p@h h/"),
    ("PIP_INDEX_URL", "\n  https://u:p@h/ ", "\n  https://h/ "),
]


@pytest.mark.parametrize(("given", "expected"), ARGUMENTS)
def test_a_password_on_the_command_line_is_taken_out(given: list[str], expected: list[str]) -> None:
    """P3, A12: pip's argv holds no password, however it was written."""
    assert clean(given, {})[0] == expected


@pytest.mark.parametrize("given", UNTOUCHED, ids=" ".join)
def test_what_is_not_ours_is_left_alone(given: list[str]) -> None:
    """User names, proxies, version control, refused URLs and other commands reach pip as they are."""
    assert clean(given, {})[0] == given


@pytest.mark.parametrize(("name", "given", "expected"), VARIABLES)
def test_a_password_in_a_variable_is_taken_out(name: str, given: str, expected: str) -> None:
    """A13: pip's environment, which build backends inherit, holds no password of an index."""
    assert clean(["install"], {name: given, "OTHER": given})[1] == {name: expected, "OTHER": given}
