"""Do what the interpreter would have done without authpip: site, sys.argv, sys.path, and the start of pip."""

import gc
import os
import runpy
import sys

# pip 20.3 to 26.3 load the first, however they are started; no pip can ask an index without the second.
MAIN = ("pip._internal.cli.main", "pip._vendor.requests")


def site(mode):
    """Run site.main(), which -S has skipped. mode "paths": use the path lines of .pth files, but run no code."""
    import site as module

    sys._authpip_inside = True  # authpip's start-up file in the target environment then does nothing
    if mode == "paths":
        _leave_code_out(module)
    module.main()


def _leave_code_out(site):
    """For an environment that pip has just filled: use the paths of its .pth files, but run no start-up code (A19)."""
    site.execsitecustomize = site.execusercustomize = lambda: None
    site.addpackage = _add_path_lines
    state = getattr(site, "StartupState", None)  # Python 3.15 reads .pth and .start files with it (PEP 829)
    if state is not None:
        state._exec_imports = state._execute_start_entrypoints = lambda _: None


def split(words):
    """(target, arguments) of this process's command line."""
    return (words[:2], words[2:]) if words[:1] == ["-m"] else (words[:1], words[1:])


def run(target, arguments, before):
    """Become pip. before(): called when pip's main module is about to be loaded, so that `pip` can be imported; it
    returns a function from pip's exit status to authpip's.

    The working directory is never on sys.path: -m would put it there, and pip removes it again (P6).
    """
    at_pip = AtPip(before)
    sys.meta_path.insert(0, at_pip)
    sys.argv = [target[0], *arguments]
    if os.path.isfile(target[0]) and not (sys.flags.isolated or getattr(sys.flags, "safe_path", False)):
        sys.path.insert(0, os.path.dirname(target[0]))
    try:
        if target[0] == "-m":
            runpy.run_module(target[1], run_name="__main__", alter_sys=True)
        else:
            runpy.run_path(target[0], run_name="__main__")
    except SystemExit as end:
        raise SystemExit(at_pip.status(end.code)) from None
    except Exception:  # pip --debug lets it through
        sys.excepthook(*sys.exc_info())
        raise SystemExit(at_pip.status(1)) from None


class AtPip:
    """An import finder that finds nothing: it only notices the import of pip's main module."""

    def __init__(self, before):
        self.before = before
        self.status = lambda code: code

    def find_spec(self, name, *_):
        """Called by the import system; see importlib.abc.MetaPathFinder."""
        if name in MAIN:
            sys.meta_path.remove(self)
            self.status = self.before()
            gc.freeze()  # loaded modules stay; searching them for garbage again and again takes 30 ms of an install
            gc.enable()


def _add_path_lines(directory, name, known_paths):
    """The path lines of a .pth file, in place of site.addpackage."""
    try:
        with open(os.path.join(directory, name), encoding="utf-8-sig") as file:
            lines = file.read().splitlines()
    except (OSError, UnicodeDecodeError):
        return known_paths
    for line in lines:
        path = os.path.abspath(os.path.join(directory, line.rstrip()))
        is_code = line.startswith(("#", "import ", "import\t")) or not line.strip()
        if not is_code and path not in sys.path and os.path.exists(path):
            sys.path.append(path)
    return known_paths
