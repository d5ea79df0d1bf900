"""What one pip run does about its indexes, in a process of its own: ask the chain, print one JSON list.

    python find_token.py URL…        (prints [[user, token, error] of each, seconds])

It begins when the file that FIND_TOKEN_START names is there, so that many can start together.
"""

from __future__ import annotations

import json
import os
import sys
import time

from authpip.config.loading import load_settings
from authpip.core.index import Index, parse_scope
from authpip.providers import chain


def main() -> None:
    start = os.environ.pop("FIND_TOKEN_START", "")
    while start and not os.path.exists(start):
        time.sleep(0.01)
    environ = dict(os.environ)
    indexes = [Index(url, parse_scope(url), "test") for url in sys.argv[1:]]
    began = time.monotonic()
    answers = chain.resolve(indexes, load_settings(environ), environ)
    seconds = time.monotonic() - began
    found = [
        [one.credential.username, one.credential.secret.expose(), None]
        if one.credential
        else [None, None, str(one.error)]
        for one in answers
    ]
    print(json.dumps([found, seconds]))


if __name__ == "__main__":
    main()
