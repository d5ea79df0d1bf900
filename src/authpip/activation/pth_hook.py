"""Runs at the start of each Python of an enabled environment: if this is a pip, authpip runs instead.

It runs in the environment's interpreter (Python 3.8 or later, standard library only, no import of authpip): the
start-up file executes this file by its path, with AUTHPIP = [interpreter, entry] as a global. It does nothing for a
command line other than `python … -m pip …` and the environment's scripts pip, pip3, pip3.N; for commands that use no
index; and for a pip that authpip itself started (inside_pip has set a mark, or the launcher has just become this
process).
"""

import os
import sys

LAUNCHED = "_AUTHPIP_LAUNCHED"
NEXT = "next"  # Windows: the launcher cannot become this process, so the mark is for the first Python that it starts
PLAIN = """
    -V --version -h --help help list show freeze check config cache hash completion inspect debug uninstall
"""


def main(authpip):
    # type: (list[str]) -> None
    """Become authpip if this is a pip that may use an index; return otherwise."""
    if hasattr(sys, "_authpip_inside") or not sys.executable or os.environ.get("AUTHPIP_DISABLE") == "1":
        return
    if os.environ.get(LAUNCHED) == (NEXT if os.name == "nt" else str(os.getpid())):
        del os.environ[LAUNCHED]
        sys._authpip_inside = True  # type: ignore[attr-defined]  # site reads the .pth of a venv twice
        return
    found = pip_command(command_line(), len(sys.argv))
    if not found or is_plain(found[2]):
        return
    flags, target, arguments = found
    if not all(map(os.path.isfile, authpip)):
        sys._authpip_inside = True  # type: ignore[attr-defined]
        sys.stderr.write(
            f"authpip: it is no longer at {authpip[0]}, so pip runs without authpip: indexes that need a credential "
            "will refuse, and rules that say `always` are not applied; install authpip and run "
            f"`authpip auth venv enable {sys.prefix}` again, or delete the files below {sys.prefix} that "
            "`authpip auth venv enable` made (authpip_activation.*, or the package sitecustomize)\n"
        )
        return
    become([authpip[0], "-I", authpip[1], "environment", sys.executable, str(len(flags)), *flags, target, *arguments])


def pip_command(words, count):
    # type: (list[str], int) -> tuple[list[str], str, list[str]] | None
    """(interpreter flags, "-m" or the script's path, pip's arguments), or None if this is not pip.

    words: the whole command line. count: how many of its last words sys.argv holds; the first of these names the module
    or the script.
    """
    position = len(words) - count
    if position < 1:
        return None
    flags, word, arguments = words[1:position], words[position], words[position + 1 :]
    if sys.argv[0] != "-m":
        return (flags, os.path.abspath(word), arguments) if is_own_script(word) else None
    attached = flags.pop() + word if word == "pip" and flags else word  # -m pip, -Im pip, -mpip, -Impip
    before, _, module = attached.partition("m")
    return (flags + [before] * (before != "-"), "-m", arguments) if module == "pip" else None


def is_own_script(word):
    # type: (str) -> bool
    """True for pip, pip3, pip3.N beside the interpreter: a project's file of that name must not get a credential."""
    # The path of the environment, or of its pip, may be a link.
    directory, name = os.path.split(os.path.normcase(os.path.realpath(word)))
    own = (os.path.dirname(sys.executable), os.path.join(sys.prefix, "Scripts" if os.name == "nt" else "bin"))
    is_pip = name.replace(".exe", "").rstrip("0123456789.") == "pip"
    return is_pip and os.path.isfile(word) and directory in [os.path.normcase(os.path.realpath(path)) for path in own]


def is_plain(arguments):
    # type: (list[str]) -> bool
    """True for a command that cannot use an index; in doubt False, and the launcher decides."""
    if not arguments:
        return True
    if arguments[0] in ("list", "uninstall"):  # list --outdated asks an index, uninstall -r may read a remote file
        short = [word for word in arguments[1:] if word[:1] == "-" and word[:2] != "--"]
        long = [word for word in arguments[1:] if word.startswith(("--o", "--u", "--r"))]
        asked = long or "PIP_OUTDATED" in os.environ or "PIP_UPTODATE" in os.environ
        return not asked and not any(letter in word for word in short for letter in "our")
    return arguments[0] in PLAIN.split()


def command_line():
    # type: () -> list[str]
    """The words that this interpreter was started with; before Python 3.10 only the system tells them."""
    if hasattr(sys, "orig_argv"):
        return list(sys.orig_argv)
    try:
        with open("/proc/self/cmdline", "rb") as file:
            return [os.fsdecode(word) for word in file.read().split(b"\0")[:-1]]
    except OSError:
        return _from_the_interpreter()


def _from_the_interpreter():
    # type: () -> list[str]
    import ctypes

    count, words = ctypes.c_int(), ctypes.POINTER(ctypes.c_wchar_p)()
    ctypes.pythonapi.Py_GetArgcArgv(ctypes.byref(count), ctypes.byref(words))
    return [words[position] or "" for position in range(count.value)]


def become(argv):
    # type: (list[str]) -> None
    """Replace this process, so that signals and exit status are pip's own; Windows can only wait for a child."""
    if os.name == "nt":
        import signal
        import subprocess

        signal.signal(signal.SIGINT, lambda *_: None)  # ^C at the console reaches pip, which handles it
        status = subprocess.call(argv)
        os._exit(status - (1 << 32) if status >= 1 << 31 else status)
    os.execv(argv[0], argv)  # noqa: S606 (no shell is needed)


main(AUTHPIP)  # type: ignore[name-defined]  # noqa: F821 (the start-up file gives it)
