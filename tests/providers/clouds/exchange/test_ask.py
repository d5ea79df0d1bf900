"""How the exchange worker is started: what it can and cannot load beside a token."""

from __future__ import annotations

import subprocess
import time
import venv
from pathlib import Path

import pytest

import authpip
from authpip.providers.clouds.exchange import ask

pytestmark = pytest.mark.real

TELLING = "import json, sys; print(json.dumps({'site': 'site' in sys.modules, 'isolated': sys.flags.isolated}))"


def test_no_start_up_file_runs_beside_a_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker loads no `site`, so no .pth file of the environment and no sitecustomize runs in it."""
    script = tmp_path / "telling.py"
    script.write_text(TELLING)
    monkeypatch.setattr(ask, "_WORKER", str(script))
    told = ask.ask({"do": "google"}, ask.network({"PATH": "/usr/bin:/bin"}), time.monotonic() + 30)
    assert told == {"site": False, "isolated": 1}


FINDING = """
import sys
sys.path.append(sys.argv[1])
from authpip.providers.clouds.exchange import google_key
google_key._find_cryptography()
import cryptography
print(cryptography.__file__)
"""


def test_a_library_that_is_installed_elsewhere_is_found(tmp_path: Path) -> None:
    """A development copy of authpip does not lie beside cryptography: it is found, and no .pth file of the environment
    runs. The control starts the same Python with `site`."""
    environment, copy = tmp_path / "environment", tmp_path / "copy"
    copy.mkdir()
    (copy / "authpip").symlink_to(Path(authpip.__file__).parent)
    venv.create(environment, symlinks=True)
    [packages] = environment.glob("lib/python*/site-packages")
    (packages / "cryptography.py").touch()
    (packages / "code.pth").write_text(f"import os; os.mkdir({str(tmp_path / 'ran')!r})")
    python, ran = str(environment / "bin" / "python"), tmp_path / "ran"
    words = ["-I", "-S", "-c", FINDING, str(copy)]
    done = subprocess.run([python, *words], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(packages / "cryptography.py")
    assert not ran.exists()
    subprocess.run([python, "-I", "-c", "pass"], check=True)
    assert ran.exists()
