"""A first pip and one nested in it, without an install around them: both make the same requests.

    python broker_pair.py INSIDE   stdin: {"message": the handoff, "certificates": path or null, "on_loopback": true for
                                   the way in on Windows, "requests": [[method, url, headers, times], …]};
                                   stdout: {"first": [answer, …], "nested": [answer, …]}
An answer is [status, body, chosen headers], or the name of an exception. The nested one knows no certificates.
The method "CUT" begins to read the answer to a GET, makes the request once more, and reads the rest of the first
answer; its answer is how many bytes that were.
"""

import json
import os
import subprocess
import sys
from types import ModuleType


def main():
    load_inside(sys.argv[1])
    print(json.dumps(first(json.load(sys.stdin)) if len(sys.argv) == 2 else nested(json.load(sys.stdin))))


def load_inside(directory):
    package = sys.modules["_authpip_inside"] = ModuleType("_authpip_inside")
    package.__path__ = [directory]


def first(task):
    """What both were answered. The nested one is started as popen_guard does it."""
    from _authpip_inside import auth, doorway, index_pages, late, upstream
    from _authpip_inside.broker import Broker
    from _authpip_inside.scope_table import Table
    from pip._internal.network.session import PipSession

    table = Table(task["message"])
    helper = late.Helper(task["message"], table)
    auth.install(table, helper)
    index_pages.on_links(table.note_links)
    answers = upstream.Upstream(table, helper, index_pages.read)
    answers.remember_session()
    session = PipSession()
    session.verify = task["certificates"] or True
    door = doorway.Door(task["on_loopback"])
    environ = dict(os.environ, **{doorway.VARIABLE: door.value})
    argv, pipes = [sys.executable, *sys.argv, "nested"], {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    child = subprocess.Popen(argv, env=environ, pass_fds=door.pass_fds, **pipes)
    door.close_childs_end()
    Broker(answers.exchange, dict).serve(door, child)
    child.stdin.write(json.dumps(task["requests"]).encode())
    child.stdin.close()
    theirs = json.loads(child.stdout.read().decode())
    child.wait()
    return {"first": ask(session, task["requests"]), "nested": theirs}


def nested(requests):
    """What the nested one is answered."""
    from _authpip_inside import client, doorway
    from _authpip_inside.rules import Rules
    from _authpip_inside.unserved import Unserved
    from pip._internal.network.session import PipSession

    connection = client.Client(os.environ.pop(doorway.VARIABLE))
    client.install(connection, Unserved(Rules({}), lambda _: None, connection.is_told))
    return ask(PipSession(), requests)


def ask(session, requests):
    """The answers, in order; of a request that is made many times, the last one."""
    answers = []
    for method, url, headers, times in requests:
        for _ in range(times):
            answer = one(session, method, url, headers)
        answers.append(answer)
    return answers


def one(session, method, url, headers):
    """One answer."""
    try:
        if method == "CUT":
            return cut(session, url)
        response = session.request(method, url, headers=headers, timeout=5)
    except Exception as error:
        return type(error).__name__
    chosen = {name: response.headers.get(name) for name in ("Content-Type", "Content-Length", "ETag", "Content-Range")}
    return [response.status_code, response.text, chosen]


def cut(session, url):
    """The bytes that are read of an answer when another request comes in between."""
    response = session.get(url, stream=True, timeout=5)
    begun = response.raw.read(10)
    session.get(url, timeout=5)
    return len(begun) + len(response.raw.read())


if __name__ == "__main__":
    main()
