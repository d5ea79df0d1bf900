"""Azure Artifacts without az: an application, a managed identity, the variables of Microsoft's provider; and az's own
token for the tenant of the feed, narrowed (P1, P3, A04). The real pip, under the real host names.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest

from support.leaks.canary import Canary, new_canary
from support.machine.isolation import ROOT
from support.programs.fake_cli import fake_cli
from support.programs.pip_venvs import PipVenv
from support.samples import packages
from support.servers import exchange_services as there
from support.servers.cloud_services import TokenService, as_json
from support.servers.exchange_services import CLIENT, TENANT, Services, form, jwt
from support.servers.index_server import Authority, IndexServer, basic

pytestmark = pytest.mark.real

Venv = Callable[..., PipVenv]
HOST, PATH = "pkgs.dev.azure.com", "/org/project/_packaging/feed/pypi/simple/"
URL = f"https://{HOST}{PATH}"
APPLICATION = {"AZURE_CLIENT_ID": CLIENT, "AZURE_TENANT_ID": TENANT}
DEVOPS = "499b84ac-1321-427f-aa17-267ca6975798"


class Sky(NamedTuple):
    """The feed, Microsoft's services, and an environment from which they can be reached."""

    server: IndexServer
    services: Services
    environ: dict[str, str]
    base: Path
    canary: Canary


@pytest.fixture
def sky(
    environment: dict[str, str], serve: Callable[..., IndexServer], authority: Authority, home: Path
) -> Iterator[Sky]:
    """A feed that names its tenant to whoever comes without a credential; no az on PATH."""
    server, canary = serve(names=(HOST,)), new_canary()
    feed = server.add(
        PATH, [packages.wheel(home / "files", "corp-thing")], username="VssSessionToken", password=canary.secret
    )
    feed.headers["X-VSS-AuthorizationEndpoint"] = f"https://{there.VSSPS}/org/"
    feed.headers["WWW-Authenticate"] = f"Bearer authorization_uri=https://{there.ENTRA}/{TENANT}"
    with Services(authority, canary.secret, server.port, (HOST,)) as services:
        path = f"{home}/bin:/usr/bin:/bin"
        environ = {**environment, **server.environ, **services.environ, "PATH": path, "PIP_INDEX_URL": URL}
        yield Sky(server, services, environ, home.parent, canary)


def install(sky: Sky, venv: Venv) -> None:
    """A private package, by the token; it is nowhere else."""
    done = venv().run("install", "-vv", "--no-cache-dir", "corp-thing", env=sky.environ, module="authpip")
    assert done.returncode == 0, done.stdout + done.stderr
    accepted = basic("VssSessionToken", sky.canary.secret)
    assert {seen.authorization for seen in sky.server.requests if seen.status == 200} == {accepted}
    assert sky.canary.find_in(done.stdout + done.stderr) == []


def refusal(sky: Sky, venv: Venv) -> str:
    """The one line that authpip says; pip does not run."""
    done = venv().run("install", "corp-thing", env=sky.environ, module="authpip")
    assert (done.returncode, done.stdout) == (3, ""), done.stdout + done.stderr
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.mark.parametrize("proof", ["secret", "federated token", "federated token, tenant of the feed"])
def test_an_application(proof: str, sky: Sky, venv: Venv) -> None:
    """Its secret, or the token of a cluster (AKS); the tenant is the feed's own where no variable names one."""
    sky.environ.update(APPLICATION)
    if proof == "secret":
        sky.environ["AZURE_CLIENT_SECRET"] = "client-secret"
    else:
        (sky.base / "token").write_text(jwt(aud="api://AzureADTokenExchange"))
        sky.environ["AZURE_FEDERATED_TOKEN_FILE"] = str(sky.base / "token")
    if "tenant" in proof:
        del sky.environ["AZURE_TENANT_ID"]
    install(sky, venv)
    [asked] = sky.services.asked(there.ENTRA)
    assert asked.path == f"/{TENANT}/oauth2/v2.0/token"
    fields = form(asked)
    assert (fields["scope"], fields["client_id"]) == (f"{DEVOPS}/.default", CLIENT)
    assert ("client_assertion" in fields, "client_secret" in fields) == (proof != "secret", proof == "secret")


def test_a_login_server_of_somebody_else_gets_nothing(sky: Sky, venv: Venv) -> None:
    """A04: AZURE_AUTHORITY_HOST may name Microsoft's login servers alone. Without the allow-list the proxy would have
    been asked for evil.example."""
    own = {"AZURE_CLIENT_SECRET": "client-secret", "AZURE_AUTHORITY_HOST": "https://evil.example/"}
    sky.environ.update({**APPLICATION, **own})
    assert "evil.example is not a host of Entra ID, and nothing is sent there" in refusal(sky, venv)
    assert sky.services.proxy.requests == []


class Metadata:
    """Managed identities, on plain http. requests: (path, headers) of each."""

    def __init__(self, secret: str, address: str = "127.0.0.1", port: int = 0) -> None:
        self.requests: list[tuple[str, dict[str, str]]] = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                owner.requests.append((self.path, dict(self.headers.items())))
                answer = {"access_token": secret, "expires_in": "3599", "expires_on": "4070908800", "client_id": CLIENT}
                body = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Keep the output clean."""

        self._server = ThreadingHTTPServer((address, port), Handler)
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def __enter__(self) -> Metadata:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


MANAGED = {
    "App Service": (
        {"IDENTITY_ENDPOINT": "http://127.0.0.1:PORT/msi/token", "IDENTITY_HEADER": "header-secret"},
        "2019-08-01",
        ("X-IDENTITY-HEADER", "header-secret"),
    ),
    "Machine Learning": (
        {"MSI_ENDPOINT": "http://127.0.0.1:PORT/msi/token", "MSI_SECRET": "msi-secret"},
        "2017-09-01",
        ("secret", "msi-secret"),
    ),
    "Arc": (
        {
            "IDENTITY_ENDPOINT": "http://localhost:PORT/metadata/identity/oauth2/token",
            "IMDS_ENDPOINT": "http://localhost",
        },
        "2020-06-01",
        ("Metadata", "true"),
    ),
    "a machine": ({"AZURE_POD_IDENTITY_AUTHORITY_HOST": "http://127.0.0.1:PORT"}, "2018-02-01", ("Metadata", "true")),
}


@pytest.mark.parametrize("platform", MANAGED)
@pytest.mark.parametrize("client", ["", CLIENT])
def test_a_managed_identity(platform: str, client: str, sky: Sky, venv: Venv) -> None:
    """By the variables that the platform sets; never through the proxy. AZURE_CLIENT_ID chooses one of several."""
    variables, version, (header, value) = MANAGED[platform]
    with Metadata(sky.canary.secret) as metadata:
        sky.environ.update({name: text.replace("PORT", str(metadata.port)) for name, text in variables.items()})
        sky.environ.update({"AZURE_CLIENT_ID": client, "HTTP_PROXY": sky.services.proxy.url, "NO_PROXY": ""})
        install(sky, venv)
    [(path, headers)] = metadata.requests
    assert f"api-version={version}" in path
    assert f"resource={DEVOPS}" in path
    assert {name.lower(): text for name, text in headers.items()}[header.lower()] == value
    assert (CLIENT in path) == bool(client)


@pytest.mark.parametrize("right", [True, False])
def test_service_fabric(right: bool, sky: Sky, authority: Authority, venv: Venv) -> None:
    """The node's certificate is that of IDENTITY_SERVER_THUMBPRINT, or nothing is sent there."""
    answer = as_json({"access_token": sky.canary.secret, "expires_on": 4070908800})
    with TokenService(lambda asked: answer, authority) as node:
        der = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("localhost", node.port)))
        thumbprint = hashlib.sha1(der).hexdigest().upper()
        sky.environ.update({"IDENTITY_ENDPOINT": f"{node.url}/msi", "IDENTITY_HEADER": "header-secret"})
        sky.environ["IDENTITY_SERVER_THUMBPRINT"] = thumbprint if right else "0" * 40
        if right:
            install(sky, venv)
        else:
            assert "its certificate is not that of IDENTITY_SERVER_THUMBPRINT" in refusal(sky, venv)
        assert [asked.headers["Secret"] for asked in node.requests] == ["header-secret"] * right


def test_a_feed_that_names_its_identity(sky: Sky, venv: Venv) -> None:
    """ARTIFACTS_CREDENTIALPROVIDER_FEED_ENDPOINTS comes before the job's own token, and chooses the identity."""
    with Metadata(sky.canary.secret) as metadata:
        entry = {"endpoint": URL, "clientId": CLIENT}
        sky.environ["ARTIFACTS_CREDENTIALPROVIDER_FEED_ENDPOINTS"] = json.dumps({"endpointCredentials": [entry]})
        sky.environ["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = f"http://127.0.0.1:{metadata.port}"
        sky.environ["SYSTEM_ACCESSTOKEN"] = "another"
        install(sky, venv)
    assert f"client_id={CLIENT}" in metadata.requests[0][0]


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("unshare"), reason="not run: only root makes a network")
def test_the_true_address(sky: Sky, venv: Venv) -> None:
    """In a network of its own the machine's metadata service is at 169.254.169.254, and is asked there."""
    script = ROOT / "tests/support/machine/with_link_local.py"
    sky.environ["PATH"] += ":/usr/sbin:/sbin"
    environ = {**sky.environ, "ARTIFACTS_CREDENTIALPROVIDER_FEED_ENDPOINTS": json.dumps(
        {"endpointCredentials": [{"endpoint": URL, "clientId": "system"}]}
    )}  # fmt: skip
    argv = ["unshare", "--net", sys.executable, str(script), sky.canary.secret, venv().python, "-m", "authpip"]
    done = subprocess.run([*argv, "auth", "token", URL], env=environ, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == sky.canary.secret
    assert "/metadata/identity/oauth2/token?api-version=2018-02-01" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("unshare"), reason="not run: only root makes a network")
def test_an_address_that_drops_packets(sky: Sky, venv: Venv) -> None:
    """The metadata service is given up, with a message, long before the 30 s that a provider has."""
    script = ROOT / "tests/support/machine/with_link_local.py"
    entry = json.dumps({"endpointCredentials": [{"endpoint": URL, "clientId": "system"}]})
    own = {"ARTIFACTS_CREDENTIALPROVIDER_FEED_ENDPOINTS": entry, "PATH": sky.environ["PATH"] + ":/usr/sbin:/sbin"}
    argv = ["unshare", "--net", sys.executable, str(script), "-", venv().python, "-m", "authpip", "auth", "token", URL]
    done = subprocess.run(argv, env={**sky.environ, **own}, capture_output=True, text=True, timeout=15)
    assert done.returncode == 3
    assert "Azure's metadata service cannot be reached at 169.254.169.254: it gave no answer in time" in done.stderr


def _az(sky: Sky, token: str) -> Path:
    """az, logged in by a profile that says nothing of the feed's tenant; it notes how it was called."""
    Path(sky.environ["AZURE_CONFIG_DIR"], "azureProfile.json").write_text("{}")
    answer = json.dumps({"accessToken": token, "expires_on": 4070908800})
    fake_cli(Path(sky.environ["HOME"], "bin"), "az", stdout=answer, before=f'echo "$@" > {sky.base}/called')
    return sky.base / "called"


def test_az_for_the_tenant_of_the_feed_narrowed(sky: Sky, venv: Venv) -> None:
    """A guest's az is asked for the feed's tenant; the user's token, good for all of Azure DevOps, is exchanged for one
    that opens packages alone."""
    whole = jwt(scp="user_impersonation")
    called = _az(sky, whole)
    install(sky, venv)
    assert f"--tenant={TENANT}" in called.read_text()
    [asked] = sky.services.asked(there.VSSPS)
    assert json.loads(asked.body)["scope"] == "vso.packaging"
    assert asked.headers["Authorization"] == f"Bearer {whole}"


@pytest.mark.parametrize("refused", [False, True])
def test_az_as_it_is(refused: bool, sky: Sky, venv: Venv) -> None:
    """A service principal's token is not narrowed, nor is one where the service refuses to."""
    token = jwt(scp="x") if refused else jwt(roles=["x"])
    sky.services.other[there.VSSPS] = lambda asked: as_json({}, 403)
    sky.server.indexes[0].accepted = {basic("VssSessionToken", token)}
    _az(sky, token)
    done = venv().run("download", "-d", str(sky.base / "d"), "corp-thing", env=sky.environ, module="authpip")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(sky.services.asked(there.VSSPS)) == refused


def test_codespaces(sky: Sky, venv: Venv) -> None:
    """Where az is not there, the helper that Codespaces puts into the home directory is asked."""
    fake_cli(Path(sky.environ["HOME"]), "ado-auth-helper", stdout=sky.canary.secret + "\n")
    install(sky, venv)


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({}, ("az was not found", "install it")),
        ({"TF_BUILD": "True"}, ("SYSTEM_ACCESSTOKEN is not set", "write `SYSTEM_ACCESSTOKEN: $(System.AccessToken)`")),
        (
            {"TF_BUILD": "True", "SYSTEM_ACCESSTOKEN": "$(System.AccessToken)"},
            ("SYSTEM_ACCESSTOKEN is not set", "into the step's env"),
        ),
        (
            {"IDENTITY_ENDPOINT": "http://127.0.0.1:1/msi", "IDENTITY_HEADER": "x"},
            ("az was not found", "App Service cannot be reached", "check the network"),
        ),
    ],
)
def test_no_identity(environ: dict[str, str], words: tuple[str, ...], sky: Sky, venv: Venv) -> None:
    """The message names what was looked for and what to do: on Azure Pipelines that is not to install az."""
    sky.environ.update(environ)
    said = refusal(sky, venv)
    assert all(word in said for word in words), said
    assert ("install it" in said) == ("TF_BUILD" not in environ)


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        ("AADSTS7000215: Invalid client secret provided.", 401, ("the secret is wrong", "renew the secret")),
        ("AADSTS7000222: The provided client secret keys are expired.", 401, ("has expired", "renew the secret")),
        ("AADSTS700016: Application not found in the directory", 400, ("does not trust", "AZURE_CLIENT_ID")),
        ("", 503, ("it answered 503", "try again")),
    ],
)
def test_failures_of_entra(error: str, status: int, words: tuple[str, ...], sky: Sky, venv: Venv) -> None:
    """Each names Entra ID, the application and what to do; never the secret."""
    sky.services.other[there.ENTRA] = lambda asked: as_json({"error": "x", "error_description": error}, status)
    sky.environ.update({**APPLICATION, "AZURE_CLIENT_SECRET": "client-secret"})
    said = refusal(sky, venv)
    assert all(word in said for word in ("Entra ID", CLIENT, *words)), said
    assert "client-secret" not in said


def test_a_clock_that_is_off(sky: Sky, venv: Venv) -> None:
    """By 10 minutes: the message says so, and by how much."""
    sky.services.clock = 600.0
    sky.services.other[there.ENTRA] = lambda asked: as_json({"error_description": "AADSTS700024: not in its time"}, 401)
    sky.environ.update({**APPLICATION, "AZURE_CLIENT_SECRET": "client-secret"})
    said = refusal(sky, venv)
    assert "this machine's clock is 10 min behind" in said
    assert "set this machine's clock" in said
