"""Libraries of Windows, by ctypes. Only code for Windows may call this module."""

from __future__ import annotations

from typing import Any


def library(name: str) -> Any:
    """A system library ("kernel32"). ctypes does not know its functions' types: pass pointers as c_void_p."""
    import ctypes

    return ctypes.WinDLL(name, use_last_error=True)  # type: ignore[attr-defined,unused-ignore]
