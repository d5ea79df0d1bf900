"""Without gcloud and aws: how long each way takes from its start to the printed token, for one identity after another.

authpip (`auth token`) without a cached token and with one, and the keyring plug-ins with their SDKs (`keyring get`),
which cache nothing. The token services are on loopback, so that only start-up and code are measured.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from support.machine.isolation import clean_environment
from support.servers import identity_services as services
from support.servers.cloud_services import TokenService, service_account_key
from support.servers.connect_proxy import ConnectProxy
from support.servers.index_server import Authority

TOKEN = "a-token-of-ordinary-length-" + "x" * 180
LASTING = 400  # seconds: what authpip caches in the kernel is soon gone by itself
GOOGLE = "https://europe-west1-python.pkg.dev/project/repo/simple/"
AWS = f"https://corp-123456789012.d.codeartifact.{services.REGION}.amazonaws.com/pypi/repo/simple/"
BIN = Path(sys.executable).parent


class Case(NamedTuple):
    """One kind of identity. user: the name under which the plug-in is asked. environ: all of it."""

    name: str
    url: str
    user: str
    environ: Mapping[str, str]


def compared(rounds: int, codeartifact: str) -> dict[str, dict[str, float]]:
    """kind of identity → {"cold", "warm", "plug-in": medians in milliseconds, "times": the plug-in's over cold}.

    codeartifact: the keyring program beside keyrings.codeartifact.
    """
    keyrings = {GOOGLE: str(BIN / "keyring"), AWS: codeartifact}
    with cases() as found:
        return {case.name: _measured(case, keyrings[case.url], rounds) for case in found}


@contextmanager
def cases() -> Iterator[list[Case]]:
    """Every kind that both the plug-in and authpip know, with the services that it needs."""
    with tempfile.TemporaryDirectory(prefix="authpip-bench-") as directory:
        base = Path(directory).resolve()
        authority = Authority(base)
        with (
            TokenService(services.clouds(TOKEN, lasting=LASTING), authority, services.HOSTS) as cloud,
            ConnectProxy(dict.fromkeys(services.HOSTS, cloud.port)) as proxy,
        ):
            environ = clean_environment(base / "user") | proxy.environ | {"PATH": str(base), "NO_GCE_CHECK": "true"}
            environ |= {"REQUESTS_CA_BUNDLE": str(authority.file), "AWS_CA_BUNDLE": str(authority.file)}
            environ |= {"GOOGLE_CLOUD_PROJECT": "p"}  # spares google-auth two requests for the project's name
            yield [*_google(base, environ), *_aws(base, environ)]


def _google(base: Path, environ: Mapping[str, str]) -> Iterator[Case]:
    key = service_account_key(base / "key.json", services.ROBOT, "https://oauth2.googleapis.com/token")
    (base / "subject").write_text(services.SUBJECT)
    federation = services.external_account({"file": str(base / "subject")})
    files = {
        "service account key": str(key),
        "workload identity federation": services.written(base / "federation.json", federation),
    }
    for name, path in files.items():
        named = {"GOOGLE_APPLICATION_CREDENTIALS": path}
        yield Case(f"google, {name}", GOOGLE, "oauth2accesstoken", environ | named)


def _aws(base: Path, environ: Mapping[str, str]) -> Iterator[Case]:
    keys = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "s3cret"}
    web = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(base / "subject"), "AWS_ROLE_ARN": services.ROLE}
    regional = {"AWS_STS_REGIONAL_ENDPOINTS": "regional", "AWS_DEFAULT_REGION": services.REGION}
    for name, found in {"access key": keys, "web identity": web | regional}.items():
        yield Case(f"aws, {name}", AWS, "aws", environ | found)


def _measured(case: Case, keyring: str, rounds: int) -> dict[str, float]:
    """The ways in turn; a first round fills every cache of the machine's."""
    times: dict[str, list[float]] = {"cold": [], "warm": [], "plug-in": []}
    ours = [str(BIN / "authpip"), "auth", "token", case.url]
    theirs = [keyring, "get", case.url, case.user]
    for number in range(rounds + 1):
        environ = dict(case.environ) | _another_user(case, number)
        for way in ("cold", "warm"):
            times[way].append(_seconds(ours, environ))
        times["plug-in"].append(_seconds(theirs, environ))
    medians = {way: round(statistics.median(each[1:]) * 1000, 1) for way, each in times.items()}
    return {**medians, "times": round(medians["plug-in"] / medians["cold"], 2)}


def _another_user(case: Case, number: int) -> dict[str, str]:
    """Settings in another place: for authpip an identity that it has no token of."""
    place = os.path.join(case.environ["HOME"], f"round-{number}")
    return {"CLOUDSDK_CONFIG": place, "AWS_CONFIG_FILE": os.path.join(place, "config")}


def _seconds(argv: list[str], environ: Mapping[str, str]) -> float:
    """Time one run. Ends the bench where it prints anything but the token."""
    began = time.perf_counter()
    done = subprocess.run(argv, env=environ, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    taken = time.perf_counter() - began
    if done.stdout.strip() != TOKEN:
        sys.exit(f"{' '.join(argv)} failed: {done.stderr}")
    return taken
