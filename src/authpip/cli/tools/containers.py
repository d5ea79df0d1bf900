"""docker, podman, buildah, nerdctl: a build that asks for the secret `authpip` gets the logins of its indexes.

`--secret id=authpip` becomes `--secret id=authpip,env=AUTHPIP_BUILD_SECRET`: these programs read the secret from their
own environment, so that authpip writes no file. The variable holds what AUTHPIP_AUTH_FILE names in the build.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence

from authpip.cli.tools.call import Call, Prepared
from authpip.core.credential import Credential
from authpip.core.errors import UsageError
from authpip.discovery import discover
from authpip.storage.login_file import VERSION

NAMES = ("docker", "podman", "buildah", "nerdctl", "docker-compose", "podman-compose")
VARIABLE = "AUTHPIP_BUILD_SECRET"
_ID = re.compile(r"(?:--secret=)?id=authpip")
_ASKED = f"env={VARIABLE}"


def prepare(call: Call) -> Prepared:
    """The variable, for a build that asks for it. Raises UsageError if no index of the build has a credential."""
    argv = tuple(f"{word},{_ASKED}" if _ID.fullmatch(word) else word for word in call.argv)
    if not any(_ASKED in word.split(",") for word in argv) and not _composes(argv):
        return Prepared(call.argv, shims=True)
    environ = {**call.environ, **dict(_build_arguments(argv, call.environ))}
    found = call.ask(discover(["install"], environ, prefix=sys.prefix, cwd=call.directory).indexes)
    logins = [_login(url, credential) for url, credential in found if credential]
    if not logins:
        what = "no index of this build has a credential"
        why = f"pip is configured with {', '.join(url for url, _ in found) or 'no index'}"
        raise UsageError(what, why, "name the index: --build-arg PIP_INDEX_URL=URL, or in pip.conf")
    return Prepared(argv, {VARIABLE: json.dumps({"version": VERSION, "logins": logins})})


def _composes(argv: Sequence[str]) -> bool:
    """True for a build by Compose, whose own file names the variable."""
    is_compose = os.path.basename(argv[0]).endswith("-compose") or argv[1:2] == ("compose",)
    return is_compose and bool({"build", "--build"} & set(argv))


def _build_arguments(argv: Sequence[str], environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The build's variables for pip: `--build-arg NAME=VALUE`, or NAME alone with the value of the environment."""
    for word, following in zip(argv, (*argv[1:], ""), strict=True):
        text = following if word == "--build-arg" else word.removeprefix("--build-arg=")
        name, separator, value = text.partition("=")
        if text != word and name.startswith("PIP_"):
            yield name, value if separator else environ.get(name, "")


def _login(url: str, credential: Credential) -> dict[str, str | float | None]:
    """One entry of a file of logins. Raises UsageError for a credential that such a file cannot hold."""
    if credential.scheme not in {"basic", "bearer"}:
        why = f"{credential.provider} signs each request"
        raise UsageError(
            f"the credential for {url} cannot be passed to a build", why, "use the identity of the builder"
        )
    fields = {"url": url, "username": credential.username, "scheme": credential.scheme, "expires": credential.expires}
    return {**fields, "secret": credential.secret.expose()}
