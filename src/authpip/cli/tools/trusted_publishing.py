"""PyPI's trusted publishing for tools that do not support it: hatch, poetry, flit.

If no login is stored, the job's identity is exchanged for a token. twine, uv and pdm do that themselves.
"""

from __future__ import annotations

import time

from authpip.cli.tools.call import Call, command_word
from authpip.core.credential import Credential, Secret
from authpip.core.errors import CredentialError
from authpip.core.index import RefusedURL, parse_scope
from authpip.providers.clouds import job_identity
from authpip.storage.audit_trail import record

_HOSTS = {"upload.pypi.org", "pypi.org", "test.pypi.org"}
# By CI service, the variable of a job that may request or has a token for PyPI.
_ISSUERS = {"github": "ACTIONS_ID_TOKEN_REQUEST_URL", "gitlab": "PYPI_ID_TOKEN"}


def upload_pair(url: str, call: Call) -> tuple[str, str] | None:
    """(user name, token of 15 minutes) for an upload URL of PyPI; None for other URLs and jobs without identity.

    Raises CredentialError if PyPI does not trust the job.
    """
    try:
        scope, issuer = parse_scope(url), job_identity.detect(call.environ)
    except (RefusedURL, CredentialError):
        return None
    if scope.host not in _HOSTS or scope.scheme != "https" or not call.environ.get(_ISSUERS.get(issuer, "")):
        return None
    from authpip.providers.clouds.exchange.ask import ask, network

    question = {
        "do": "publish",
        "host": scope.host,
        "issuer": issuer,
        "variables": job_identity.variables(issuer, call.environ),
    }
    answer = ask(question, network(call.environ), time.monotonic() + call.settings.timeout)
    credential = Credential("__token__", Secret(str(answer["secret"])), "oidc", f"the job's identity ({issuer})")
    record(call.settings, [(url, credential)], command_word(call.argv))
    return credential.username, credential.secret.expose()
