"""^C, held back while something is half done."""

from __future__ import annotations

import signal
import threading

import pytest

from authpip.programs.interrupts import held_back


def test_raised_at_the_end() -> None:
    """A ^C within the block waits for its end, then is a KeyboardInterrupt; afterwards all is as before."""
    done = []

    def half() -> None:
        with held_back():
            signal.raise_signal(signal.SIGINT)
            done.append("the rest of the block")

    with pytest.raises(KeyboardInterrupt):
        half()
    assert done
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_ignored_and_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where ^C is ignored it stays so (nohup); in another thread nothing is touched."""
    usual = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with held_back():
            signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, usual)
    handlers = []

    def elsewhere() -> None:
        with held_back():
            handlers.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert handlers == [usual]
