"""The other interpreter: takes the handoff before anybody else can, then becomes the pip that was meant.

Run by path, `python -S …/inside_pip/__main__.py TARGET ARGUMENTS…`; TARGET is `-m pip` or the path of a pip
script. Python 3.8 or later, standard library only; nothing of authpip is imported, and nothing there
imports this. The order below is the promise: with -S no code of the target environment has run yet (A19).
"""

import os
import sys


def main():
    if sys.version_info < (3, 8):  # pragma: no cover
        sys.exit(
            "authpip: this pip runs on Python %d.%d; authpip needs 3.8 or later there; "
            "set AUTHPIP_DISABLE=1" % sys.version_info[:2]
        )
    here = os.path.dirname(os.path.abspath(__file__))
    del sys.path[0]  # our own directory; pip's start would have put another one there
    package = _load_package(here)
    message = package.wire.take()
    package.wipe.close_process()
    package.start.site(message.pop("site", None))
    target, arguments = package.start.split(sys.argv[1:])
    package.start.run(target, arguments, lambda: package.patches.install(message, __file__))


def _load_package(here):
    """Import our modules as _authpip_inside.*, so that none of their names can meet one of the target's."""
    from importlib.machinery import ModuleSpec
    from importlib.util import module_from_spec

    spec = ModuleSpec("_authpip_inside", None, is_package=True)
    spec.submodule_search_locations = [here]
    package = module_from_spec(spec)
    sys.modules[spec.name] = package
    from importlib import import_module

    for name in ("wire", "wipe", "start", "patches"):
        setattr(package, name, import_module("_authpip_inside." + name))
    return package


if __name__ == "__main__":
    main()
