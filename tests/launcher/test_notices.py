"""What is configured and has no effect is said, once a day (trial 4: orphans, and a rule that matches no index)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from authpip.cli.commands import config
from authpip.config.loading import read_settings
from authpip.core.index import Index, parse_scope
from authpip.files import once_a_day
from authpip.launcher import notices
from support.programs.authpip_cli import Run
from support.servers.index_server import IndexServer

CORP, PYPI = "https://pypi.corp.example/team/simple/", "https://pypi.org/simple/"
RULE = {"AUTHPIP_INDEX_CORP_URL": CORP}
ORPHAN = {"AUTHPIP_INDEX_CROP_PASSWORD": "s3cr3t-value", "AUTHPIP_TIMEOT": "5"}


def said(environ: dict[str, str], capsys: pytest.CaptureFixture[str], url: str = PYPI) -> str:
    """What a run with this one index says."""
    settings, _ = read_settings(environ)
    notices.tell([Index(url, parse_scope(url), "default")], settings, environ)
    return capsys.readouterr().err


def test_a_rule_that_matches_no_index(environment: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """Trial 4: `rule corp matches no index of this command`, once a day, with what names an index to pip."""
    first, second = (said(environment | RULE, capsys) for _ in range(2))
    assert first == (
        "authpip: rule corp matches no index of this command: AUTHPIP_INDEX_CORP_URL; "
        "pip asks it only where --index-url, PIP_INDEX_URL or pip.conf names it\n"
    )
    assert second == ""


def test_a_rule_that_has_matched_once(environment: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """A rule that serves some commands is not reported by the others."""
    assert said(environment | RULE, capsys, CORP + "x/") == ""
    assert said(environment | RULE, capsys) == ""


@pytest.mark.parametrize("key", [{"AUTHENTICATE": "never"}, {"PACKAGES": "corp-*"}])
def test_a_rule_that_needs_no_index(
    environment: dict[str, str], capsys: pytest.CaptureFixture[str], key: dict[str, str]
) -> None:
    """A rule that routes packages, or that forbids, has its effect without an index of pip's own."""
    more = {f"AUTHPIP_INDEX_CORP_{name}": value for name, value in key.items()}
    assert said(environment | RULE | more, capsys) == ""


@pytest.mark.posix
def test_variables_that_nothing_reads(environment: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """Trial 4: an orphan and a misspelt name, with the nearest one, and no value; the next day again."""
    first = said(environment | ORPHAN | {"AUTHPIP_INDEX_CORP_URL": PYPI}, capsys)
    assert "AUTHPIP_INDEX_CROP_PASSWORD: no rule has this name; did you mean AUTHPIP_INDEX_CORP_…?" in first
    assert "did you mean AUTHPIP_TIMEOUT?" in first
    assert "s3cr3t" not in first
    assert said(environment | ORPHAN | {"AUTHPIP_INDEX_CORP_URL": PYPI}, capsys) == ""
    for mark in Path(environment["XDG_CACHE_HOME"], "authpip", "warned").iterdir():
        os.utime(mark, (0, mark.stat().st_mtime - once_a_day.DAY))
    assert said(environment | ORPHAN | {"AUTHPIP_INDEX_CORP_URL": PYPI}, capsys) == first


def test_config_check_names_an_unmatched_rule(environment: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """Trial 4: config check says it, too; it is no error, for the rule may not have been used yet."""
    assert config.run(["check"], environment | RULE) == 0
    assert "rule corp has matched no index of any command yet" in capsys.readouterr().out


@pytest.mark.real
def test_a_run_says_it_unless_it_is_quiet(download: Run, index_server: IndexServer, wheel: object) -> None:
    """Trial 4: a real run says it; with -q it does not."""
    index_server.add("/open/simple", [wheel("corp-thing")])  # type: ignore[operator]
    words = ("corp-thing", "-i", index_server.url("/open/simple/"))
    quiet = download("-q", *words, **RULE, **ORPHAN)
    assert (quiet.returncode, quiet.stderr) == (0, "")
    loud = download(*words, **RULE, **ORPHAN)
    assert [line.split(":")[1] for line in loud.stderr.splitlines()] == [
        " rule corp matches no index of this command",
        " AUTHPIP_INDEX_CROP_PASSWORD",
        " AUTHPIP_TIMEOT",
    ]
