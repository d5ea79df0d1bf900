"""What the children of this pip do not see of its environment: `[builds] hide` of authpip's configuration."""

import os
import subprocess


def install(message):
    """From now on no child gets the variables in message["hide"]; authpip's own helper alone does.

    Nested pips do not get them either: they ask this pip for whatever is behind a credential.
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
