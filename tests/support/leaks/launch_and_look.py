"""Run `authpip ARGUMENTS` and take the repr of every value of our own types in every frame; for a test's child process.

Usage: python launch_and_look.py ARGUMENTS…; prints {type: [repr, …]} as JSON. Nothing is started: becoming pip ends it.
"""

import io
import json
import os
import sys

REAL = sys.stdout


class Looker:
    """A profile hook: at each call and return in authpip, the reprs of locals and results whose types are authpip's."""

    def __init__(self):
        self.seen = {}

    def __call__(self, frame, event, argument):
        if event not in {"call", "return"} or os.sep + "authpip" + os.sep not in frame.f_code.co_filename:
            return
        for value in [*frame.f_locals.values(), argument]:
            if type(value).__module__.startswith("authpip"):
                self.note(value)

    def note(self, value):
        try:
            shown = repr(value)
        except AttributeError:  # still in its __init__
            return
        self.seen.setdefault(type(value).__qualname__, set()).add(shown)


def main():
    from authpip import cli

    sys.orig_argv = [sys.executable, "-m", "authpip"]
    looker = Looker()
    sys.stdout = sys.stderr = io.StringIO()
    os.execve = lambda *_: sys.exit(0)
    sys.setprofile(looker)
    try:
        cli.run(sys.argv[1:], called_as="-m")
    except SystemExit:
        pass
    finally:
        sys.setprofile(None)
    json.dump({name: sorted(shown) for name, shown in looker.seen.items()}, REAL)


if __name__ == "__main__":
    main()
