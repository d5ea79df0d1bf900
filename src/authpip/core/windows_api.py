"""Libraries of Windows, by ctypes. To be called on Windows alone."""

from __future__ import annotations

from typing import Any


def library(name: str) -> Any:
    """One of Windows' own libraries ("kernel32"). No function of it has types yet: pass pointers as c_void_p."""
    import ctypes

    return ctypes.WinDLL(name, use_last_error=True)  # type: ignore[attr-defined,unused-ignore]
