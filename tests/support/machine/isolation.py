"""The machine outside the tests, and the clean surroundings that every test gets instead."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
"""The repository."""

CACHE = ROOT / ".cache"
"""What may survive between runs: virtual environments and wheels, nothing else."""

MACHINE: dict[str, str] = dict(os.environ)
"""The environment the tests were started with: for fetching from the registry, and for nothing else."""

COMPLETE = MACHINE.get("AUTHPIP_TESTS_COMPLETE") == "1"
"""True in scripts/test, where a missing component is a failure and not a skipped test."""

_KEPT = (
    "PATH",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "TERM",
    "COLUMNS",
    "SYSTEMROOT",
    "PYTHONPATH",
)
_PRIVATE = (
    ".authpip", ".aws", ".azure", ".config", ".docker", ".gnupg", ".local/share/authpip", ".local/share/keyrings",
    ".local/share/python_keyring", ".netrc", "_netrc", ".password-store", ".pip", ".pypirc", ".rattler",
)  # fmt: skip


def clean_environment(base: Path) -> dict[str, str]:
    """An environment for one test, with its own HOME, settings and temporary directory below `base`."""
    environ = {name: MACHINE[name] for name in _KEPT if name in MACHINE}
    if "PYTHONPATH" in environ:  # a developer's `PYTHONPATH=src pytest`
        parts = environ["PYTHONPATH"].split(os.pathsep)
        environ["PYTHONPATH"] = os.pathsep.join(str((ROOT / part).resolve()) for part in parts if part)
    environ["PATH"] = sysconfig.get_path("scripts") + os.pathsep + environ.get("PATH", os.defpath)
    for name, below in (
        ("HOME", "home"),
        ("XDG_CONFIG_HOME", "home/.config"),
        ("XDG_DATA_HOME", "home/.local/share"),
        ("XDG_STATE_HOME", "home/.local/state"),
        ("XDG_CACHE_HOME", "home/.cache"),
        ("XDG_RUNTIME_DIR", "run"),
        ("XDG_CONFIG_DIRS", "etc/xdg"),
        ("TMPDIR", "tmp"),
        ("CLOUDSDK_CONFIG", "home/.config/gcloud"),
        ("AZURE_CONFIG_DIR", "home/.azure"),
    ):
        directory = base / below
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        environ[name] = str(directory)
    if sys.platform == "win32":  # platformdirs asks the system, unless these say it
        for name, below in (("LOCAL_APPDATA", "AppData/Local"), ("APPDATA", "AppData/Roaming")):
            environ[f"WIN_PD_OVERRIDE_{name}"] = str(base / "home" / below)
        environ["USERPROFILE"] = str(base / "home")
    return environ | {
        "LC_ALL": environ.get("LC_ALL", "C.UTF-8"),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "NETRC": os.devnull,
        "AWS_CONFIG_FILE": str(base / "home/.aws/config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(base / "home/.aws/credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
        "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "1",
        "PYTHONNOUSERSITE": "1",
        "NO_PROXY": "",
    }


class Guard:
    """An audit hook: what reaches for the real user's files, HOME or session bus fails, and fails the test."""

    def __init__(self) -> None:
        self.active = False
        self.trespasses: list[str] = []
        home = Path(MACHINE.get("HOME", "/nonexistent"))
        self._private = tuple(str(home / name) for name in _PRIVATE)
        sys.addaudithook(self._audit)

    def _audit(self, event: str, arguments: tuple[object, ...]) -> None:
        if not self.active:
            return
        if event in {"open", "os.listdir", "os.remove", "os.mkdir"} and arguments:
            self._see_path(event, arguments[0])
        elif event in {"subprocess.Popen", "os.posix_spawn", "os.exec"}:
            self._see_environment(event, arguments[-1])

    def _see_path(self, event: str, path: object) -> None:
        text = os.fsdecode(path) if isinstance(path, (str, bytes)) else ""
        if any(text == private or text.startswith(private + os.sep) for private in self._private):
            self._stop(f"{event} of {text}, which belongs to the machine's user")

    def _see_environment(self, event: str, environ: object) -> None:
        if not isinstance(environ, dict):
            return
        for name in ("HOME", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"):
            value = environ.get(name, environ.get(name.encode()))
            if value is not None and os.fsdecode(value) == MACHINE.get(name):
                self._stop(f"{event} with the machine's own {name}")

    def _stop(self, what: str) -> None:
        self.trespasses.append(what)
        raise PermissionError(f"this test is not isolated: {what}")

    @contextmanager
    def outside(self) -> Iterator[dict[str, str]]:
        """For fetching from the registry: the machine's own environment, as a value for a child process."""
        before, self.active = self.active, False
        try:
            yield dict(MACHINE)
        finally:
            self.active = before


GUARD = Guard()
