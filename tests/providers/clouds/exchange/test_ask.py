"""How the exchange worker is started: what it can and cannot load beside a token."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from authpip.providers.clouds.exchange import ask

TELLING = "import json, sys; print(json.dumps({'site': 'site' in sys.modules, 'isolated': sys.flags.isolated}))"


def test_no_start_up_file_runs_beside_a_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker loads no `site`, so no .pth file of the environment and no sitecustomize runs in it."""
    script = tmp_path / "telling.py"
    script.write_text(TELLING)
    monkeypatch.setattr(ask, "_WORKER", str(script))
    told = ask.ask({"do": "google"}, ask.network({"PATH": "/usr/bin:/bin"}), time.monotonic() + 30)
    assert told == {"site": False, "isolated": 1}


def test_a_library_that_is_installed_elsewhere_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A development copy of authpip does not lie beside cryptography: `site` is asked where, and only then."""
    from authpip.providers.clouds.exchange import google_key

    asked: list[str] = []
    monkeypatch.setattr("site.main", lambda: asked.append("site"))
    google_key._find_cryptography()
    assert not asked
    monkeypatch.setitem(sys.modules, "cryptography", None)
    google_key._find_cryptography()
    assert asked == ["site"]
