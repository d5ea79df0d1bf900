"""The configuration files of the user's aws, and the command that logs in."""

from __future__ import annotations

import os
from collections.abc import Mapping

from authpip.files import user_dirs
from authpip.providers.clouds.fingerprint import content


def config_files(environ: Mapping[str, str]) -> list[str]:
    """The paths of the configuration file and the credentials file, as aws finds them."""
    below = os.path.join(user_dirs.home(environ), ".aws")
    return [
        environ.get("AWS_CONFIG_FILE") or os.path.join(below, "config"),
        environ.get("AWS_SHARED_CREDENTIALS_FILE") or os.path.join(below, "credentials"),
    ]


def login_command(environ: Mapping[str, str], profile: str) -> str:
    """The command that logs in, by SSO if the user's files configure it. profile: "" for the default one."""
    chosen = f" --profile {profile}" if profile else ""
    sso = any("sso_" in content(path) for path in config_files(environ))
    return f"aws sso login{chosen}" if sso or profile else "aws configure"
