"""`python -m authpip …`: the pip of this interpreter. Also run by path, with -I, as the helper of a running pip."""

import os
import sys

# -m puts the working directory first: a project must not lend us modules (A21), pip does the same.
if __package__ and not getattr(sys.flags, "safe_path", False) and sys.path[:1] in ([""], [os.getcwd()]):
    del sys.path[0]
if not __package__:  # by path: -I may have hidden where authpip lives
    sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from authpip.cli import run

if __name__ == "__main__":
    sys.exit(run(sys.argv[1:], called_as="-m"))
