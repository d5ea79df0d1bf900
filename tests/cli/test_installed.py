"""What `auth audit` reads of an environment: records that a package may have written or broken by itself."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authpip.cli.report.installed import Installed, installed
from authpip.core.index import Index, parse_scope
from authpip.network import http_get, project_page
from authpip.network.http_get import pip_network

METADATA = b"Metadata-Version: 2.1\nName: Corp_Thing\nVersion: 1.0\n"


def put(site: Path, directory: str, **files: bytes) -> None:
    """One directory of records; a name "direct_url" is that of direct_url.json."""
    (site / directory).mkdir(parents=True)
    for name, content in files.items():
        (site / directory / name.replace("direct_url", "direct_url.json").replace("_INFO", "-INFO")).write_bytes(
            content
        )


def test_what_it_reads(tmp_path: Path) -> None:
    """Names are normalised; the hash is that of METADATA itself, and not the one that the package's own RECORD says;
    pip's leftovers are passed over."""
    put(
        tmp_path,
        "corp_thing-1.0.dist-info",
        METADATA=METADATA,
        RECORD=b"corp_thing-1.0.dist-info/METADATA,sha256=AAAA,1\n",
    )
    put(tmp_path, "old-2.egg-info", PKG_INFO=b"Name: old\nVersion: 2\n")
    put(tmp_path, "~orp_thing-0.9.dist-info", METADATA=METADATA)
    assert installed(tmp_path) == [
        Installed("corp-thing", "1.0", hashlib.sha256(METADATA).hexdigest(), None),
        Installed("old", "2", "", None),
    ]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[" * 100_000, b"[]", b'"x"', b'{"url": 1}', b'{"URL": "x"}'])
def test_a_direct_url_that_is_broken(tmp_path: Path, content: bytes) -> None:
    """It is a direct URL all the same, so that the package did not come from an index."""
    put(tmp_path, "corp_thing-1.0.dist-info", METADATA=METADATA, direct_url=content)
    [found] = installed(tmp_path)
    assert found.direct_url is not None


@given(metadata=st.binary(max_size=200), record=st.binary(max_size=50))
def test_no_content_ends_it(tmp_path_factory: pytest.TempPathFactory, metadata: bytes, record: bytes) -> None:
    """Whatever a package left there, it is listed; without a name in METADATA by that of the directory."""
    site = tmp_path_factory.mktemp("site")
    put(site, "corp_thing-1.0.dist-info", METADATA=metadata, RECORD=record)
    put(site, "bare-3.dist-info")
    assert [one.version for one in installed(site) if one.name == "bare"] == ["3"]
    assert len(installed(site)) == 2


@pytest.mark.parametrize(
    "page", [b"[]", b'{"files": 1}', b'{"files": ["x"]}', b'{"files": [{}]}', b"{", b"[" * 100_000]
)
def test_a_page_that_is_no_index_page(monkeypatch: pytest.MonkeyPatch, page: bytes) -> None:
    """ValueError, which the reports tell as an index that cannot be read."""
    monkeypatch.setattr(http_get, "read", lambda *_: (200, None, "application/vnd.pypi.simple.v1+json", page))
    index = Index("https://corp.example/simple/", parse_scope("https://corp.example/simple/"), "test")
    with pytest.raises(ValueError, match=r"PEP 691|Expecting"):
        project_page.read(index, "corp-thing", None, pip_network({}))
