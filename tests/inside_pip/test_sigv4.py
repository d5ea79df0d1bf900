"""inside_pip's signatures are those of botocore, which AWS wrote."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

import pytest

import authpip

pytestmark = pytest.mark.real

INSIDE = Path(authpip.__file__).parent / "inside_pip"
KEY, SECRET, TOKEN = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "session/token+=="
SIGN = """
import json, sys
sys.path.insert(0, sys.argv[1])
import sigv4
print(json.dumps(sigv4.headers(*json.loads(sys.argv[2]))))
"""


@pytest.mark.parametrize("token", [None, TOKEN])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "url",
    [
        "https://bucket.s3.eu-central-1.amazonaws.com/simple/thing/",
        "https://s3.eu-central-1.amazonaws.com/bucket/simple/thing/thing-1.0%2Blocal-py3-none-any.whl",
        "http://127.0.0.1:5000/bucket/simple/with%20space/~x/?list-type=2&prefix=a%2Fb",
        "https://bucket.s3.amazonaws.com/",
    ],
)
def test_a_signature_is_botocores(url: str, method: str, token: str | None) -> None:
    """The same request at the same second, with and without a session token, signed alike."""
    from botocore.auth import S3SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    now = 1_790_000_000
    secret = json.dumps({"key": KEY, "secret": SECRET, "token": token, "region": "eu-central-1"})
    arguments = json.dumps([method, url, secret, now])
    done = subprocess.run(
        [sys.executable, "-c", SIGN, str(INSIDE), arguments], capture_output=True, text=True, check=True
    )
    ours = json.loads(done.stdout)
    request = AWSRequest(method, url)
    request.context["timestamp"] = datetime.fromtimestamp(now, timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    signer = S3SigV4Auth(Credentials(KEY, SECRET, token), "s3", "eu-central-1")
    request.headers["X-Amz-Content-SHA256"] = signer.payload(request)
    request.headers["X-Amz-Date"] = request.context["timestamp"]
    if token:
        request.headers["X-Amz-Security-Token"] = token
    canonical = signer.canonical_request(request)
    signature = signer.signature(signer.string_to_sign(request, canonical), request)
    assert ours["Authorization"].endswith("Signature=" + signature)
    assert ours.get("X-Amz-Security-Token") == token
