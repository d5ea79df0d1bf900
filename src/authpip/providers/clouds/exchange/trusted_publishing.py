"""PyPI's trusted publishing: exchange a job's token for an upload token that lasts 15 minutes.

docs.pypi.org/trusted-publishers/using-a-publisher, "The manual way"; warehouse/oidc/views.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from authpip.core.errors import CredentialError
from authpip.core.text_forms import posix_seconds
from authpip.providers.clouds.exchange import issuers
from authpip.providers.clouds.exchange.http import Client
from authpip.providers.clouds.exchange.refusals import Exchange, refused
from authpip.providers.clouds.job_identity import ISSUERS

_HOSTS = r"(?:upload\.|test\.)?pypi\.org"
_TRUST = "add this repository and workflow as a trusted publisher of the project on PyPI"


def mint(question: Mapping[str, Any], client: Client) -> dict[str, Any]:
    """{"secret", "expires"}. Raises CredentialError.

    question: {"host": of the upload URL} and the keys for issuers.job_token without "audience", which PyPI names.
    """
    base = f"https://{question['host']}/_/oidc"
    said = client.send("GET", f"{base}/audience", service="PyPI", hosts=_HOSTS)
    audience = said.object().get("audience")
    if said.status != 200 or not isinstance(audience, str):
        raise CredentialError("PyPI named no audience", f"it answered {said.status}", "try again in a few minutes")
    token = issuers.job_token({**question, "audience": audience}, client)
    answer = client.json(f"{base}/mint-token", {"token": token}, service="PyPI", hosts=_HOSTS)
    secret = answer.object().get("token")
    if answer.status != 200 or not isinstance(secret, str):
        identity = f"the token of {ISSUERS[question['issuer']].name}"
        raise refused(Exchange("PyPI", identity, _TRUST), answer, token)
    return {"secret": secret, "expires": posix_seconds(answer.object().get("expires"))}
