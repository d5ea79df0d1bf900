"""The environment of a helper program, by allow-list: the variables that it needs to reach its service.

Left out on purpose: AUTHPIP_INDEX_* and _AUTHPIP_* (secrets of other indexes), PYTHON* (a project could make
the helper load its own code, A21), PIP_*, VIRTUAL_ENV, and every unknown variable.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from authpip.core.tool_variables import own
from authpip.programs.search_path import trusted_entries

# F21: proxies and certificate authorities; home, locale, a directory for temporary files.
_WORDS = """
    HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY FTP_PROXY
    REQUESTS_CA_BUNDLE CURL_CA_BUNDLE SSL_CERT_FILE SSL_CERT_DIR NODE_EXTRA_CA_CERTS HTTPLIB2_CA_CERTS
    GRPC_DEFAULT_SSL_ROOTS_FILE_PATH OPENSSL_CONF NIX_SSL_CERT_FILE
    HOME USER LOGNAME SHELL LANG LANGUAGE TZ TMPDIR TEMP TMP
    DBUS_SESSION_BUS_ADDRESS DISPLAY WAYLAND_DISPLAY SSH_AUTH_SOCK GNUPGHOME GPG_TTY PASSWORD_STORE_DIR KRB5CCNAME
    PYENV_ROOT PYENV_VERSION ASDF_DIR ASDF_DATA_DIR MISE_DATA_DIR
    NO_GCE_CHECK
    IDENTITY_ENDPOINT IDENTITY_HEADER IDENTITY_SERVER_THUMBPRINT IMDS_ENDPOINT MSI_ENDPOINT MSI_SECRET
    SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT APPDATA LOCALAPPDATA PROGRAMDATA PROGRAMFILES
    PROGRAMFILES(X86) USERPROFILE USERNAME USERDOMAIN HOMEDRIVE HOMEPATH
"""
_NAMES = frozenset(_WORDS.split())
_PREFIXES = ("LC_", "XDG_", "AWS_", "CLOUDSDK_", "GOOGLE_", "GCE_METADATA_", "AZURE_", "MSAL_", "ARM_")
# The provider `ci` reads this secret itself; az does not need it.
_NEVER = frozenset({"AZURE_DEVOPS_EXT_PAT"})
_FILES = ("_FILE", "_DIR", "_PATH", "_CONFIG", "_BUNDLE", "_CERTS", "_CREDENTIALS")
DEPTH = "AUTHPIP_DEPTH"


def child_environment(environ: Mapping[str, str], extra: Mapping[str, str]) -> dict[str, str]:
    """A new environment: the allowed variables of `environ`, a trusted PATH, then `extra`.

    With AUTHPIP_DISABLE a shim that the helper calls runs pip without authpip. AUTHPIP_DEPTH is one higher than in
    `environ`, so that helper → authpip → helper ends (A28).
    """
    kept = {name: absolute_file(name, value) for name, value in own(environ).items() if _is_allowed(name)}
    kept["PATH"] = os.pathsep.join(trusted_entries(environ)) or _system_path(environ)
    depth = environ.get(DEPTH, "0")
    kept["AUTHPIP_DISABLE"] = "1"
    kept[DEPTH] = str(int(depth) + 1 if depth.isdecimal() else 1)
    return {**kept, **extra}


def _system_path(environ: Mapping[str, str]) -> str:
    """PATH with the system's own programs. On Windows os.defpath begins with the working directory."""
    return os.path.join(environ.get("SYSTEMROOT", ""), "System32") if sys.platform == "win32" else os.defpath


def is_passed_on(name: str) -> bool:
    """True for a variable that every helper gets, so that it is not a secret of one rule's program."""
    return name.upper() == "PATH" or _is_allowed(name)


def _is_allowed(name: str) -> bool:
    upper = name.upper()
    return upper not in _NEVER and (upper in _NAMES or upper.startswith(_PREFIXES))


def absolute_file(name: str, value: str) -> str:
    """The value of a variable for a helper, which runs in the root directory: the relative path of a file becomes
    absolute."""
    if value and name.endswith(_FILES) and not os.path.isabs(value) and os.path.exists(value):
        return os.path.abspath(value)
    return value
