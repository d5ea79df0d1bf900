"""The protocol between the launcher and pip's interpreter. Version 2.

`_AUTHPIP_HANDOFF`, continued in `_AUTHPIP_HANDOFF_1`, `_2`, … if one variable cannot hold it, is a JSON object in two
halves: each variable is base64 of the text XOR a one-time pad of the same length, and the pad is in the buffer of a
socket that this process inherits; `_AUTHPIP_PADS` lists the descriptors ("5,6"), one for each variable. On Windows a
child cannot inherit a socket: there is no `_AUTHPIP_PADS`, and the variables hold the text itself.

    v            2
    credentials  [[scheme, username, secret, provider, identity, cached], …]; scheme is "basic", "bearer" or "s3"
                 (sigv4.py)
    scopes       [[scheme, host, port, path, url, decision, links], …]: the indexes, pages and links that the
                 launcher found. decision is a number into credentials, "never" (send nothing) or "unmanaged" (pip
                 does what it does without authpip). links is "same-origin" or "same-path": which linked files get
                 the credential
    rules        [{"name", "configured_in", "url" or "hosts", …}, …]: the user's rules, with keys of config.toml
    strategy     "best-match" or "first-index"
    logins       URLs and wildcards ("*.corp.example") of stored logins
    clouds       host patterns ("*.pkg.dev", "re:^…$"). For a URL that a rule, a login or one of these matches,
                 authpip may have a credential: the helper is asked once, before the first request there
    helper       argv of the program that answers late requests: JSON {"uri", "fresh", "sources"} on its standard
                 input; on its standard output {"scope": [scheme, host, port, path], "url", "decision", "links"} with a
                 decision "never", "unmanaged" or a credential itself; {"error": name of the error's class} if a
                 required credential is missing; {} for a URL that authpip refuses
    sources      variables that were removed from pip's environment, for the helper only
    hide         names of variables that no child of pip but the helper gets (child_environment.py)
    python       variables that say where Python imports modules from, to be restored (python_variables.py)

A nested pip gets no handoff: `_AUTHPIP_BROKER` (doorway.py) says how it reaches the pip that started it, and
`_AUTHPIP_SITE` is "paths" in a build environment, whose start-up code is not run.

Only this pip inherits variables that begin with _AUTHPIP_: take() removes all of them.
"""

import json
import os
import socket
import sys

from _authpip_inside import wipe

VARIABLE = "_AUTHPIP_HANDOFF"
PADS = "_AUTHPIP_PADS"
BROKER = "_AUTHPIP_BROKER"
SITE = "_AUTHPIP_SITE"
PREFIX = "_AUTHPIP_"
VERSION = 2
NO_CREDENTIAL = 3  # authpip's exit status


def take():
    """The message. It is removed from the environment, and wiped from the block that the kernel made for it.

    For a nested pip: {"broker": value of its variable, "site": "paths" or ""}.
    """
    given = {name: os.environ[name] for name in os.environ if name.startswith(PREFIX)}
    for name in given:
        wipe.variable(name)
    if BROKER in given:
        return {"broker": given[BROKER], "site": given.get(SITE, "")}
    message = json.loads(_text(given)) if VARIABLE in given else {}
    if message.get("v", VERSION) != VERSION:
        raise SystemExit("authpip: two versions of authpip meet in this pip; reinstall the one on PATH")
    return message


def _text(given):
    pieces = []
    while _name(len(pieces)) in given:
        pieces.append(given[_name(len(pieces))])
    if PADS not in given:
        return "".join(pieces)
    from base64 import b64decode

    halves = [b64decode(piece) for piece in pieces]
    pads = [_pad(int(word), len(half)) for word, half in zip(given[PADS].split(","), halves)]
    return b"".join(map(_combined, halves, pads)).decode("utf-8")


def _pad(descriptor, length):
    """The other half, from the socket's buffer. If it is missing, another process has read it, and the run ends."""
    pad = b""
    try:
        with socket.socket(fileno=descriptor) as end:
            end.setblocking(False)
            while len(pad) < length:
                piece = end.recv(length - len(pad))
                if not piece:
                    break
                pad += piece
    except OSError:  # the buffer is empty, or there is no socket: the program that started pip has closed it
        pass
    if len(pad) != length:
        sys.stderr.write(
            "authpip: half of the credentials is missing: another process has taken it; find out which program of "
            "yours reads the sockets of others, and renew the credentials of this run\n"
        )
        raise SystemExit(NO_CREDENTIAL)
    return pad


def _combined(half, pad):
    number = int.from_bytes(half, "big") ^ int.from_bytes(pad, "big")
    return number.to_bytes(len(half), "big")


def _name(number):
    return VARIABLE + ("_%d" % number if number else "")
