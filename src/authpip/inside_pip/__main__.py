"""Runs in pip's interpreter: takes the handoff before any other code can, then becomes the pip that was meant.

Run by path, `python -S …/inside_pip/__main__.py TARGET ARGUMENTS…`; TARGET is `-m pip` or the path of a pip
script. Python 3.8 or later, standard library only; this and the rest of authpip do not import each other. The order
of the steps matters: with -S no code of the target environment has run before the handoff is taken (A19).
"""

import gc
import os
import sys


def main():
    gc.disable()  # loading pip makes no garbage; run_pip.AtPip enables the collector again
    if sys.version_info < (3, 8):  # pragma: no cover
        sys.exit(
            "authpip: this pip runs on Python %d.%d; authpip needs 3.8 or later there; "
            "set AUTHPIP_DISABLE=1" % sys.version_info[:2]
        )
    imports_as_before = _import_at_once()
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [path for path in sys.path if os.path.abspath(path) != here]  # Python adds it without -I and -P
    package = _load_package(here)
    package.wipe.close_process()  # before the two halves of the handoff are combined
    message = package.handoff.take()
    package.python_variables.give_back(message.get("python", {}))
    package.run_pip.site(message.get("site"))
    target, arguments = package.run_pip.split(sys.argv[1:])

    def at_pip():
        status = package.load("patches").install(message, __file__)
        imports_as_before()
        return status

    package.run_pip.run(target, arguments, at_pip)


def _import_at_once():
    """Python 3.15 can delay imports (PEP 810), but authpip's modules must be loaded before any other code runs (A20).

    Returns a function that restores the user's choice, for pip.
    """
    switch = getattr(sys, "set_lazy_imports", None)
    if switch is None:
        return lambda: None
    before = sys.get_lazy_imports()
    switch("normal")
    return lambda: switch(before)


def _load_package(here):
    """Import authpip's modules as _authpip_inside.*, so that no name conflicts with a module of the target environment.

    Until the handoff is wiped, only the standard library is searched: PYTHONPATH may name a project's directory.
    """
    from importlib import import_module
    from importlib.machinery import ModuleSpec
    from importlib.util import module_from_spec

    spec = ModuleSpec("_authpip_inside", None, is_package=True)
    spec.submodule_search_locations = [here]
    package = sys.modules[spec.name] = module_from_spec(spec)
    package.load = lambda name: import_module("_authpip_inside." + name)
    library, whole = os.path.dirname(os.path.abspath(os.__file__)), sys.path[:]
    libraries = (library, os.path.join(os.path.dirname(library), "DLLs"))  # Windows: extension modules
    sys.path[:] = [path for path in whole if os.path.abspath(path).startswith(libraries)]
    try:
        for name in ("wipe", "handoff", "run_pip", "python_variables"):
            setattr(package, name, package.load(name))
        package.wipe.prepare()
    finally:
        sys.path[:] = whole
    return package


if __name__ == "__main__":
    main()
