"""Hide variables from the children of this pip: `[builds] hide` of authpip's configuration."""

import os
import subprocess


def install(message):
    """From now on no child gets the variables in message["hide"], except authpip's own helper.

    Nested pips do not get them either: they ask this pip for everything that needs a credential.
    """
    hidden, helper = frozenset(message.get("hide", ())), message.get("helper")
    if not hidden:
        return
    original = subprocess.Popen.__init__

    def __init__(self, args, *rest, **named):  # noqa: N807
        if args != helper:
            env = named.get("env")
            given = os.environ if env is None else env
            named["env"] = {name: value for name, value in given.items() if os.fsdecode(name) not in hidden}
        original(self, args, *rest, **named)

    subprocess.Popen.__init__ = __init__
