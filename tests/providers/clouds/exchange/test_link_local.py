"""P11: a service beside the machine that drops packets costs a second in all, however many requests would follow."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from authpip.core.errors import CredentialError
from authpip.providers.clouds.exchange import aws_near, google, google_metadata, managed_identity
from authpip.providers.clouds.exchange.http import Client
from support.machine.network_namespace import deaf, in_namespace
from support.servers import identity_services as services

pytestmark = pytest.mark.real

ALL = 1.0 + 0.4  # seconds; what is over one is for a machine under load
NEAR, CONTAINER, AKS = "169.254.169.254", "169.254.170.2", "http://169.254.169.254:80"
KEYS = {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s"}


def of_file(source: dict[str, object], variables: Mapping[str, str], directory: Path) -> Callable[[Client], object]:
    """The exchange of a file with this source of its subject token."""
    path = services.written(directory / "adc.json", services.external_account(source))
    question = {"file": path, "impersonate": "", "subject": "", "variables": variables}
    return lambda client: google.token(question, client)


def ways(directory: Path) -> dict[str, Callable[[Client], object]]:
    """Each request to a link-local address that an identity begins with."""
    region = of_file(dict(services.aws_source(f"http://{NEAR}")), KEYS, directory / "a")
    return {
        "Google": lambda client: google_metadata.token({}, client),
        "EC2": lambda client: aws_near.of_instance({}, client),
        "ECS": lambda client: aws_near.of_container({"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"}, client),
        "Azure": lambda client: managed_identity.token({"variables": {}}, client),
        "AKS": lambda client: managed_identity.token({"variables": {"AZURE_POD_IDENTITY_AUTHORITY_HOST": AKS}}, client),
        "federation, URL": of_file({"url": f"http://{NEAR}/token"}, {}, directory / "b"),
        "federation, AWS": of_file(dict(services.aws_source(f"http://{NEAR}")), {}, directory / "c"),
        "federation, AWS's region": region,
    }


def seconds(way: Callable[[Client], object]) -> float:
    """How long it takes to fail."""
    began = time.monotonic()
    with pytest.raises(CredentialError, match="no answer"):
        way(Client({}, began + 30))
    return time.monotonic() - began


def test_no_connection(tmp_path: Path) -> None:
    """No SYN is answered."""

    def job() -> dict[str, float]:
        with deaf((NEAR, 80)), deaf((CONTAINER, 80)):
            return {name: seconds(way) for name, way in ways(tmp_path).items()}

    taken = in_namespace(job, [f"{NEAR}/32", f"{CONTAINER}/32"])
    assert {name: round(found, 2) for name, found in taken.items() if found > ALL} == {}


def test_no_answer_after_a_connection() -> None:
    """As in a container, one hop further than an instance's token may go: the connection is there, the answer not."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=8)
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    variables = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": base}
    with listener:
        assert seconds(lambda client: aws_near.of_instance(variables, client)) < ALL


def test_a_slow_role() -> None:
    """A token after 0.7 s leaves 0.3 s for the role's name."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=8)

    def serve() -> None:
        answers = iter([b"", b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nt"])  # a look whether it is there, the token
        for answer in answers:
            connection, _ = listener.accept()
            with connection:
                if answer and connection.recv(4096):
                    threading.Event().wait(0.7)
                    connection.sendall(answer)

    threading.Thread(target=serve, daemon=True).start()
    variables = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": f"http://127.0.0.1:{listener.getsockname()[1]}"}
    with listener:
        assert seconds(lambda client: aws_near.of_instance(variables, client)) < ALL
