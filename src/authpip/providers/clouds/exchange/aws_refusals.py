"""What a refusal of AWS means, by the table of clouds/aws.py: the program aws prints the service's own codes."""

from __future__ import annotations

import re
from typing import NamedTuple

from authpip.core.errors import CredentialError
from authpip.providers.clouds.exchange.http import Answer

_WEB_IDENTITY = (  # (pattern, why, remedy), tried before the table of the program
    (
        r"(?i)audience",
        "its audience is not one that the role expects",
        "name sts.amazonaws.com as the token's audience, or add it to the identity provider in IAM",
    ),
    (
        r"ExpiredTokenException.*[Ww]eb ?[Ii]dentity|InvalidIdentityToken.*expired|Token expired",
        "the web identity token has expired",
        "have a new token written to the file",
    ),
    (
        r"AssumeRoleWithWebIdentity",
        "the trust policy of the role does not allow this subject",
        "let the trust policy of the role name this issuer, audience and subject",
    ),
    (
        r"No OpenIDConnect provider|InvalidIdentityToken|IDPRejectedClaim",
        "the account does not trust its issuer",
        "add the issuer as an identity provider in IAM, and check AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE",
    ),
    (
        r"Signature expired|RequestTimeTooSkewed|Signature not yet current",
        "this machine's clock is wrong",
        "set this machine's clock (NTP)",
    ),
)


class Asker(NamedTuple):
    """The identity that sends the request, for messages. renew: what to do if it has expired. domain: the CodeArtifact
    domain. profile: its name.
    """

    identity: str
    renew: str
    domain: str = ""
    profile: str = ""


def refused(answer: Answer, asker: Asker) -> CredentialError:
    """The error for an answer without a token or keys."""
    from authpip.core.complaints import complaint

    said = _said(answer)
    shown = complaint(said) or f"it answered {answer.status}"
    what = f"AWS did not accept {asker.identity}"
    if 200 <= answer.status < 300:
        remedy = "try again, and check that no captive portal is in between"
        return CredentialError("AWS answered with something that is not a token", "", remedy)
    if clock := answer.clock():
        return CredentialError(what, f"{clock} ({shown})", "set this machine's clock (NTP)")
    from authpip.providers.clouds.aws import FAILURES
    from authpip.providers.clouds.failures import SHARED, Failure

    own = tuple(Failure(*row) for row in _WEB_IDENTITY)
    facts = {**asker._asdict(), "login": asker.renew, "name": "AWS"}
    for failure in (*own, *FAILURES, *SHARED):
        if re.search(failure.words, f"{said} ({answer.status})"):
            remedy = failure.remedy.format_map({**facts, "trust": "", "install": "", "upgrade": ""})
            return CredentialError(what, f"{failure.why.format_map(facts)} ({shown})", remedy)
    return CredentialError(what, shown, asker.renew)


def _said(answer: Answer) -> str:
    """The service's code and message, from JSON and its header, or from XML."""
    found = answer.object()
    if found:
        code = str(found.get("__type") or found.get("code") or answer.headers.get("x-amzn-errortype") or "")
        return f"{code.rpartition('#')[2].partition(':')[0]}: {found.get('message') or found.get('Message') or ''}"
    text = answer.body.decode("utf-8", "replace")
    return ": ".join(re.findall(r"<(?:Code|Message)>([^<]*)<", text))
