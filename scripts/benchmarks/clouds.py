"""The measuring itself, run by scripts/bench_clouds in an environment that has authpip and the plug-ins in it."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

import cloud_identities

from support.machine.isolation import clean_environment
from support.programs import pip_venvs
from support.programs.fake_cli import GOOD, URLS, fake_cli
from support.samples import packages
from support.servers.cloud_services import TokenService, google, log_in_user
from support.servers.connect_proxy import ConnectProxy
from support.servers.index_server import Authority, IndexServer

BIN = Path(sys.executable).parent
HOST = "europe-west1-python.pkg.dev"
TOKEN = "ya29.a-token-of-ordinary-length-" + "x" * 180
USER = "oauth2accesstoken"
INSTALL = ("install", "--quiet", "--no-cache-dir", "--no-deps", "--force-reinstall", "thing")
FASTER, DEARER, TOGETHER = 2.0, 1.10, 0.060  # times the plug-ins, times the URL, seconds over the slowest cloud
Environ = Mapping[str, str]


def main() -> int:
    """Print the figures; 1 where one is out of bounds."""
    parser = ArgumentParser(prog="scripts/bench_clouds")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--identities", action="store_true")
    parser.add_argument("--codeartifact", required=True, metavar="KEYRING", help="keyring beside keyrings.codeartifact")
    options = parser.parse_args()
    report, failed = ({}, False) if options.identities else with_programs(options.rounds)
    identities = cloud_identities.compared(options.rounds, options.codeartifact)
    report["without gcloud and aws, ms"] = identities
    print(json.dumps(report, indent=None if options.json else 2))
    return int(failed or min(found["times"] for found in identities.values()) < FASTER)


def with_programs(rounds: int) -> tuple[dict[str, object], bool]:
    """The figures where gcloud is logged in, and whether one is out of bounds."""
    with ways() as environs:
        figures = in_turn(environs, rounds)
    added = three_clouds(rounds)
    ours = figures["authpip"]
    ratios = {way: round(other / ours, 2) for way, other in figures.items() if way != "authpip"}
    report: dict[str, object] = {
        "milliseconds": figures,
        "times authpip's": ratios,
        "three clouds, over the slowest, ms": round(added * 1000),
    }
    slow = min(ratios["plug-in, import"], ratios["plug-in, subprocess"]) < FASTER
    return report, slow or 1 / ratios["token in the URL"] > DEARER or added > TOGETHER


@contextmanager
def ways() -> Iterator[dict[str, tuple[str, Environ]]]:
    """way → (program, environment); gcloud is logged in, and authpip has been run once."""
    with tempfile.TemporaryDirectory(prefix="authpip-bench-") as directory, TokenService(google(TOKEN)) as service:
        base = Path(directory).resolve()
        environ = clean_environment(base / "user") | {"NO_GCE_CHECK": "true"}
        environ |= {"CLOUDSDK_AUTH_TOKEN_HOST": f"http://127.0.0.1:{service.port}/token"}
        with IndexServer(Authority(base), names=[HOST]) as server, ConnectProxy({HOST: server.port}) as proxy:
            server.add("/project/repo/simple", [packages.wheel(base, "thing")], username=USER, password=TOKEN)
            environ |= server.environ | proxy.environ
            log_in_user(shutil.which("gcloud") or sys.exit("gcloud is missing"), environ, f"{base.name}@example.com")
            url, named = f"https://{HOST}/project/repo/simple/", f"https://{USER}@{HOST}/project/repo/simple/"
            plug_in = environ | {"PIP_INDEX_URL": named}
            (base / "bin").mkdir()
            (base / "bin" / "keyring").symlink_to(BIN / "keyring")  # pip passes over the one beside itself
            elsewhere = {"PIP_KEYRING_PROVIDER": "subprocess", "PATH": f"{base}/bin:{environ['PATH']}"}
            yield {
                "authpip": ("authpip", environ | {"PIP_INDEX_URL": url}),
                "plug-in, import": ("pip", plug_in | {"PIP_KEYRING_PROVIDER": "import"}),
                "plug-in, subprocess": ("pip", plug_in | elsewhere),
                "token in the URL": ("pip", environ | {"PIP_INDEX_URL": named.replace("@", f":{TOKEN}@")}),
            }


def in_turn(environs: Mapping[str, tuple[str, Environ]], rounds: int) -> dict[str, float]:
    """way → the median in milliseconds; a first round fills every cache."""
    times: dict[str, list[float]] = {way: [] for way in environs}
    for _ in range(rounds + 1):
        for way, (program, environ) in environs.items():
            times[way].append(seconds([str(BIN / program), *INSTALL], environ))
    return {way: round(statistics.median(each[1:]) * 1000, 1) for way, each in times.items()}


def seconds(argv: list[str], environ: Environ) -> float:
    """Time one run. Ends the bench where it fails."""
    began = time.perf_counter()
    done = subprocess.run(argv, env=environ, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(argv)} failed: {done.stderr}")
    return time.perf_counter() - began


def three_clouds(rounds: int) -> float:
    """Seconds that resolving three clouds takes over the slowest alone, each program taking 0.5 s; none is kept."""
    with tempfile.TemporaryDirectory(prefix="authpip-bench-") as directory:
        base = Path(directory).resolve()
        environ = clean_environment(base) | {"PATH": f"{base}/bin:/usr/bin:/bin"}
        for name in URLS:
            fake_cli(base / "bin", name, stdout=GOOD[name], before="sleep 0.5")
        sandbox = [sys.executable, str(Path(pip_venvs.__file__).with_name("no_keyctl.py")), "1"]
        ask = [*sandbox, sys.executable, str(Path(pip_venvs.__file__).with_name("find_token.py"))]

        def resolving(*urls: str) -> float:
            printed = subprocess.run([*ask, *urls], env=environ, capture_output=True, text=True, check=True).stdout
            return float(json.loads(printed)[1])

        pairs = [(resolving(*URLS.values()), max(map(resolving, URLS.values()))) for _ in range(max(3, rounds // 3))]
        return statistics.median(all_three - slowest for all_three, slowest in pairs)


if __name__ == "__main__":
    sys.exit(main())
