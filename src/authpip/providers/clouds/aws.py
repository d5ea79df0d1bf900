"""The program aws, version 1 or 2: a token for a CodeArtifact domain."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from authpip.core.text_forms import posix_seconds
from authpip.providers.clouds.failures import Cli, Failure
from authpip.providers.clouds.hosts import Domain
from authpip.providers.clouds.run_cli import as_object, not_a_token, run_cli, to_token
from authpip.storage.token_cache import Token

FAILURES = (
    Failure(
        r"Error loading SSO Token|SSO session .* (?:expired|invalid)"
        r"|Token has expired and refresh failed|Error when retrieving token from sso",
        "there is no session, or it has expired",
    ),
    Failure(
        r"config profile \(.*\) could not be found",
        "there is no profile {profile}",
        "run `aws configure list-profiles`, or `aws configure sso --profile {profile}`",
    ),
    Failure(
        r"Unable to locate credentials|NoCredentials|Partial credentials",
        "aws is not logged in",
    ),
    Failure(
        r"ExpiredToken|RequestExpired",
        "the session of {identity} has expired",
        "{renew}",
    ),
    Failure(
        r"UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch"
        r"|InvalidToken\b|AuthFailure|InvalidAccessKeyId",
        "AWS does not accept the keys of {identity}",
        "{renew}",
    ),
    Failure(
        r"AssumeRole.*not authorized|not authorized to perform: sts:AssumeRole",
        "no permission to assume the role",
        "have it granted, or correct role",
    ),
    Failure(
        r"AccessDenied|not authorized",
        "no permission for codeartifact:GetAuthorizationToken in {domain}",
        "have it and sts:GetServiceBearerToken granted to {identity}, or use another profile",
    ),
    Failure(
        r"ResourceNotFound",
        "there is no domain {domain}",
        "check the URL, and that {identity} is the right account: `aws sts get-caller-identity`",
    ),
    Failure(
        r"ValidationException|Parameter validation failed|Invalid type",
        "aws does not accept the settings",
        "check domain, region and duration (0, or 900 to 43200 seconds)",
    ),
    Failure(
        r"Enter MFA code",
        "the profile asks for an MFA code, and there is no terminal to type it at",
        "log in first, for example with `aws sts get-session-token`, and use that profile",
    ),
    Failure(
        r"Unable to parse config file|ConfigParseError",
        "its configuration cannot be read",
        "correct ~/.aws/config",
    ),
    Failure(
        r"custom-process",
        "the profile's credential_process failed",
        "run that command by hand",
    ),
    Failure(
        r"Unable to assume role|InvalidIdentityToken|WebIdentity",
        "the web identity was not accepted",
        "check AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE",
    ),
)
AWS = Cli(
    "aws",
    install="https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
    upgrade="update it: `aws --version` must be at least 1.18.77, or 2.0.21",
    trust="set AWS_CA_BUNDLE to the file with the authority's certificate",
    variables={"AWS_PAGER": "", "AWS_CLI_AUTO_PROMPT": "off"},
    failures=FAILURES,
    instead="set AWS_ACCESS_KEY_ID, or AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN",
)
_NO_WAITING = ("--cli-connect-timeout=10", "--cli-read-timeout=20")  # aws itself would wait for 307 s
_SESSION = {
    "AWS_ACCESS_KEY_ID": "AccessKeyId",
    "AWS_SECRET_ACCESS_KEY": "SecretAccessKey",
    "AWS_SESSION_TOKEN": "SessionToken",
}


class Identity(NamedTuple):
    """The identity that aws is run with. profile: the rule's, which comes before key variables; AWS_PROFILE comes
    after them. role: an ARN to assume. named: the profile in force. whose, login, renew: for messages.
    """

    profile: str = ""
    role: str = ""
    named: str = ""
    whose: str = ""
    login: str = "aws configure"
    renew: str = "run `aws configure`"


def mint(
    environ: Mapping[str, str], deadline: float, domain: Domain, identity: Identity, *, duration: str = ""
) -> Token:
    """One token for the domain. duration: seconds, "" for 12 hours. Raises CredentialError."""
    call = _Call(environ, deadline, domain, identity)
    selected = [f"--profile={identity.profile}"] if identity.profile else []
    session: Mapping[str, str] = {}
    if identity.role:
        assume = ["sts", "assume-role", f"--role-arn={identity.role}", "--role-session-name=authpip"]
        session = _session(call.run([*assume, *selected]))
        # aws would take a profile, from an option or a variable, in place of the role's keys.
        call = call._replace(environ={name: environ[name] for name in environ if not name.endswith("_PROFILE")})
        selected = []
    lifetime = [f"--duration-seconds={duration}"] if duration else []
    token = ["codeartifact", "get-authorization-token", f"--domain={domain.domain}", f"--domain-owner={domain.owner}"]
    found = as_object(AWS, call.run([*token, *selected, *lifetime], session))
    return to_token(AWS, found.get("authorizationToken"), posix_seconds(found.get("expiration")), time.time())


class _Call(NamedTuple):
    environ: Mapping[str, str]
    deadline: float
    domain: Domain
    identity: Identity

    def run(self, arguments: Sequence[str], session: Mapping[str, str] = {}) -> bytes:
        who = self.identity
        return run_cli(
            AWS,
            [*arguments, "--output=json", f"--region={self.domain.region}", *_NO_WAITING],
            self.environ,
            self.deadline,
            login=who.login,
            extra=session,
            facts={
                "domain": f"{self.domain.domain} of {self.domain.owner}",
                "identity": who.whose,
                "profile": who.named,
                "renew": who.renew,
            },
        )


def _session(printed: bytes) -> dict[str, str]:
    """The variables of an assumed role, for the next call only."""
    found = as_object(AWS, printed).get("Credentials")
    if not isinstance(found, dict) or not all(isinstance(found.get(key), str) for key in _SESSION.values()):
        raise not_a_token(AWS)
    return {name: found[key] for name, key in _SESSION.items()}
