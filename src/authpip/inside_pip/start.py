"""What the interpreter would have done without us: site, sys.argv, sys.path, and pip's own start."""

import os
import runpy
import sys


def site(mode):
    """Run site.main(), which -S had put off. mode "paths": honour path lines of .pth files, no code in them."""
    import site as module

    sys._authpip_inside = True  # a start-up file of ours in the target environment knows by it to keep still
    if mode == "paths":
        module.addpackage = _add_path_lines
        module.execsitecustomize = module.execusercustomize = lambda: None
    module.main()


def split(words):
    """(target, arguments) of our own command line."""
    return (words[:2], words[2:]) if words[:1] == ["-m"] else (words[:1], words[1:])


def run(target, arguments, before):
    """Become pip; `before` is called when its modules can be imported, before its first line has run."""
    sys.argv = [target[0], *arguments]
    before()
    if target[0] == "-m":  # the working directory, which -m puts first, is what pip takes away at once
        runpy.run_module(target[1], run_name="__main__", alter_sys=True)
        return
    if os.path.isfile(target[0]) and not (sys.flags.isolated or getattr(sys.flags, "safe_path", False)):
        sys.path.insert(0, os.path.dirname(target[0]))
    runpy.run_path(target[0], run_name="__main__")


def _add_path_lines(directory, name, known_paths):
    """A .pth file of an environment that was just filled: its paths, and none of its code (A19)."""
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
