"""What the interpreter would have done without us: site, sys.argv, sys.path, and pip's own start."""

import gc
import os
import runpy
import sys

# pip 20.3 to 26.3 load the first by every way of starting them; no pip can ask an index without the second.
MAIN = ("pip._internal.cli.main", "pip._vendor.requests")


def site(mode):
    """Run site.main(), which -S had put off. mode "paths": honour path lines of .pth files, no code in them."""
    import site as module

    sys._authpip_inside = True  # a start-up file of ours in the target environment checks this and does nothing
    if mode == "paths":
        _leave_code_out(module)
    module.main()


def _leave_code_out(site):
    """An environment that was just filled: the paths of its .pth files, and no code of its start-up files (A19)."""
    site.execsitecustomize = site.execusercustomize = lambda: None
    site.addpackage = _add_path_lines
    state = getattr(site, "StartupState", None)  # Python 3.15 reads .pth and .start files with it (PEP 829)
    if state is not None:
        state._exec_imports = state._execute_start_entrypoints = lambda _: None


def split(words):
    """(target, arguments) of our own command line."""
    return (words[:2], words[2:]) if words[:1] == ["-m"] else (words[:1], words[1:])


def run(target, arguments, before):
    """Become pip. `before` is called when pip's main is about to be loaded: then `pip` means what it will mean,
    whichever way it was started. It returns a function from pip's exit status to ours.

    The working directory is never on sys.path: -m would put it there, and pip takes it away again (P6).
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
    """An import finder that finds nothing: it only sees pip's main coming."""

    def __init__(self, before):
        self.before = before
        self.status = lambda code: code

    def find_spec(self, name, *_):
        """Called by the import system; see importlib.abc.MetaPathFinder."""
        if name in MAIN:
            sys.meta_path.remove(self)
            self.status = self.before()
            gc.freeze()  # what is loaded stays; searching it for garbage again and again costs 30 ms an install
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
