"""`python -m authpip …` is the pip of this interpreter. By path, with `python -I`, this file is what shims, enabled
environments, the keyring command and a running pip start:

__main__.py shim NAME ARGS…                               what `NAME ARGS…` means, with credentials
__main__.py environment PYTHON N FLAGS… TARGET ARGS…      N flags of the interpreter; TARGET: -m or a script's path
__main__.py keyring NAME ARGS…                            the keyring command's `get`
__main__.py auth ARGS…                                    `authpip auth ARGS…`

Files on users' disks hold this path. -I keeps PYTHONPATH and the working directory of a project out (A21).
"""

import os
import sys

try:
    _here = os.getcwd()
except OSError:  # it was deleted
    _here = ""
# -m puts the working directory first: a project must not lend us modules (A21), pip does the same.
if __package__ and not getattr(sys.flags, "safe_path", False) and sys.path[:1] in ([""], [_here]):
    del sys.path[0]
if not __package__:  # -I also hides an authpip that is installed for the user alone
    sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from authpip.core.module_path import leave_out_the_project

leave_out_the_project()  # before anything else is imported
from authpip import cli  # noqa: E402


def main(words: "list[str]") -> int:
    """Hand over to what was meant; the exit status."""
    if __package__:
        return cli.run(words, called_as="-m")
    kind, arguments = words[0], words[1:]
    if kind == "environment":
        from authpip.activation.environments import launch

        return cli.guarded(lambda: launch(arguments))
    if kind == "keyring":
        return cli.guarded(lambda: _keyring(arguments[1:]))
    if kind == "auth":
        return cli.run(words, called_as="authpip")
    return cli.run(arguments[1:], called_as=arguments[0])


def _keyring(arguments: "list[str]") -> int:
    from authpip.activation.keyring_command import run
    from authpip.core.console import print_as_on_linux

    print_as_on_linux()
    return run(arguments, dict(os.environ))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
