"""A nested pip that is none: it has the socket to the pip that started it, and does its worst there.

Standard library only, Python 3.8 or newer; it stands in place of pip's __pip-runner__.py. Each attack returns what it
has seen; one line of JSON with that and with the first pip's memory goes to the report.
"""

import json
import os
import socket
import struct
import time


def attack(report, name, facts):
    """Carry out one of the functions below. facts: for it."""
    before = memory()
    seen = ATTACKS[name](connection(), facts)
    line = json.dumps({"seen": seen, "grown": memory() - before, "uid": os.getuid()})
    with open(report, "a") as file:
        file.write(line + "\n")


def connection():
    """The inherited socket."""
    for number in sorted(map(int, os.listdir("/proc/self/fd"))):
        link = "/proc/self/fd/%d" % number
        if number > 2 and os.path.exists(link) and os.readlink(link).startswith("socket:"):
            return socket.socket(fileno=number)
    raise SystemExit("no socket was inherited")


def memory():
    """The highest resident memory of the first pip so far, in MiB."""
    with open("/proc/%d/status" % os.getppid()) as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def frame(data):
    """Its bytes as a frame."""
    return struct.pack(">I", len(data)) + data


def question(url, **more):
    """A request as a frame."""
    return frame(json.dumps(dict({"method": "GET", "url": url, "headers": {}}, **more)).encode())


def reply(end):
    """The next frame, None where the connection is closed or nothing comes for 20 seconds."""
    end.settimeout(20)
    try:
        return exactly(end, struct.unpack(">I", exactly(end, 4))[0])
    except (OSError, EOFError):
        return None


def exactly(end, count):
    """So many bytes."""
    data = b""
    while len(data) < count:
        piece = end.recv(count - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def one_by_one(end, facts):
    """Ask for each URL, with headers that nobody may forward; the outcomes."""
    outcomes = {}
    for url in facts["urls"]:
        end.sendall(question(url, headers=facts["headers"]))
        answer = reply(end)
        outcomes[url] = None if answer is None else json.loads(answer.decode())["outcome"]
    return outcomes


def malformed(end, facts):
    """Send one frame that is not a question; what comes back. None: the connection was closed."""
    end.sendall(facts["frame"].encode("latin-1") * facts.get("times", 1))
    answer = reply(end)
    return None if answer is None else answer.decode()


def flood(end, facts):
    """Announce a huge frame and send as much of it as is taken; the MiB that were taken."""
    sent, piece = 0, b"x" * 65536
    try:
        end.settimeout(20)
        end.sendall(struct.pack(">I", facts["length"]))
        while sent < facts["length"]:
            end.sendall(piece)
            sent += len(piece)
    except OSError:
        pass
    return sent / 2**20


def half_open(end, _):
    """Send half a frame; a process that stays behind keeps the socket open."""
    end.sendall(b"\0\0")
    stay(lambda: time.sleep(60))


def deaf(end, facts):
    """Ask for a large file again and again and read nothing; a process that stays behind keeps the socket open."""
    end.sendall(question(facts["url"]))
    end.settimeout(2)
    asked = 0
    try:
        while asked < 100000:
            end.sendall(frame(b'{"do": "more"}'))
            asked += 1
    except OSError:
        pass
    stay(lambda: time.sleep(60))
    return asked


def read_all(end, facts):
    """Fetch a file and keep nothing of it; its length."""
    end.sendall(question(facts["url"]))
    head = reply(end)
    length = 0
    while True:
        end.sendall(frame(b'{"do": "more"}'))
        piece = reply(end)
        if not piece or piece[:1] != b"+":
            return [json.loads(head.decode())["status"], length, piece is not None and piece[:1].decode()]
        length += len(piece) - 1


def linger(end, facts):
    """Leave a process behind that goes on asking once this one has ended, and says how far it came."""

    def ask():
        until = time.monotonic() + 60  # where the test fails, nothing stays behind
        while not os.path.exists(facts["ended"]) and time.monotonic() < until:
            time.sleep(0.05)
        answers = 0
        try:
            end.sendall(question(facts["url"]))
            answers += reply(end) is not None
            end.sendall(question(facts["url"]))
            answers += reply(end) is not None
        except OSError:
            pass
        with open(facts["told"] + ".new", "w") as file:
            file.write(str(answers))
        os.rename(facts["told"] + ".new", facts["told"])

    stay(ask)


def led_from(end, facts):
    """Name the same page as the one that links here, again and again; the outcomes."""
    outcomes = set()
    for number in range(facts["times"]):
        end.sendall(question("%s%d.whl" % (facts["url"], number), **{"from": facts["page"]}))
        answer = reply(end)
        outcomes.add(None if answer is None else json.loads(answer.decode())["outcome"])
    return sorted(map(str, outcomes))


def stay(work):
    """Do it in a process that nobody waits for, with nothing open but the socket."""
    if os.fork() == 0:
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        for number in range(3):
            os.dup2(null, number)
        work()
        os._exit(0)


ATTACKS = {each.__name__: each for each in (one_by_one, malformed, flood, half_open, deaf, read_all, linger, led_from)}


def code(report, name, facts):
    """This file as a text that attacks when it runs."""
    with open(__file__) as file:
        return file.read() + "\nattack(%r, %r, %r)\n" % (report, name, facts)
