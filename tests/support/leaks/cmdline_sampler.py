"""What `ps` would have shown: the command lines of all processes, sampled throughout a block."""

from __future__ import annotations

import os
import threading


class CmdlineSampler:
    """Read /proc/*/cmdline every few milliseconds; `seen` holds every distinct command line, as bytes."""

    def __init__(self, interval: float = 0.005) -> None:
        self.seen: set[bytes] = set()
        self.rounds = 0
        self._interval = interval
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> CmdlineSampler:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(self._interval):
            self.rounds += 1
            for pid in filter(str.isdigit, os.listdir("/proc")):
                try:
                    with open(f"/proc/{pid}/cmdline", "rb") as file:
                        self.seen.add(file.read())
                except OSError:
                    pass  # it has ended meanwhile
