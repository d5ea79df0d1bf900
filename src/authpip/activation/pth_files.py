"""The texts of the start-up files of an enabled environment; each carries a marker that shows who wrote it."""

from __future__ import annotations

MARKER = "authpip-venv 1"
NAME = "authpip_activation"

# Every `python` of the environment compiles and runs this, twice in a venv. So the first check is short, and the rest
# is a string that is compiled only if "pip" occurs in the arguments. The argument that names the module or script is
# where sys.argv begins; before Python 3.10, without sys.orig_argv, it takes longer to find.
_GLANCE = 'import sys; "pip" in str(getattr(sys, "orig_argv", "_pip")[1:]).lower() and exec({look!r})'
_LOOK = (
    'import os; a = getattr(sys, "argv", None) or [""]; w = (getattr(sys, "orig_argv", a)[-len(a):] or [""])[0]; '
    '(w.lower().replace(".exe", "").rstrip("0123456789.").endswith("pip") or w == "-m") and '
)
# The file is closed: otherwise Python warns with -X dev, and fails with -W error.
_READ = "(lambda file: (file.read(), file.close())[0])(open({startup}, encoding='utf-8'))"
_GO = "exec(" + _READ + ", {{'__name__': 'authpip_startup', 'AUTHPIP': {authpip}}})"
# site reads the .pth of a venv twice; the mark prevents a second message.
_SAY = (
    "authpip: it is no longer where {{0}} expects it, so pip runs without authpip: indexes that need a credential "
    "will refuse, and rules that say `always` are not applied; install authpip and run "
    "`authpip auth venv enable {{0}}` again, or delete {files} below {{0}}\n"
)
_GONE = (
    "w != '-m' and not hasattr(sys, '_authpip_inside') and "
    "(setattr(sys, '_authpip_inside', True), sys.stderr.write({say!r}.format(sys.prefix)))"
)

_MODULE = '''\
"""{marker}: makes pip go through authpip; `authpip auth venv disable` takes it away."""


def run():
    {line}
    sys.modules.pop(__name__, None)
'''

_CUSTOMIZE = '''\
"""{marker}: pip goes through authpip, then the next sitecustomize runs; `authpip auth venv disable` takes it away."""


def _look():
    {line}


def _next():
    """Run the sitecustomize that would have run without this one; site takes this ImportError for "there is none"."""
    external = sys.modules["_frozen_importlib_external"]
    bootstrap = sys.modules["_frozen_importlib"]
    own = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    beside = os.path.join(own, "sitecustomize.py")
    if os.path.isfile(beside):
        spec = external.spec_from_file_location("sitecustomize", beside)
    else:
        spec = external.PathFinder.find_spec("sitecustomize", [p for p in sys.path if os.path.abspath(p) != own])
    if spec is None or spec.loader is None:
        raise ImportError("no other sitecustomize", name="sitecustomize")
    sys.modules["sitecustomize"] = module = bootstrap.module_from_spec(spec)
    spec.loader.exec_module(module)


import os, sys

_look()
_next()
'''


def pth(startup: str, authpip: list[str]) -> str:
    """The one line of the .pth, in ASCII: before Python 3.13 it is read in the locale's encoding."""
    return f"{line(startup, authpip)}  # {MARKER}\n"


def start() -> str:
    """The .start file of PEP 829, which Python 3.15 reads in place of the import lines of the .pth beside it."""
    return f"# {MARKER}\n_{NAME}:run\n"


def start_module(startup: str, authpip: list[str]) -> str:
    """The module that the .start file names."""
    return _MODULE.format(marker=MARKER, line=line(startup, authpip))


def sitecustomize(startup: str, authpip: list[str]) -> str:
    """The sitecustomize package, which runs the next sitecustomize and does not replace it."""
    return _CUSTOMIZE.format(marker=MARKER, line=line(startup, authpip, "sitecustomize/__init__.py"))


def line(startup: str, authpip: list[str], files: str = f"{NAME}.*") -> str:
    """The statement that runs pth_hook.py. startup: its absolute path. authpip: [interpreter, entry], absolute paths.
    files: what the user may delete if authpip is gone, for the message."""
    gone = _GONE.format(say=_SAY.format(files=files))
    go = _GO.format(startup=ascii(startup), authpip=ascii(authpip))
    return _GLANCE.format(look=f"{_LOOK}({go} if os.path.exists({startup!a}) else {gone})")
