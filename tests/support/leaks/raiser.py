"""Raises an exception out of a chosen call of a chosen module, by the interpreter's profile hook.

Standard library only, Python 3.8 or newer: it also runs inside a pip, from a .pth file.
"""

import sys
import threading


class Raiser:
    """Counts the calls in files whose path has `part` in it, and raises `error` out of those that `choose` names.

    choose(number, name): number counts from 0, name is "folder/file.py:function".
    """

    def __init__(self, part, choose, error):
        self.part, self.choose, self.error = part, choose, error
        self.calls = []

    def install(self):
        """From now on, in every thread."""
        threading.setprofile(self)
        sys.setprofile(self)

    def __call__(self, frame, event, argument):
        code = frame.f_code
        if event != "call" or self.part not in code.co_filename or code.co_name.startswith("<"):
            return
        name = "/".join(code.co_filename.split("/")[-2:]) + ":" + code.co_name
        self.calls.append(name)
        if self.choose(len(self.calls) - 1, name):
            raise self.error
