"""The program gcloud: an access token of an account, of a service account that it acts as, or of the ADC."""

from __future__ import annotations

import time
from collections.abc import Mapping

from authpip.core.text_forms import posix_seconds
from authpip.providers.clouds.failures import Cli, Failure
from authpip.providers.clouds.run_cli import as_object, not_a_token, run_cli, to_token
from authpip.storage.token_cache import Token

FAILURES = (
    Failure(
        r"Failed to impersonate",
        "no permission to act as {service_account}",
        "have roles/iam.serviceAccountTokenCreator granted on it, or correct impersonate-service-account",
    ),
    Failure(
        r"does not have any valid credentials",
        "gcloud is not logged in as {account}",
    ),
    Failure(
        r"Reauthentication failed|invalid_rapt|reauth",
        "the session of {account} has expired",
    ),
    Failure(
        r"default credentials were not found",
        "there are no application default credentials",
    ),
    Failure(
        r"File \S+ was not found|is not a valid json file|Unable to read file",
        "the credential file cannot be read",
        "correct GOOGLE_APPLICATION_CREDENTIALS or CLOUDSDK_AUTH_ACCESS_TOKEN_FILE, or run `{login}`",
    ),
    Failure(
        r"Context Aware Access|access_denied",
        "the organisation's policy refuses this machine or account",
        "ask your Google administrator, or log in with another account: `{login}`",
    ),
    Failure(
        r"invalid_grant",
        "the login of {account} has expired or was revoked",
    ),
    Failure(
        r"invalid_client|unauthorized_client",
        "Google does not accept the login of {account}",
    ),
    Failure(
        r"do not currently have an active account",
        "gcloud is not logged in",
    ),
)
GCLOUD = Cli(
    "gcloud",
    install="https://cloud.google.com/sdk/docs/install",
    upgrade="run `gcloud components update`",
    trust="run `gcloud config set core/custom_ca_certs_file FILE`",
    variables={
        "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
        "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "1",
        "CLOUDSDK_CORE_DISABLE_FILE_LOGGING": "1",
        "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "1",
    },
    failures=FAILURES,
    instead="set GOOGLE_APPLICATION_CREDENTIALS to a credentials file",
)


def mint(
    environ: Mapping[str, str],
    deadline: float,
    *,
    account: str = "",
    service_account: str = "",
    adc: bool = False,
    renew: bool = False,
    whose: str = "",
) -> Token:
    """One token. adc: of the application default credentials. renew: not the token that gcloud itself has cached.

    service_account: to act as, "" for none. whose: for messages. Raises CredentialError.
    """
    acting = [f"--impersonate-service-account={service_account}"] if service_account else []
    facts = {"account": account or whose, "service_account": service_account}
    if adc:
        login = "gcloud auth application-default login"
        arguments = ["auth", "application-default", "print-access-token", *acting]
        printed = run_cli(GCLOUD, arguments, environ, deadline, login=login, facts=facts)
        return to_token(GCLOUD, printed.decode("ascii", "replace").strip(), None, time.time())
    login = f"gcloud auth login {account}".rstrip()
    arguments = ["config", "config-helper", "--force-auth-refresh" if renew else "--min-expiry=15m"]
    arguments += ["--format=json(credential)", *acting, *([f"--account={account}"] if account else [])]
    printed = run_cli(GCLOUD, arguments, environ, deadline, login=login, facts=facts)
    found = as_object(GCLOUD, printed).get("credential")
    if not isinstance(found, dict):
        raise not_a_token(GCLOUD)
    return to_token(GCLOUD, found.get("access_token"), posix_seconds(found.get("token_expiry")), time.time())
