"""The demo itself, run by scripts/demo in an environment that has authpip in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

SCRIPTS = Path(__file__).resolve().parent
sys.path.insert(0, str(SCRIPTS.parent / "tests"))

from demo_keyring import Vault  # noqa: E402 (the path to the tests' tools comes first)
from support.leaks.canary import Canary, new_canary  # noqa: E402
from support.leaks.cmdline_sampler import CmdlineSampler  # noqa: E402
from support.machine.isolation import clean_environment  # noqa: E402
from support.samples import packages  # noqa: E402
from support.servers.index_server import Authority, IndexServer  # noqa: E402

PLACES = {
    "its own environment": ("environ",),
    "its own arguments and open files": ("argv", "descriptors"),
    "command lines of pip above it": ("ancestors.cmdline",),
    "environment of pip above it": ("ancestors.environ",),
    "open files of pip above it": ("ancestors.descriptors",),
    "the process list, with environments (ps)": ("ps",),
    "files in HOME and the temporary directory": ("files",),
}
SAMPLED = "command lines of all processes, every 5 ms"
TELLING = ("authpip:", "Looking", "Collecting", "Building", "Successfully", "WARNING", "ERROR")
NAMES = ("corp-tools", "corp-model")


class Stage(NamedTuple):
    """What the demo runs on. report: where the spying build backend writes down what it sees."""

    base: Path
    server: IndexServer
    canary: Canary
    environ: Mapping[str, str]
    report: Path

    @property
    def url(self) -> str:
        return self.server.url("/team/simple/")


def main() -> int:
    """Both installs and the comparison; 0 where authpip installed the packages and nothing was seen."""
    with tempfile.TemporaryDirectory(prefix="authpip-demo-") as directory:
        stage = build(Path(directory).resolve())
        title("A private index on loopback: TLS, and a password")
        print(f"  {stage.url}\n  corp-tools, a wheel; corp-model, an sdist whose build needs the private corp-build")
        title("pip, with the password in PIP_INDEX_URL")
        with_url = stage.server.url("/team/simple/", userinfo=f"alice:{quote(stage.canary.secret, safe='')}")
        print("  $ export PIP_INDEX_URL=https://alice:…@127.0.0.1/team/simple/")
        leaks, _ = install(stage, "pip", with_url)
        title("authpip, with the password in the keyring")
        log_in(stage)
        seen, last_word = install(stage, "authpip", stage.url)
        title("What the build of corp-model could see of the password, in 8 encodings")
        compare(leaks, seen)
        stage.server.close()
    print(f"\n{last_word}")
    return 0 if last_word and leaks and not seen else 1


def build(base: Path) -> Stage:
    """Index, keyring and surroundings, all below one directory."""
    canary, report = new_canary(), base / "report.jsonl"
    server = IndexServer(Authority(base))
    files = [
        packages.wheel(base / "files", "corp-tools"),
        packages.spy_sdist(base / "files", "corp-model", report, requires=["corp-build"]),
        packages.wheel(base / "files", "corp-build"),
    ]
    server.add("/team/simple", files, username="alice", password=canary.secret)
    environ = {**clean_environment(base / "user"), **server.environ, "KEYRING_PROPERTY_SOCKET": str(base / "vault")}
    Vault(base / "vault")
    settings = Path(environ["XDG_CONFIG_HOME"], "python_keyring", "keyringrc.cfg")
    settings.parent.mkdir()
    settings.write_text(f"[backend]\ndefault-keyring=demo_keyring.Keyring\nkeyring-path={SCRIPTS}\n")
    return Stage(base, server, canary, environ, report)


def log_in(stage: Stage) -> None:
    """`authpip auth login`: the password goes in by stdin, is proved with a request, and stays in the keyring."""
    command = ["auth", "login", stage.url, "--username", "alice", "--password-stdin"]
    print(f"  $ authpip {' '.join(command)}", flush=True)
    done = run([program("authpip"), *command], stage.environ, stage.canary.secret)
    echo(done.stdout + done.stderr)
    if done.returncode:
        sys.exit(done.returncode)


def install(stage: Stage, name: str, url: str) -> tuple[set[str], str]:
    """Install both packages with this command; (where the spy saw the password, pip's last word)."""
    stage.report.unlink(missing_ok=True)
    print(f"  $ {name} install {' '.join(NAMES)}", flush=True)
    argv = [program(name), "install", "--no-cache-dir", "--target", str(stage.base / name), *NAMES]
    with CmdlineSampler() as sampler:
        done = run(argv, {**stage.environ, "PIP_INDEX_URL": url})
    echo(done.stdout + done.stderr, everything=done.returncode != 0)
    if done.returncode:
        sys.exit(done.returncode)
    looks = [json.loads(line) for line in stage.report.read_text().splitlines()]
    seen = {place for place, parts in PLACES.items() if sees(stage.canary, looks, parts)}
    seen |= {SAMPLED} if stage.canary.find_in(b"\n".join(sampler.seen)) else set()
    last_word = next((line for line in done.stdout.splitlines() if line.startswith("Successfully installed")), "")
    return seen, last_word


def sees(canary: Canary, looks: Sequence[dict[str, Any]], parts: Sequence[str]) -> bool:
    """Whether the secret is in one of these parts of what the spy saw, at any hook of the build."""
    return any(canary.find_in_tree(pick(look, part)) for look in looks for part in parts)


def pick(look: dict[str, Any], part: str) -> object:
    """look["environ"] for "environ"; of every ancestor for "ancestors.environ"."""
    outer, _, inner = part.partition(".")
    return [ancestor[inner] for ancestor in look[outer]] if inner else look[outer]


def compare(leaks: set[str], seen: set[str]) -> None:
    """The table: one line a place, plain pip beside authpip."""
    width = max(map(len, [*PLACES, SAMPLED]))
    print(f"  {'':{width}}  pip with a URL   authpip")
    for place in [*PLACES, SAMPLED]:
        print(f"  {place:{width}}  {verdict(place in leaks)}     {verdict(place in seen)}".rstrip())


def verdict(found: bool) -> str:
    """One cell of the table."""
    return paint("31;1", "THE PASSWORD") if found else paint("32", "nothing     ")


def title(text: str) -> None:
    """A heading."""
    print(f"\n{paint('1', text)}")


def echo(text: str, *, everything: bool = False) -> None:
    """A program's output, set in: what it says, without the steps on the way there."""
    for line in text.splitlines():
        if everything or line.startswith(TELLING):
            print(f"    {line}", flush=True)


def run(argv: Sequence[str], environ: Mapping[str, str], stdin: str = "") -> subprocess.CompletedProcess[str]:
    """One command, its output kept."""
    return subprocess.run(argv, env=environ, input=stdin, capture_output=True, text=True, check=False)


def paint(code: str, text: str) -> str:
    """Colours on a terminal only."""
    wanted = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return f"\x1b[{code}m{text}\x1b[0m" if wanted else text


def program(name: str) -> str:
    """One of this environment's commands."""
    return str(Path(sys.executable).parent / name)


if __name__ == "__main__":
    sys.exit(main())
