"""Patch subprocess.Popen: a nested pip gets a connection to this pip, any other program gets nothing (P4).

A nested pip is the same pip, started for build isolation or for --python: [interpreter, RUNNER, …], where
RUNNER is what pip's get_runnable_pip gives (a directory, `__pip-runner__.py`, or pip 21.3's zip of itself).
"""

import os
import subprocess
import sys
import tempfile

from _authpip_inside import doorway

ZIPPED = os.path.join("__env_pip__.zip", "pip")
IN_SUBPROCESS = "_PIP_RUNNING_IN_SUBPROCESS"  # what --python sets for its child
SITE = "_AUTHPIP_SITE"
PATHS = "paths"  # a build environment: its start-up code is not run


def install(broker, main_file):
    """Patch Popen for the life of this process. Returns the list of nested pips, which grows as they are started."""
    import pip

    home = os.path.dirname(os.path.realpath(pip.__file__))
    main_file = os.path.abspath(main_file)
    original = subprocess.Popen.__init__
    children = []

    def __init__(self, args, *rest, **named):  # noqa: N807
        if not _is_nested_pip(args, home):
            original(self, args, *rest, **named)
            return
        door = doorway.Door()
        self.returncode = None
        named["env"] = _environment(args[0], named.get("env"), door)
        named["pass_fds"] = (*named.get("pass_fds", ()), *door.pass_fds)
        try:
            original(self, [args[0], "-S", main_file, *args[1:]], *rest, **named)
        finally:
            door.close_childs_end()
        children.append(self)
        broker.serve(door, self)

    subprocess.Popen.__init__ = __init__
    return children


def _environment(python, env, door):
    env = dict(os.environ if env is None else env)
    site = {SITE: PATHS} if _is_build_environment(python, env) else {}
    return dict(env, **site, **{doorway.VARIABLE: door.value})


def _is_nested_pip(args, home):
    if not isinstance(args, (list, tuple)) or len(args) < 3:
        return False
    runner = os.fsdecode(args[1]) if isinstance(args[1], (str, bytes, os.PathLike)) else ""
    if runner.endswith(ZIPPED):
        temporary = os.path.realpath(tempfile.gettempdir())
        return os.path.realpath(runner).startswith(os.path.join(temporary, "")) or _is_ours(runner, home)
    return _is_ours(runner, home)


def _is_ours(runner, home):
    runner = os.path.realpath(runner)
    return runner in (home, os.path.join(home, "__pip-runner__.py"))


def _is_build_environment(python, env):
    """True for another interpreter than this one, unless the user named it by --python."""
    named_by_user = IN_SUBPROCESS in env and IN_SUBPROCESS not in os.environ
    return os.path.abspath(python) != os.path.abspath(sys.executable) and not named_by_user
