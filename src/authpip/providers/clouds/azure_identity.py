"""The identity for Azure Artifacts: an application, a managed identity, the user's login in az, or that of Codespaces.

The order is that of azure-identity's DefaultAzureCredential; az is asked for the tenant that the feed itself names.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from authpip.core.console import debug
from authpip.core.errors import CredentialError
from authpip.files import user_dirs
from authpip.providers.clouds.fingerprint import content
from authpip.storage.token_cache import Token

_MANAGED = (
    *(
        "IDENTITY_ENDPOINT",
        "IDENTITY_HEADER",
        "IDENTITY_SERVER_THUMBPRINT",
        "IMDS_ENDPOINT",
        "MSI_ENDPOINT",
        "MSI_SECRET",
    ),
    "AZURE_POD_IDENTITY_AUTHORITY_HOST",
)
_DMI = "/sys/class/dmi/id"
_HELPER = "~/ado-auth-helper"
_NAME_THE_TOKEN = "write `SYSTEM_ACCESSTOKEN: $(System.AccessToken)` into the step's env"  # noqa: S105


class Wanted(NamedTuple):
    """The feed that needs a token, and the rule's settings for it.

    client_id: of the managed identity that a variable names for this feed, "" for the machine's own; None if no
    variable names one.
    """

    url: str
    tenant: str = ""
    subscription: str = ""
    client_id: str | None = None


def label(wanted: Wanted, environ: Mapping[str, str]) -> str:
    """The identity, in words for messages."""
    asked = f"tenant {wanted.tenant}" if wanted.tenant else f"subscription {wanted.subscription}"
    return _without_a_person(wanted, environ) or (asked if wanted.tenant or wanted.subscription else "az's login")


def renewal(wanted: Wanted, environ: Mapping[str, str]) -> str:
    """What to do if a feed rejects the token."""
    if named := _without_a_person(wanted, environ):
        return f"add {named} to the organisation of the feed, and to the readers of the feed"
    return f"type: az login --tenant {wanted.tenant}" if wanted.tenant else "type: az login"


def mint(wanted: Wanted, environ: Mapping[str, str], deadline: float) -> Token:
    """One token. deadline: time.monotonic(). Raises CredentialError for the last identity that was tried."""
    if wanted.client_id is not None:
        return _managed(wanted.client_id, environ, deadline)
    if not wanted.subscription and (application := _application(wanted, environ)):
        if not application["tenant"]:
            application["tenant"] = _discovered(wanted, environ, deadline)["tenant"]
        return _token(application, environ, deadline)
    missing: CredentialError | None = None
    if not wanted.subscription and _has_managed_identity(environ):
        try:
            return _managed(environ.get("AZURE_CLIENT_ID", ""), environ, deadline)
        except CredentialError as error:
            debug(f"no managed identity: {error}")
            missing = error
    return _of_a_person(wanted, environ, deadline, missing)


def _without_a_person(wanted: Wanted, environ: Mapping[str, str]) -> str:
    """The identity that needs no login of a user, in words for messages; "" if there is none."""
    if wanted.client_id is not None:
        return f"the managed identity {wanted.client_id}".rstrip()
    if wanted.subscription:
        return ""
    if application := _application(wanted, environ):
        return f"the application {application['client_id']}"
    return "the managed identity" if _has_managed_identity(environ) else ""


def _of_a_person(wanted: Wanted, environ: Mapping[str, str], deadline: float, missing: CredentialError | None) -> Token:
    """The token of az, narrowed to packages, or that of the helper of Codespaces."""
    from authpip.providers.clouds import az

    found = {"tenant": "", "authorization": ""}
    try:
        if _has_login(environ):
            found = _discovered(wanted, environ, deadline)
        tenant = wanted.tenant or ("" if wanted.subscription else found["tenant"])
        token = az.mint(environ, deadline, tenant=tenant, subscription=wanted.subscription)
        return _narrowed(token, found["authorization"], environ, deadline)
    except CredentialError as error:
        if os.path.exists(os.path.join(user_dirs.home(environ), _HELPER[2:])):
            return _of_codespaces(environ, deadline)
        raise _with_all_reasons(error, missing, environ) from None


def _with_all_reasons(
    error: CredentialError, missing: CredentialError | None, environ: Mapping[str, str]
) -> CredentialError:
    """The error of az with that of the managed identity; in a pipeline, the error about its token."""
    token = environ.get("SYSTEM_ACCESSTOKEN", "").strip()
    if environ.get("TF_BUILD") and (not token or token.startswith("$(")):
        why = "the job's own token is not in this step"
        return CredentialError("Azure Pipelines: SYSTEM_ACCESSTOKEN is not set", why, _NAME_THE_TOKEN)
    if missing:
        why = f"{error.why}; {missing.what}: {missing.why}".strip("; ")
        return CredentialError(error.what, why, f"{error.remedy}; or {missing.remedy}")
    return error


def _application(wanted: Wanted, environ: Mapping[str, str]) -> dict[str, Any] | None:
    """The question to Entra ID for an application's token; None if the variables of an application are not set."""
    client_id, tenant = environ.get("AZURE_CLIENT_ID"), wanted.tenant or environ.get("AZURE_TENANT_ID") or ""
    secret, file = environ.get("AZURE_CLIENT_SECRET"), environ.get("AZURE_FEDERATED_TOKEN_FILE")
    if not client_id or not (secret or file):
        return None
    proof = {"secret": secret} if secret else {"file": os.path.abspath(file or "")}
    authority = environ.get("AZURE_AUTHORITY_HOST") or ""
    authority = authority if "://" in authority or not authority else f"https://{authority}"
    return {"do": "azure", "tenant": tenant, "client_id": client_id, "authority": authority, **proof}


def _has_managed_identity(environ: Mapping[str, str]) -> bool:
    """True if a variable of the platform, or the firmware, shows that this runs in Azure. No request is sent."""
    get = environ.get
    if get("AZURE_POD_IDENTITY_AUTHORITY_HOST") or (get("MSI_ENDPOINT") and get("MSI_SECRET")):
        return True
    if get("IDENTITY_ENDPOINT") and (get("IDENTITY_HEADER") or get("IMDS_ENDPOINT")):
        return True
    vendor, product = (content(os.path.join(_DMI, name)).strip() for name in ("sys_vendor", "product_name"))
    return vendor == "Microsoft Corporation" and product == "Virtual Machine"


def _managed(client_id: str, environ: Mapping[str, str], deadline: float) -> Token:
    variables = {name: environ[name] for name in _MANAGED if environ.get(name)}
    return _token({"do": "managed identity", "client_id": client_id, "variables": variables}, environ, deadline)


def _has_login(environ: Mapping[str, str]) -> bool:
    """False if nobody has logged in to az: az itself reports that, so the feed is not asked for its tenant."""
    directory = environ.get("AZURE_CONFIG_DIR") or os.path.join(user_dirs.home(environ), ".azure")
    return os.path.exists(os.path.join(directory, "azureProfile.json"))


def _discovered(wanted: Wanted, environ: Mapping[str, str], deadline: float) -> dict[str, str]:
    from authpip.providers.clouds.exchange.ask import ask, network

    try:
        return ask({"do": "discover", "url": wanted.url}, network(environ), deadline)
    except CredentialError as error:
        debug(f"the feed's tenant is not known: {error}")
        return {"tenant": "", "authorization": ""}


def _narrowed(token: Token, authorization: str, environ: Mapping[str, str], deadline: float) -> Token:
    from authpip.providers.clouds.exchange.ask import ask, network, to_token

    if not authorization:
        return token
    question = {"do": "narrow", "secret": token.secret.expose(), "authorization": authorization}
    try:
        found = ask(question, network(environ), deadline)
        return to_token(found, "Azure DevOps") if found["secret"] else token
    except CredentialError as error:
        debug(f"az's token is sent as it is: {error}")
        return token


def _of_codespaces(environ: Mapping[str, str], deadline: float) -> Token:
    from authpip.programs import secret_output

    argv = (_HELPER, "get-access-token")
    return Token(secret_output.secret(argv, environ, "the helper of Codespaces", deadline=deadline), None)


def _token(question: Mapping[str, Any], environ: Mapping[str, str], deadline: float) -> Token:
    from authpip.providers.clouds.exchange.ask import ask, network, to_token

    return to_token(ask(question, network(environ), deadline), "Azure")
