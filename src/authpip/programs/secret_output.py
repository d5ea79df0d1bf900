"""A user's command that prints a secret: split without a shell, found by the rules of P7, read strictly.

The command's stdout may be the secret, so no message quotes it (A30).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

from authpip.core.credential import Secret
from authpip.core.errors import CredentialError, UsageError


def words(command: str, what: str) -> list[str]:
    """The words of a command. what: its name in messages. Raises UsageError if the command needs a shell."""
    import shlex

    lexer = shlex.shlex(command, posix=True, punctuation_chars=True)
    lexer.whitespace_split, lexer.commenters = True, ""
    plain = shlex.shlex(command, posix=True)
    plain.whitespace_split, plain.commenters = True, ""
    if sys.platform == "win32":  # a backslash is part of a path there
        lexer.escape = plain.escape = ""
    try:
        tokens, split = list(lexer), list(plain)
    except ValueError:
        tokens = split = []
    operators = any(set(token) <= set("();<>|&") for token in tokens)
    if not split or operators or "`" in command or "$(" in command:
        raise UsageError(f"{what} is not one command", "authpip runs no shell", "put it into a script, and name that")
    return split


def run_helper(
    argv: Sequence[str],
    environ: Mapping[str, str],
    what: str,
    *,
    deadline: float,
    input: bytes = b"",  # noqa: A002 (subprocess's word for it)
    extra: Mapping[str, str] = {},
) -> bytes:
    """The stdout of a program. argv[0]: a name on PATH, or an absolute path ("~/" is the home directory).

    what: its name in messages. deadline: time.monotonic(). input: must hold no secret. extra: variables beside the
    allow-list. Raises CredentialError if it cannot be found, is late, or ends with another status than 0.
    """
    from authpip.programs import run

    path = _located(argv[0], environ, what)
    result = run.run([path, *argv[1:]], environ, deadline=deadline, input=input, input_is_public=True, extra=extra)
    if result.returncode != 0:
        why = result.stderr or "it said nothing"
        raise CredentialError(f"{what} failed with status {result.returncode}", why, f"run {path} by hand")
    return result.stdout


def secret(
    argv: Sequence[str],
    environ: Mapping[str, str],
    what: str,
    *,
    deadline: float,
    extra: Mapping[str, str] = {},
) -> Secret:
    """The one line that a program prints; parameters as for `run_helper`. Raises CredentialError for other output."""
    return one_line(run_helper(argv, environ, what, deadline=deadline, extra=extra), what)


def one_line(stdout: bytes, what: str) -> Secret:
    """The secret in a program's stdout: one line of printable text, without its line end. Raises CredentialError."""
    try:
        text = stdout.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    line = text[:-1] if text.endswith("\n") else text
    line = line[:-1] if line.endswith("\r") else line
    if not line.strip():
        raise CredentialError(f"{what} printed nothing", "it must print the secret", "run it by hand")
    if any(ord(character) < 0x20 or ord(character) == 0x7F for character in line) or line.startswith("\ufeff"):
        raise CredentialError(f"{what} printed more than one line of text", "that is not a secret", "run it by hand")
    return Secret(line)


def _located(name: str, environ: Mapping[str, str], what: str) -> str:
    if name.startswith(("~/", "~\\") if sys.platform == "win32" else "~/"):
        from authpip.files import user_dirs

        name = os.path.join(user_dirs.home(environ), name[2:])
    if os.path.isabs(name):
        return name
    if os.path.basename(name) != name:
        raise CredentialError(f"{what} is not run", f"{name} is relative", "write its absolute path, or its bare name")
    from authpip.programs.search_path import find_program, passed_over

    path = find_program(name, environ)
    if path is None:
        why = passed_over(name, environ) or f"{name} is not on PATH"
        raise CredentialError(f"{what} is not run", why, "write the absolute path of the program")
    return path
