"""authpip's signatures are those of botocore, which AWS wrote: inside pip for S3, and in the exchange for the rest."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest

import authpip
from authpip.providers.clouds.exchange import sigv4

pytestmark = pytest.mark.real

INSIDE = Path(authpip.__file__).parent / "inside_pip"
CASES = 1000
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/+="
REGIONS = ("eu-west-1", "us-east-1", "ap-southeast-2", "us-gov-west-1", "cn-north-1", "me-central-1")
SIGN = """
import json, sys
sys.path.insert(0, sys.argv[1])
import sigv4
for line in sys.stdin:
    print(json.dumps(sigv4.headers(*json.loads(line))))
"""


def case(number: int) -> dict[str, Any]:
    """A key, a token or none, a region, a moment, a path and a query, by chance."""
    chance = random.Random(number)

    def text(shortest: int, longest: int) -> str:
        return "".join(chance.choices(LETTERS, k=chance.randint(shortest, longest)))

    fields = {f"{letter}{text(0, 8)}": text(0, 20) + chance.choice(("", " ", "~", "é")) for letter in "ab"}
    return {
        "key": text(16, 24),
        "secret": text(30, 60),
        "token": text(100, 900) if number % 2 else "",
        "region": chance.choice(REGIONS),
        "now": 1_700_000_000 + chance.randrange(10**8),
        "path": chance.choice(("/", "/v1/authorization-token", "/simple/a~b/thing-1.0%2Blocal.whl")),
        "query": urlencode(fields, quote_via=quote, safe="-_.~") if number % 3 else "",
        "body": text(0, 200).encode() if number % 5 == 0 else b"",
    }


def botocores(one: dict[str, Any], method: str, url: str, service: str) -> str:
    """The Authorization header that botocore makes."""
    from botocore import auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    signer_class = auth.S3SigV4Auth if service == "s3" else auth.SigV4Auth
    signer = signer_class(Credentials(one["key"], one["secret"], one["token"] or None), service, one["region"])
    request = AWSRequest(method, url, data=one["body"] if service != "s3" else b"")
    request.context["timestamp"] = datetime.fromtimestamp(one["now"], timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    request.headers["X-Amz-Date"] = request.context["timestamp"]
    if service == "s3":
        request.headers["X-Amz-Content-SHA256"] = signer.payload(request)
    if one["token"]:
        request.headers["X-Amz-Security-Token"] = one["token"]
    canonical = signer.canonical_request(request)
    signature = signer.signature(signer.string_to_sign(request, canonical), request)
    signed = signer.signed_headers(signer.headers_to_sign(request))
    scope = f"Credential={signer.scope(request)}"
    return f"AWS4-HMAC-SHA256 {scope}, SignedHeaders={signed}, Signature={signature}"


def test_the_exchanges_signatures() -> None:
    """A thousand keys, tokens, regions, bodies and URLs."""
    for number in range(CASES):
        one = case(number)
        service = ("codeartifact", "sts")[number % 2]
        host = f"{service}.{one['region']}.amazonaws.com"
        url = f"https://{host}{one['path']}" + (f"?{one['query']}" if one["query"] else "")
        keys = sigv4.Keys(one["key"], one["secret"], one["token"])
        made = sigv4.headers("POST", url, keys, sigv4.Place(one["region"], service), body=one["body"], now=one["now"])
        assert made["Authorization"] == botocores(one, "POST", url, service), one
        assert made.get("X-Amz-Security-Token", "") == one["token"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_inside_pips_signatures(method: str) -> None:
    """The same thousand, for objects in S3, by the module that runs in pip's interpreter."""
    cases = [case(number) for number in range(CASES)]
    lines, urls = [], []
    for one in cases:
        url = f"https://bucket.s3.{one['region']}.amazonaws.com{one['path']}"
        urls.append(url + (f"?{one['query']}" if one["query"] else ""))
        secret = {"key": one["key"], "secret": one["secret"], "token": one["token"] or None, "region": one["region"]}
        lines.append(json.dumps([method, urls[-1], json.dumps(secret), one["now"]]))
    argv = [sys.executable, "-c", SIGN, str(INSIDE)]
    done = subprocess.run(argv, input="\n".join(lines), capture_output=True, text=True, check=True)
    for one, url, line in zip(cases, urls, done.stdout.splitlines(), strict=True):
        assert json.loads(line)["Authorization"] == botocores(one, method, url, "s3"), one
