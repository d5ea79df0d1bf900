"""The shell hooks: text for `eval`, which keeps the shims first on PATH by the shell's own prompt or variable events.

A hook compares one prefix at each prompt, and works on PATH by entries only when something came before it.
"""

from __future__ import annotations

import shlex
from pathlib import Path

SHELLS = ("bash", "zsh", "fish", "pwsh")
_TEMPLATES = Path(__file__).with_name("templates")


def hook(shell: str, directory: Path) -> str:
    """What turns it on in a running shell; evaluating it again changes nothing."""
    text = (_TEMPLATES / file_name(shell)).read_text()
    return text.replace("@DIRECTORY@", quote(shell, directory))


def off(shell: str) -> str:
    """What undoes it in a running shell, inside an activated environment too."""
    return (_TEMPLATES / file_name(shell).replace("activate", "off")).read_text()


def completion(shell: str) -> str:
    """The template of what completes `authpip auth` there: @COMMANDS@ and @CASES@ stand for the words."""
    return (_TEMPLATES / file_name(shell).replace("activate", "completion")).read_text()


def file_name(shell: str) -> str:
    """The hook's file beside the shims, for a start-up file to read without starting a Python."""
    return f"activate.{'ps1' if shell == 'pwsh' else shell}"


def evaluation(shell: str) -> str:
    """What is typed to keep the shims first in the running shell; a shell without a hook ("sh") cannot."""
    return {
        "fish": "authpip auth activate fish | source",
        "pwsh": "authpip auth activate pwsh | Out-String | Invoke-Expression",
        "sh": "authpip auth shim install --profile",
    }.get(shell, f'eval "$(authpip auth activate {shell})"')


def start_up_line(shell: str, directory: Path) -> str:
    """The one line for the start-up file of a shell; a shell without a hook ("sh") gets PATH alone."""
    if shell == "sh":
        word = quote(shell, directory)
        return f'case ":$PATH:" in *:{word}:*) ;; *) export PATH={word}:"$PATH" ;; esac'
    file = quote(shell, directory / file_name(shell))
    if shell == "pwsh":
        return f"if (Test-Path -LiteralPath {file}) {{ . {file} }}"
    return f"test -r {file}; and source {file}" if shell == "fish" else f"[ ! -r {file} ] || . {file}"


def quote(shell: str, path: Path) -> str:
    """A path as one word of that shell."""
    if shell == "fish":
        return "'" + str(path).replace("\\", "\\\\").replace("'", "\\'") + "'"
    if shell == "pwsh":
        return "'" + str(path).replace("'", "''") + "'"
    return shlex.quote(str(path))
