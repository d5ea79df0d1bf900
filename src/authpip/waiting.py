"""A spinner on stderr while credentials are fetched: after 300 ms, on a terminal only, gone before pip starts."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threading import Event

PATIENCE = 0.3  # seconds: what is quicker than that needs no sign of life


@contextmanager
def spinner(text: str) -> Iterator[None]:
    """Show `text` with rich's spinner while the block runs longer than PATIENCE."""
    if not _has_terminal():
        yield
        return
    from threading import Event, Thread

    done = Event()
    shown = Thread(target=_show, args=(text, done), daemon=True)
    shown.start()
    try:
        yield
    finally:
        done.set()
        shown.join()


def _show(text: str, done: Event) -> None:
    if done.wait(PATIENCE):
        return
    from rich.console import Console

    with Console(stderr=True).status(text):
        done.wait()


def _has_terminal() -> bool:
    """True where a person may be looking; a closed stderr is nobody."""
    try:
        return os.isatty(2) and sys.stderr is not None and os.environ.get("TERM") != "dumb"
    except OSError:
        return False
