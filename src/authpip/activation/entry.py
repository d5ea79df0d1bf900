"""Where shims, enabled environments and the keyring command come in: run by path, with `python -I`.

entry.py shim NAME ARGS…      what `NAME ARGS…` means, with credentials

-I keeps PYTHONPATH and the working directory of a project out (A21). It also hides an authpip that is installed
for the user alone, so the place that this file is in is made known here.
"""

import os
import sys


def main(words: list[str]) -> int:
    """Hand over to the launcher; the exit status."""
    from authpip import cli

    return cli.run(words[2:], called_as=words[1])


def _find_authpip() -> None:
    parent = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    if parent not in sys.path:
        sys.path.append(parent)


if __name__ == "__main__":
    _find_authpip()
    sys.exit(main(sys.argv[1:]))
