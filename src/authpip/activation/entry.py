"""Where shims, enabled environments and the keyring command come in: run by path, with `python -I`.

entry.py shim NAME ARGS…                                  what `NAME ARGS…` means, with credentials
entry.py keyring NAME ARGS…                               the keyring command's `get`
entry.py environment PYTHON N FLAGS… TARGET ARGS…         N flags of the interpreter; TARGET: -m or a script's path

-I keeps PYTHONPATH and the working directory of a project out (A21). It also hides an authpip that is installed
for the user alone, so the place that this file is in is made known here.
"""

import os
import sys


def main(words: "list[str]") -> int:
    """Hand over to the launcher, or to the keyring command; the exit status."""
    kind, name, arguments = words[0], words[1], words[2:]
    from authpip import cli

    if kind == "environment":
        return _environment(name, arguments)
    if kind == "keyring":
        from authpip.activation.keyring_command import run

        return cli.guarded(lambda: run(arguments, dict(os.environ)))
    return cli.run(arguments, called_as=name)


def _environment(python: str, words: "list[str]") -> int:
    count = int(words[0])
    flags, target, arguments = words[1 : 1 + count], words[1 + count], words[2 + count :]
    from authpip.activation.environments import launch

    return launch(python, flags, target, arguments)


def _find_authpip() -> None:
    parent = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    if parent not in sys.path:
        sys.path.append(parent)


if __name__ == "__main__":
    _find_authpip()
    sys.exit(main(sys.argv[1:]))
