"""The texts in the help and the man page of each command besides its options: examples and exit statuses."""

from __future__ import annotations

from typing import NamedTuple

REFUSED = "a command line, a URL or the configuration is not accepted"
_NO_CREDENTIAL = "there is no credential, or its provider failed"
_NO_PIP = "there is no pip"


class HelpText(NamedTuple):
    """examples: whole command lines. statuses: exit status → meaning, without 0 and 2 (`REFUSED`)."""

    examples: tuple[str, ...]
    statuses: dict[str, str] = {}


TEXTS = {
    "login": HelpText(
        (
            "authpip auth login",
            "authpip auth login https://pypi.corp.example/team/simple/",
            "authpip auth login https://pypi.corp.example/team/simple/ --username ci --password-stdin < secret",
        ),
        {"3": "the index refused the login, or nothing could store it"},
    ),
    "logout": HelpText(
        (
            "authpip auth logout https://pypi.corp.example/team/simple/ --username alice",
            "authpip auth logout --all",
        ),
        {"3": "there is no such login, or it could not be deleted"},
    ),
    "list": HelpText(("authpip auth list",), {"3": "the list of logins cannot be used"}),
    "explain": HelpText(
        ("authpip auth explain install corp-thing", "authpip auth explain -v --name corp-thing"),
        {"1": "a required credential is missing", "127": _NO_PIP},
    ),
    "check": HelpText(
        (
            "authpip auth check",
            "authpip auth check https://pypi.corp.example/team/simple/",
            "authpip auth check -- install corp-thing",
        ),
        {"1": "an index does not let pip in", "127": _NO_PIP},
    ),
    "status": HelpText(("authpip auth status",), {"1": "a login, a rule or an identity does not work"}),
    "doctor": HelpText(
        ("authpip auth doctor", "authpip auth doctor --report report.txt"),
        {"1": "something is wrong", "3": "the report cannot be written"},
    ),
    "audit": HelpText(("authpip auth audit .venv",), {"1": "a package came from elsewhere"}),
    "token": HelpText(("authpip auth token https://pypi.corp.example/team/simple/",), {"3": _NO_CREDENTIAL}),
    "helper": HelpText(
        ('echo \'{"uri": "https://pypi.corp.example/team/simple/"}\' | authpip auth helper get',), {"3": _NO_CREDENTIAL}
    ),
    "exec": HelpText(
        ("authpip auth exec -- twine upload dist/*", "authpip auth exec --env-file .env -- uv sync"),
        {"3": _NO_CREDENTIAL, "127": "the tool is not installed", "other": "the tool's own"},
    ),
    "shim": HelpText(
        ("authpip auth shim install --profile", "authpip auth shim status", "authpip auth shim remove"),
        {"1": "status: pip would not go through authpip", "3": "a file cannot be written"},
    ),
    "activate": HelpText(
        (
            'eval "$(authpip auth activate bash)"',
            'eval "$(authpip auth activate zsh)"',
            "authpip auth activate fish | source",
            "authpip auth activate pwsh | Out-String | Invoke-Expression",
        ),
    ),
    "venv": HelpText(
        (
            "authpip auth venv enable .venv",
            "authpip auth venv status",
            "authpip auth venv disable --all-below ~/projects",
        ),
        {
            "1": "status: an environment is not enabled. enable, disable: one of several failed",
            "3": "a file cannot be written",
        },
    ),
    "uninstall": HelpText(
        ("authpip auth uninstall", "authpip auth uninstall --logins --yes"),
        {"3": "something could not be removed"},
    ),
    "indexes": HelpText(("authpip auth indexes --azure-feed corp/tools --export",)),
    "cache": HelpText(("authpip auth cache status", "authpip auth cache clear")),
    "config": HelpText(("authpip auth config show", "authpip auth config check")),
    "import": HelpText(
        ("authpip auth import --dry-run", "authpip auth import netrc pypi.corp.example"),
        {"3": "a file cannot be read, or a login cannot be stored"},
    ),
    "completion": HelpText(
        (
            'eval "$(authpip auth completion bash)"',
            'eval "$(authpip auth completion zsh)"',
            "authpip auth completion fish | source",
            "authpip auth completion pwsh | Out-String | Invoke-Expression",
        ),
    ),
    "help": HelpText(("authpip auth help login", "authpip auth help --man > authpip-auth.1")),
}


def statuses(command: str) -> dict[str, str]:
    """Every exit status of a command, in order."""
    return dict(sorted({"0": "done", "2": REFUSED, **TEXTS[command].statuses}.items(), key=_order))


def _order(status: tuple[str, str]) -> int:
    return int(status[0]) if status[0].isdigit() else 256


def epilog(command: str) -> str:
    """The end of a command's help. The formatter does not join lines that begin with two spaces."""
    examples = "".join(f"  {example}\n" for example in TEXTS[command].examples)
    lines = "".join(f"  {status:<5} {meaning}\n" for status, meaning in statuses(command).items())
    return f"examples:\n{examples}\nexit status:\n{lines}"
