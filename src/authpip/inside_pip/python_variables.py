"""PYTHONPATH and its like, which were kept from this interpreter until the handoff was taken (A21).

They are given back as the interpreter would have treated them at its start (python(1), "Environment variables"): pip
and its children find the variables, sys.path, the warning filters and the place of compiled files as without authpip.
"""

import os
import sys


def give_back(variables):
    """variables: by name. To be called before site.main(), which makes the entries of sys.path absolute."""
    os.environ.update(variables)
    if sys.flags.ignore_environment:  # -E or -I in the first line of pip's script
        return
    path, warnings = variables.get("PYTHONPATH"), variables.get("PYTHONWARNINGS")
    if path:
        sys.path[0:0] = path.split(os.pathsep)
    if variables.get("PYTHONPYCACHEPREFIX") and "pycache_prefix" not in sys._xoptions:
        sys.pycache_prefix = variables["PYTHONPYCACHEPREFIX"]
    if warnings:
        _filter_warnings(warnings.split(","))


def _filter_warnings(options):
    """As if they had been there at the start: -W options come after the variable's, and so win over them."""
    import warnings

    sys.warnoptions[0:0] = options
    warnings._processoptions(sys.warnoptions)
