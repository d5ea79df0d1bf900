"""Restore PYTHONPATH and similar variables, which this interpreter does not see until the handoff is taken (A21).

They have the same effect as at the start of the interpreter (python(1), "Environment variables"): for pip and its
children the variables, sys.path, the warning filters and the directory of compiled files are as without authpip.
"""

import os
import sys


def give_back(variables):
    """Set these variables. To be called before site.main(), which makes the entries of sys.path absolute."""
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
    """Apply the filters of PYTHONWARNINGS before those of -W, which therefore win over them."""
    import warnings

    sys.warnoptions[0:0] = options
    warnings._processoptions(sys.warnoptions)
