"""Read a .env file for `--env-file`. It belongs to a project, so it may not change what authpip runs or reads (P6)."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from authpip.core import tool_variables
from authpip.core.console import say
from authpip.core.errors import UsageError
from authpip.launcher.handoff import OWN_PREFIX

# Variables that name rules, files, programs or code for authpip and its helpers, or a proxy or certificate authority.
_NOT_FROM_PROJECTS = re.compile(
    r"_?AUTHPIP_.*|PATH|PYENV_.*|ASDF_.*|MISE_.*|HOME|XDG_.*|PYTHON.*|LD_.*|DYLD_.*|NETRC|PYPIRC_PATH|RATTLER_AUTH_FILE|VIRTUAL_ENV|CONDA_PREFIX|"
    r"PIP_(__)?(PYTHON|CONFIG_FILE|KEYRING_PROVIDER)|UV_(PYTHON|CONFIG_FILE|KEYRING_PROVIDER)|"
    r"CLOUDSDK_.*|AWS_(\w+_)?FILE|AZURE_CONFIG_DIR|GOOGLE_(APPLICATION_CREDENTIALS|EXTERNAL_ACCOUNT_\w+)|DBUS_.*|"
    r"OPENSSL_.*|GCONV_PATH|LOCPATH|NLSPATH|GLIBC_TUNABLES|MALLOC_.*|RES_OPTIONS|HOSTALIASES|LOCALDOMAIN|"
    r"GIT_.*|SSH_.*|NODE_OPTIONS|TMPDIR|TEMP|TMP|BASH_ENV|BASH_FUNC_.*|ENV|ZDOTDIR|IFS|"
    r"\w*_PROXY|\w*CA_BUNDLE|SSL_\w*|\w*_CERTS?|\w*CA_CERTS|\w*TRUSTED_HOST|\w*INSECURE_HOST|\w*VERIFY_SSL",
    re.IGNORECASE,
)
_SECRET_OF_A_RULE = re.compile(r"AUTHPIP_INDEX_\w+_(USERNAME|PASSWORD)")
# The variables of the file that an authpip behind a shim uses; it reads pip's own options as pip will.
_FOR_AUTHPIP = re.compile(r"AUTHPIP_INDEX_\w+_(USERNAME|PASSWORD)|PIP_(EXTRA_)?INDEX_URL|PIP_FIND_LINKS|UV_\w*INDEX\w*")
_REFERENCE = re.compile(r"\$\{(\w+)\}")


def with_env_file(path: str, environ: Mapping[str, str], withheld: Collection[str]) -> dict[str, str]:
    """The environment with the file's variables added. Exported variables win, and ${VAR} is expanded.

    withheld: variables that may hold a credential, which the file cannot put into its values. The environment also
    lists the variables of the file that only the tool gets (core/tool_variables.py). Raises UsageError if the file
    cannot be read.
    """
    from dotenv import dotenv_values

    try:
        with open(path, encoding="utf-8-sig") as stream:
            values = dotenv_values(stream=stream, interpolate=False)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise UsageError(f"{path} cannot be read", why, "correct --env-file") from None
    added: dict[str, str] = {}
    refused: list[str] = []
    known = {name: value for name, value in environ.items() if name not in withheld and not name.startswith(OWN_PREFIX)}
    for name, value in values.items():
        if _NOT_FROM_PROJECTS.fullmatch(name) and not _SECRET_OF_A_RULE.fullmatch(name):
            refused.append(name)
        elif value is not None:
            added[name] = _REFERENCE.sub(lambda match: {**added, **known}.get(match[1], ""), value)
    if refused:
        names = ", ".join(sorted(refused))
        say(f"{path}: {names} not used: a project's file may not choose programs, code or other files")
    for_the_tool = {name for name in added if name not in environ and not _FOR_AUTHPIP.fullmatch(name)}
    return tool_variables.marked({**added, **environ}, for_the_tool)
