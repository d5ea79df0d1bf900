"""Which host patterns a rule may have, and what they match."""

from __future__ import annotations

import re

import pytest

from authpip.config import host_patterns
from authpip.core.index import RefusedURL

WIDE = [
    "*", "*.com", "*.co.uk", "*.com.au", "*.github.io", "*.pkg.dev", "*.s3.eu-west-1.amazonaws.com",
    "*.amazonaws.com", "*.jfrog.io", "*.core.windows.net", "*.localhost", "*.*.corp.example", "a*.corp.example",
    "*corp.example", "x.*.example", "*.", "*.corp.example/", "*.10.0", "*.corp.example:80", "*.corp\\example",
    "*.a b.c", "", "*.corp..example",
]  # fmt: skip


@pytest.mark.parametrize("pattern", WIDE)
def test_wide_patterns_are_refused(pattern: str) -> None:
    """P1: a wildcard never reaches an apex, a public suffix or part of a label."""
    with pytest.raises(RefusedURL):
        host_patterns.canonical(pattern)


@pytest.mark.parametrize(
    ("pattern", "kept"),
    [("*.corp.example", "*.corp.example"), ("*.CORP.Example", "*.corp.example"), ("*.corp.co.uk", "*.corp.co.uk"),
     ("*.team.github.io", "*.team.github.io"), ("localhost", "localhost"), ("Pypi.Example", "pypi.example")],
)  # fmt: skip
def test_narrow_patterns_are_kept(pattern: str, kept: str) -> None:
    """A wildcard of a domain of one's own is taken, in lower case."""
    assert host_patterns.canonical(pattern) == kept


def test_every_public_suffix_is_a_host_name() -> None:
    """P1, A04: each entry of the list is one whole name in lower case, so that none is broken in two."""
    name = re.compile(r"[a-z0-9][a-z0-9-]*[a-z0-9](\.[a-z0-9][a-z0-9-]*[a-z0-9])+")
    assert [suffix for suffix in sorted(host_patterns.PUBLIC_SUFFIXES) if not name.fullmatch(suffix)] == []


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "ap-southeast-2", "us-gov-west-1"])
@pytest.mark.parametrize("service", ["lambda-url", "codeartifact", "s3"])
def test_no_wildcard_for_what_anyone_can_name_at_aws(region: str, service: str) -> None:
    """P1, A04: in every region, anyone can have a host below `lambda-url.REGION.on.aws` and its like."""
    for suffix in (f"{service}.{region}.on.aws", f"{region}.on.aws", f"{service}.{region}.amazonaws.com"):
        with pytest.raises(RefusedURL, match="too wide"):
            host_patterns.canonical(f"*.{suffix}")
