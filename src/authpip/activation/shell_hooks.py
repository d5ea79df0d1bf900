"""The shell hooks: text for `eval` that keeps the shims first on PATH, by the shell's prompt or variable events.

At each prompt a hook compares one prefix; it changes PATH only if another entry has come before the shims.
"""

from __future__ import annotations

import ntpath
import re
import shlex
import sys
from pathlib import Path

SHELLS = ("bash", "zsh", "fish", "pwsh")
_TEMPLATES = Path(__file__).with_name("templates")


def hook(shell: str, directory: Path) -> str:
    """The text that starts the hook in a running shell; evaluating it twice has no further effect."""
    text = (_TEMPLATES / file_name(shell)).read_text()
    return text.replace("@DIRECTORY@", quote(shell, directory))


def off(shell: str) -> str:
    """The text that ends the hook in a running shell, also in an activated environment."""
    return (_TEMPLATES / file_name(shell).replace("activate", "off")).read_text()


def completion(shell: str) -> str:
    """The template of the completion of `authpip auth`: @COMMANDS@ and @CASES@ stand for the words."""
    return (_TEMPLATES / file_name(shell).replace("activate", "completion")).read_text()


def file_name(shell: str) -> str:
    """The name of the hook's file in the directory of the shims; a start-up file reads it without starting a Python."""
    return f"activate.{'ps1' if shell == 'pwsh' else shell}"


def evaluation(shell: str) -> str:
    """The command that keeps the shims first in the running shell; for a shell without a hook ("sh"), in new shells."""
    return {
        "fish": "authpip auth activate fish | source",
        "pwsh": "authpip auth activate pwsh | Out-String | Invoke-Expression",
        "sh": "authpip auth shim install --profile",
    }.get(shell, f'eval "$(authpip auth activate {shell})"')


def start_up_line(shell: str, directory: Path) -> str:
    """The line for the start-up file of a shell; for a shell without a hook ("sh") it only sets PATH."""
    if shell == "sh":
        word = quote(shell, directory)
        return f'case ":$PATH:" in *:{word}:*) ;; *) export PATH={word}:"$PATH" ;; esac'
    file = quote(shell, directory / file_name(shell))
    if shell == "pwsh":
        return f"if (Test-Path -LiteralPath {file}) {{ . {file} }}"
    return f"test -r {file}; and source {file}" if shell == "fish" else f"[ ! -r {file} ] || . {file}"


def line_for_now(shell: str, directory: Path) -> str:
    """The command for the same in the running shell. It is short, so that a message does not break it over lines."""
    if shell == "sh":
        return f'export PATH={quote(shell, directory)}:"$PATH"'
    return f"{'source' if shell == 'fish' else '.'} {quote(shell, directory / file_name(shell))}"


def quote(shell: str, path: Path) -> str:
    """A path as one word of the shell."""
    if shell == "fish":
        return "'" + str(path).replace("\\", "\\\\").replace("'", "\\'") + "'"
    if shell == "pwsh":
        return _for_powershell(str(path))
    return shlex.quote(_for_unix_shell(str(path)) if sys.platform == "win32" else str(path))


def _for_powershell(text: str) -> str:
    """A PowerShell expression in ASCII only: Windows PowerShell 5.1 reads scripts in the ANSI code page, and output of
    programs in the code page of the console."""
    pieces = re.findall(r"[ -~]+|[^ -~]", text) or [""]
    words = ["'" + piece.replace("'", "''") + "'" if piece <= "~" else _characters(piece) for piece in pieces]
    return words[0] if text.isascii() else "(" + " + ".join(["''", *words]) + ")"


def _characters(character: str) -> str:
    units = character.encode("utf-16-be")
    return " + ".join(f"[char]0x{units[place : place + 2].hex()}" for place in range(0, len(units), 2))


def _for_unix_shell(path: str) -> str:
    """C:\\x as /c/x: a colon separates the entries of PATH in the Unix shells of Windows (Git Bash, MSYS2)."""
    drive, rest = ntpath.splitdrive(path)
    return (f"/{drive[0].lower()}" if drive[1:] == ":" else drive) + rest.replace("\\", "/")
