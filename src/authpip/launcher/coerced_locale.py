"""Restore the user's LC_CTYPE if this interpreter has changed it although PYTHONCOERCECLOCALE=0 is set (PEP 538).

Shims and enabled environments start authpip with -I, which hides PYTHONCOERCECLOCALE=0: in the C locale the interpreter
then sets LC_CTYPE, and pip and its builds would inherit it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_COERCED = ("C.UTF-8", "C.utf8", "UTF-8")  # the targets that PEP 538 names


def without_coercion(environ: Mapping[str, str]) -> Mapping[str, str]:
    """The environment with the user's LC_CTYPE. Only Linux shows the variables of the start (/proc/self/environ)."""
    if environ.get("PYTHONCOERCECLOCALE") != "0" or environ.get("LC_CTYPE") not in _COERCED:
        return environ
    try:
        with open("/proc/self/environ", "rb") as file:
            entries = file.read().split(b"\0")
    except OSError:
        return environ
    before = [
        entry.partition(b"=")[2].decode(errors="surrogateescape") for entry in entries if entry[:9] == b"LC_CTYPE="
    ]
    others = {name: value for name, value in environ.items() if name != "LC_CTYPE"}
    return {**others, "LC_CTYPE": before[0]} if before else others
