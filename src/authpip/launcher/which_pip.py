"""Find the pip that would run without authpip, and its interpreter.

This module looks up names and reads scripts; it starts no program.
"""

from __future__ import annotations

import os
import sys

from authpip.core.errors import NoPipError
from authpip.programs.lookup import on_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SHIM_MARKER = b"authpip-shim"
TOOL_RECEIPTS = ("uv-receipt.toml", "pipx_metadata.json")
# On macOS /usr/bin/pip3 is a program of Apple's that starts the pip of Xcode's Python; /usr/bin/python3 starts Python.
_APPLES, _APPLES_PYTHON = "/usr/bin", "/usr/bin/python3"
_BIN = "Scripts" if os.name == "nt" else "bin"
_EXE = ".exe" if os.name == "nt" else ""


class Pip:
    """One pip, and how it is started. It is not a NamedTuple: importing `typing` takes 5 ms before every pip.

    python: absolute path of its interpreter; "" if the script is no Python script, which is then run as it is.
    flags: interpreter flags of the script's first line. target: ("-m", "pip") or (absolute path of the script,).
    extra: options before the user's own (`--python ENV` for an environment without its own pip).
    """

    __slots__ = ("extra", "flags", "python", "target")

    def __init__(
        self,
        python: str,
        target: tuple[str, ...],
        flags: tuple[str, ...] = (),
        extra: tuple[str, ...] = (),
    ) -> None:
        self.python, self.target, self.flags, self.extra = python, target, flags, extra

    def with_extra(self, *extra: str) -> Pip:
        """The same pip with these options before the user's."""
        return Pip(self.python, self.target, self.flags, extra)

    def command(self, arguments: list[str]) -> list[str]:
        """The argv that runs this pip without authpip."""
        if self.target[0] != "-m":  # the script itself, by its own first line
            return [*self.target, *self.extra, *arguments]
        return [self.python, *self.flags, *self.target, *self.extra, *arguments]

    @property
    def prefix(self) -> str:
        """sys.prefix of the interpreter, without starting it; see `environment_of`."""
        return environment_of(self.python)


def of_this_interpreter(environ: Mapping[str, str]) -> Pip:
    """The pip of `python -m authpip`. Raises NoPipError."""
    if _has_pip_module():
        return Pip(sys.executable, ("-m", "pip"), _own_flags())
    nearest = _first_on_path("pip", environ)
    if nearest is None:
        raise _nowhere([f"the environment {sys.prefix}"], environ)
    return nearest.with_extra("--python", sys.prefix)


def of_this_command(environ: Mapping[str, str]) -> Pip:
    """The pip of the command `authpip`: the pip beside it, or that of the active environment if authpip was installed
    as a tool (uv tool, pipx) or its environment has no pip. Raises NoPipError."""
    script = os.path.join(sys.prefix, _BIN, "pip" + _EXE)
    is_tool = any(os.path.exists(os.path.join(sys.prefix, name)) for name in TOOL_RECEIPTS)
    if not is_tool and os.path.exists(script):
        return read_script(script)
    if not is_tool and _has_pip_module():
        return Pip(sys.executable, ("-m", "pip"))
    return of_active_environment(environ)


def of_active_environment(environ: Mapping[str, str]) -> Pip:
    """The active environment's pip, else the first on PATH; for an environment without one, the nearest pip
    with `--python`. Raises NoPipError."""
    first = _first_on_path("pip", environ)
    for root in _active_roots(environ):
        if first and first.target[0].startswith(os.path.join(root, "")):
            return first
        script = os.path.join(root, _BIN, "pip" + _EXE)
        if os.path.exists(script):
            return read_script(script)
        if first and os.path.exists(os.path.join(root, "pyvenv.cfg")):
            return first.with_extra("--python", root)
    if first is None:
        raise _nowhere(_active_roots(environ), environ)
    return first


def of_shim(name: str, environ: Mapping[str, str]) -> Pip:
    """The pip that `name` (pip, pip3, pip3.N) stands for without the shim: the first on PATH that is not a shim, else
    that of VIRTUAL_ENV or CONDA_PREFIX. Raises NoPipError."""
    found = _first_on_path(name, environ)
    if found is None:
        scripts = (os.path.join(root, _BIN, name + _EXE) for root in _active_roots(environ))
        found = next((read_script(script) for script in scripts if os.path.exists(script)), None)
    if found is None:
        raise _nowhere(_active_roots(environ), environ)
    return found


def read_script(script: str) -> Pip:
    """How a pip script is started: by the interpreter in its first line (PEP 397, distlib's /bin/sh form)."""
    if sys.platform == "win32":
        from authpip.launcher.windows_scripts import interpreter_of

        python, flags = interpreter_of(script)
        return Pip(python, ("-m", "pip"), flags) if python else Pip("", (script,))
    if sys.platform == "darwin" and os.path.dirname(os.path.abspath(script)) == _APPLES:
        return Pip(_APPLES_PYTHON, ("-m", "pip"))
    script = os.path.abspath(script)
    try:
        with open(script, "rb") as file:
            lines = [file.readline(4096).decode(errors="replace").strip() for _ in range(2)]
    except OSError:
        return Pip("", (script,))
    python, flags = _interpreter(lines)
    return Pip(python, (script,), flags)


def environment_of(python: str) -> str:
    """sys.prefix of an interpreter, without starting it."""
    near = os.path.dirname(os.path.dirname(os.path.abspath(python)))
    if os.path.exists(os.path.join(near, "pyvenv.cfg")):
        return near
    if sys.platform == "darwin" and python == _APPLES_PYTHON:
        from authpip.discovery.interpreter import prefix_of

        return prefix_of(python, os.environ, os.sep) or near
    directory = os.path.dirname(os.path.realpath(python))
    is_prefix = sys.platform == "win32" and os.path.basename(directory).lower() != _BIN.lower()
    return directory if is_prefix else os.path.dirname(directory)


def is_shim(path: str) -> bool:
    """True for a shim of authpip's, by the marker in its first lines."""
    try:
        with open(path, "rb") as file:
            return SHIM_MARKER in file.read(512)
    except OSError:
        return False


def first_on_path(name: str, environ: Mapping[str, str]) -> str | None:
    """The first command of this name on PATH that is not a shim."""
    return next((script for script in on_path(name, environ) if not is_shim(script)), None)


def _interpreter(lines: list[str]) -> tuple[str, tuple[str, ...]]:
    """(interpreter, flags) by a script's first lines; ("", ()) if it is no Python script."""
    words = lines[0][2:].split() if lines[0].startswith("#!") else []
    if words[:1] == ["/bin/sh"] and lines[1].startswith("'''exec'"):  # a path too long or with a space in it
        words = _exec_words(lines[1])
    elif words[1:] and os.path.basename(words[0]) == "env" and _is_python(words[1]):
        words = [_safe_on_path(words[1]), *words[2:]]
    return (words[0], tuple(words[1:])) if words and _is_python(words[0]) else ("", ())


def _exec_words(line: str) -> list[str]:
    """Interpreter and flags of `'''exec' "/a path/python" -I "$0" "$@"` (distlib); none for a malformed line."""
    import shlex

    try:
        words = shlex.split(line[len("'''exec'") :])
    except ValueError:
        return []
    return words[: words.index("$0")] if "$0" in words else words[:1]


def _safe_on_path(name: str) -> str:
    """The program that `env NAME` in a script's first line finds, without those that others may have planted."""
    from authpip.programs.search_path import is_safe_program

    for directory in os.environ.get("PATH", os.defpath).split(os.pathsep):
        path = os.path.join(directory, name)
        if os.path.isabs(directory) and is_safe_program(path):
            return path
    return ""


def _is_python(program: str) -> bool:
    return os.path.basename(program).lower().startswith(("python", "pypy"))


def _first_on_path(name: str, environ: Mapping[str, str]) -> Pip | None:
    script = first_on_path(name, environ)
    return read_script(script) if script else None


def _active_roots(environ: Mapping[str, str]) -> list[str]:
    return [environ[name] for name in ("VIRTUAL_ENV", "CONDA_PREFIX") if environ.get(name)]


def _has_pip_module() -> bool:
    return any(os.path.isfile(os.path.join(path, "pip", "__init__.py")) for path in sys.path if path)


def _own_flags() -> tuple[str, ...]:
    """The flags that `python … -m authpip` was started with (sys.orig_argv), for the pip behind it."""
    return tuple(_flags_before_module(sys.orig_argv[1:]))


def _flags_before_module(words: list[str]) -> Iterator[str]:
    for word in words:
        if word == "-m":
            return
        if word.startswith("-") and not word.startswith("--") and word.endswith("m"):  # -Im authpip
            yield word[:-1]
            return
        yield word


def _nowhere(roots: list[str], environ: Mapping[str, str]) -> NoPipError:
    looked = [*roots, "PATH " + environ.get("PATH", "(empty)")]
    return NoPipError(
        "there is no pip to run",
        "looked in " + ", ".join(looked),
        "make one with `python3 -m ensurepip --upgrade`, or activate an environment that has one",
    )
