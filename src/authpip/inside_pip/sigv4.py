"""AWS Signature Version 4 for a GET or HEAD of an object in S3, made when the request is about to be sent.

Source: S3 API reference, "Authenticating Requests (AWS Signature Version 4)". The secret of an "s3"
credential is JSON: {"key": …, "secret": …, "token": … or null, "region": …}.
"""

import hashlib
import hmac
import json
import time
from urllib.parse import parse_qsl, quote, unquote, urlsplit

EMPTY = hashlib.sha256(b"").hexdigest()
HEADERS = ("Authorization", "X-Amz-Date", "X-Amz-Content-Sha256", "X-Amz-Security-Token")


def headers(method, url, secret, now=None):
    """The headers that authenticate this request. now: POSIX seconds, None for the current time."""
    keys = json.loads(secret)
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    parts = urlsplit(url)
    signed = {"host": _host(parts), "x-amz-content-sha256": EMPTY, "x-amz-date": stamp}
    if keys.get("token"):
        signed["x-amz-security-token"] = keys["token"]
    names = ";".join(sorted(signed))
    request = "\n".join(
        [
            method,
            quote(unquote(parts.path or "/"), safe="/-_.~"),
            _query(parts.query),
            *("%s:%s" % (name, signed[name]) for name in sorted(signed)),
            "",
            names,
            EMPTY,
        ]
    )
    scope = "/".join((stamp[:8], keys["region"], "s3", "aws4_request"))
    text = "\n".join(("AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(request.encode()).hexdigest()))
    key = ("AWS4" + keys["secret"]).encode()
    for step in scope.split("/"):
        key = hmac.new(key, step.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    authorization = "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s"
    made = {
        "Authorization": authorization % (keys["key"], scope, names, signature),
        "X-Amz-Date": stamp,
        "X-Amz-Content-Sha256": EMPTY,
    }
    if keys.get("token"):
        made["X-Amz-Security-Token"] = keys["token"]
    return made


def _host(parts):
    """The Host header as http.client writes it: without the default port."""
    default = {"http": 80, "https": 443}[parts.scheme]
    host = parts.hostname or ""
    return host if parts.port in (None, default) else "%s:%d" % (host, parts.port)


def _query(query):
    pairs = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in parse_qsl(query, True))
    return "&".join("%s=%s" % pair for pair in pairs)
