"""Asks authpip's `auth helper late` one question: everything secret goes over its standard input and output."""

import json
import os
import signal
import subprocess

DEADLINE = 60  # seconds; authpip's own deadlines are shorter


class Asker:
    """Knows how to start the helper, and what it gets beside the question."""

    def __init__(self, message):
        self.argv, self.sources = message.get("helper"), message.get("sources", {})
        self.environ = dict(os.environ)  # as it is before pip puts build tools on PATH

    def ask(self, url, fresh):
        """authpip's answer as handoff.py describes it, None for none. Its own messages go to our stderr."""
        if not self.argv:
            return None
        try:
            answer = json.loads(self._call({"uri": url, "fresh": fresh, "sources": self.sources}))
        except (OSError, ValueError, subprocess.SubprocessError):
            return None
        return answer if isinstance(answer, dict) else None

    def _call(self, question):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        child = subprocess.Popen(self.argv, env=self.environ, **pipes)
        try:
            out, _ = child.communicate(json.dumps(question).encode(), timeout=DEADLINE)
        except BaseException:  # too late, or ^C: it must not outlive the question
            _end(child)
            raise
        return out.decode("utf-8") if child.returncode == 0 else ""


def _end(child):
    """As ^C would, for it may have a program of its own to end; a ^C at the terminal has reached it already."""
    interrupt = child.terminate if os.name == "nt" else lambda: child.send_signal(signal.SIGINT)
    for seconds, how in ((1, interrupt), (6, child.kill)):
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            how()
    child.wait()
