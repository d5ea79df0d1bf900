"""The program az: an access token for Azure DevOps."""

from __future__ import annotations

import time
from collections.abc import Mapping

from authpip.core.text_forms import posix_seconds
from authpip.providers.clouds.failures import Cli, Failure
from authpip.providers.clouds.run_cli import as_object, run_cli, to_token
from authpip.storage.token_cache import Token

DEVOPS = "499b84ac-1321-427f-aa17-267ca6975798"  # Azure DevOps, as an application of Entra ID
FAILURES = (
    Failure(
        r"AADSTS(?:50020|90002|90072|500011|700016|650052)",
        "wrong account or tenant",
        "run `{login}`, with the tenant of the organisation: az login --tenant TENANT",
    ),
    Failure(
        r"AADSTS(?:50076|50079|50158)",
        "the tenant asks for a second factor",
    ),
    Failure(
        r"AADSTS(?:53000|53001|53002|53003|530\d\d)",
        "the tenant's policy (conditional access) refuses this machine or account",
        "ask your Azure administrator, or run `{login}`",
    ),
    Failure(
        r"AADSTS(?:7000215|7000222|700027)",
        "the service principal's secret is wrong or has expired",
        "renew it, then run `az login --service-principal …`",
    ),
    Failure(
        r"AADSTS(?:65001|65004|50105|500133)",
        "no permission: Azure DevOps was not consented to",
        "ask your Azure administrator, or run `{login}`",
    ),
    Failure(
        r"AADSTS(?:70043|700082|70008|50173|50078|50133|700084)|refresh token has expired",
        "the session has expired",
    ),
    Failure(
        r"AADSTS\d+",
        "Entra ID refuses the login",
    ),
    Failure(
        r"Please run 'az login'|No subscription found|az login.*to setup account|not logged in",
        "az is not logged in",
    ),
    Failure(
        r"Subscription .* not found",
        "there is no subscription {subscription} in this login",
        "run `az account list`, or correct subscription in the rule",
    ),
    Failure(
        r"Can't find token from MSAL cache",
        "az has lost its login",
    ),
)
AZ = Cli(
    "az",
    install="https://learn.microsoft.com/cli/azure/install-azure-cli",
    upgrade="run `az upgrade`",
    trust="set REQUESTS_CA_BUNDLE to the file with the authority's certificate",
    variables={
        "AZURE_CORE_NO_COLOR": "1",
        "AZURE_CORE_ONLY_SHOW_ERRORS": "1",
        "AZURE_CORE_COLLECT_TELEMETRY": "0",
        "AZURE_CORE_DISABLE_CONFIRM_PROMPT": "1",
        "AZURE_EXTENSION_USE_DYNAMIC_INSTALL": "no",
    },
    failures=FAILURES,
)


def mint(environ: Mapping[str, str], deadline: float, *, tenant: str = "", subscription: str = "") -> Token:
    """One token of the login's own tenant, or of this tenant or subscription. Raises CredentialError."""
    arguments = ["account", "get-access-token", f"--resource={DEVOPS}", "--output=json"]
    arguments += [f"--tenant={tenant}"] if tenant else []
    arguments += [f"--subscription={subscription}"] if subscription else []
    login = f"az login --tenant {tenant}" if tenant else "az login"
    found = as_object(AZ, run_cli(AZ, arguments, environ, deadline, login=login, facts={"subscription": subscription}))
    # expiresOn is not used: it is a local time without a zone. Older versions print nothing else.
    return to_token(AZ, found.get("accessToken"), posix_seconds(found.get("expires_on")), time.time())
