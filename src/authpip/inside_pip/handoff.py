"""The protocol between authpip and this side. Version 1.

`_AUTHPIP_HANDOFF`, continued in `_AUTHPIP_HANDOFF_1`, `_2`, … where one variable cannot hold it, is a JSON
object:

    v            1
    credentials  [[scheme, username, secret, source, identity], …]; scheme is "basic", "bearer" or
                 "s3" (sigv4.py)
    scopes       [[scheme, host, port, path, url, place], …]: what was looked at before pip started. place is a
                 number into credentials, "never" (send nothing) or "pip" (authpip knows nothing: pip's affair)
    rules        [{"name", "configured_in", "url" or "hosts", "links", "allow-http"}, …]: the user's rules, with the
                 keys of config.toml
    logins       URLs and wildcards of stored logins
    clouds       host patterns ("*.pkg.dev", "re:^…$"). Of what rules, logins and clouds speak of, authpip may know
                 more: asked late, once, before the first request there
    helper       argv of the program that answers late requests: JSON {"uri", "fresh"} on its standard
                 input; {"scope": [scheme, host, port, path], "place": "never" | "pip" | [a credential]} or
                 {"error": text} on its standard output
    sources      variables that were taken out of pip's environment, for the helper alone
    site         "paths": a build environment, whose start-up code is not run (only for a nested pip)

Whatever begins with _AUTHPIP_ is inherited by nobody but pip: take() removes it all.
"""

import json
import os

from _authpip_inside import wipe

VARIABLE = "_AUTHPIP_HANDOFF"
PREFIX = "_AUTHPIP_"
VERSION = 1
LONGEST = 30000 if os.name == "nt" else 100000


def take():
    """The message, taken out of the environment and wiped from the block that the kernel gave us."""
    pieces = []
    while _name(len(pieces)) in os.environ:
        pieces.append(os.environ[_name(len(pieces))])
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        wipe.variable(name)
    message = json.loads("".join(pieces)) if pieces else {}
    if message.get("v", VERSION) != VERSION:
        raise SystemExit("authpip: two versions of authpip meet in this pip; reinstall the one on PATH")
    return message


def give(message):
    """The variables that carry a message to a nested pip."""
    text = json.dumps(message, separators=(",", ":"))
    starts = range(0, len(text), LONGEST)
    return {_name(number): text[start : start + LONGEST] for number, start in enumerate(starts)}


def _name(number):
    return VARIABLE + ("_%d" % number if number else "")
