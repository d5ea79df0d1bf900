"""A bearer token and a password against nginx itself, which many private indexes stand behind."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from support.leaks.canary import Canary, new_canary
from support.machine.requirements import need
from support.programs.pip_venvs import PipVenv
from support.samples import packages

pytestmark = pytest.mark.real

CONFIG = """
daemon off; master_process off; pid {root}/pid; error_log {root}/error;
events {{}}
http {{
  access_log off;
  client_body_temp_path {root}/t1; proxy_temp_path {root}/t2; fastcgi_temp_path {root}/t3;
  uwsgi_temp_path {root}/t4; scgi_temp_path {root}/t5;
  log_format seen "$status $http_authorization";
  map $http_authorization $is_bearer {{ default 0; "Bearer {token}" 1; }}
  server {{
    listen 127.0.0.1:{port};
    root {root}/www; index index.html; access_log {root}/seen seen;
    location /bearer/ {{ if ($is_bearer = 0) {{ return 401; }} }}
    location /open/ {{ }}
  }}
}}
"""


class Nginx(NamedTuple):
    """A running nginx: two indexes, one of them behind a bearer token."""

    url: str
    root: Path
    token: Canary

    def seen(self) -> list[str]:
        """STATUS AUTHORIZATION of each request, as nginx logged it."""
        return (self.root / "seen").read_text().splitlines()


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[Nginx]:
    """nginx on loopback, as an ordinary configuration has it."""
    for name, package in (("bearer", "thing"), ("open", "other")):
        page = tmp_path / "www" / name / "simple" / package
        page.mkdir(parents=True)
        wheel = packages.wheel(page, package, "1.0")
        (page / "index.html").write_text(f'<a href="{wheel.name}">{wheel.name}</a>')
        (page.parent / "index.html").write_text(f'<a href="{package}/">{package}</a>')
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    token = new_canary()
    config = tmp_path / "nginx.conf"
    config.write_text(CONFIG.format(root=tmp_path, port=port, token=token.secret))
    process = subprocess.Popen([need("nginx"), "-c", str(config), "-p", str(tmp_path)], stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield Nginx(f"http://127.0.0.1:{port}", tmp_path, token)
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(port: int) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    pytest.fail("nginx did not start")


def test_a_bearer_login_opens_nginx(
    nginx: Nginx, home: Path, environment: dict[str, str], venv: Callable[..., PipVenv]
) -> None:
    """`auth login --bearer` is proved by nginx, and pip's every request to that index carries the token; the open
    index beside it gets nothing, and nobody is answered 401 but the login's own question without a credential."""
    pip = venv()
    index, beside = f"{nginx.url}/bearer/simple/", f"{nginx.url}/open/simple/"
    login = ["auth", "login", index, "--bearer", "--token-stdin", "--insecure-storage"]
    logged_in = subprocess.run(
        [pip.python, "-m", "authpip", *login], input=nginx.token.secret, env=environment, text=True, capture_output=True
    )
    assert logged_in.returncode == 0, logged_in.stderr
    before = len(nginx.seen())
    target = home / "target"
    words = ["install", "--target", str(target), "-i", index, "--extra-index-url", beside, "thing", "other"]
    done = pip.run(*words, env=environment, module="authpip")
    assert done.returncode == 0, done.stdout + done.stderr
    assert sorted(path.name for path in target.glob("*.py")) == ["other.py", "thing.py"]
    requests = nginx.seen()[before:]
    assert {line.split(" ", 1)[1] for line in requests} == {f"Bearer {nginx.token.secret}", "-"}
    assert not [line for line in requests if line.startswith("401")]
    assert not nginx.token.find_in(done.stdout + done.stderr + logged_in.stderr)


def test_a_directory_that_nginx_may_not_list(nginx: Nginx, environment: dict[str, str]) -> None:
    """Without a page at its root an index answers 403 to the right token, too: the message says how to go on."""
    (nginx.root / "www/bearer/simple/index.html").unlink()
    words = [sys.executable, "-m", "authpip", "auth", "login", f"{nginx.url}/bearer/simple/", "--bearer"]
    words += ["--token-stdin", "--insecure-storage"]
    done = subprocess.run(words, input=nginx.token.secret, env=environment, text=True, capture_output=True)
    assert done.returncode == 3
    assert "answered 403" in done.stderr
    assert "--no-verify" in done.stderr
    words.append("--no-verify")
    done = subprocess.run(words, input=nginx.token.secret, env=environment, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
