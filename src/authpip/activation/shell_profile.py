"""authpip's block in a shell's start-up file, between markers; removing it leaves the file as it was."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from authpip.files import user_dirs
from authpip.files.atomic import explained, write

_BEGIN, _END = b"# >>> authpip >>>", b"# <<< authpip <<<"
# What the file was like before, for an exact removal: it had no newline at its end, or did not exist.
_JOINED, _CREATED = b" (a newline was put before this)", b" (this file was made for it)"
_POWERSHELL = "Microsoft.PowerShell_profile.ps1"
# Terminals on macOS start login shells, for which bash reads another file.
_BASH = ".bash_profile" if sys.platform == "darwin" else ".bashrc"


def default_files(environ: Mapping[str, str]) -> list[Path]:
    """The start-up file of $SHELL; on Windows without $SHELL those of PowerShell 7 and 5.1."""
    if sys.platform == "win32" and "SHELL" not in environ:
        from platformdirs import user_documents_path

        return [user_documents_path() / edition / _POWERSHELL for edition in ("PowerShell", "WindowsPowerShell")]
    return [_file_of(environ.get("SHELL", "sh"), environ)]


def default_file(environ: Mapping[str, str]) -> Path:
    """The first of `default_files`."""
    return default_files(environ)[0]


def _file_of(shell: str, environ: Mapping[str, str]) -> Path:
    home = Path(user_dirs.home(environ))
    config = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    files = {
        "bash": home / _BASH,
        "zsh": Path(environ.get("ZDOTDIR") or home) / ".zshrc",
        "fish": config / "fish" / "config.fish",
        "pwsh": config / "powershell" / _POWERSHELL,
    }
    return files.get(Path(shell).name, home / ".profile")


def usual_files(environ: Mapping[str, str]) -> list[Path]:
    """The start-up files in which a block may be."""
    shells = ("bash", "zsh", "fish", "pwsh", "sh")
    return list(dict.fromkeys([*default_files(environ), *(_file_of(shell, environ) for shell in shells)]))


def shell_of(file: Path) -> str:
    """The shell whose start-up file this is, by its name: "bash", "zsh", "fish", "pwsh" or "sh"."""
    for shell, names in {"bash": ("bash",), "zsh": ("zsh", ".zprofile", ".zlogin"), "fish": ("fish",)}.items():
        if any(name in file.name for name in names):
            return shell
    return "pwsh" if file.suffix == ".ps1" else "sh"


@explained()
def add(file: Path, text: str) -> bool:
    """Put the line between markers at the end of the file, in place of an earlier one. False if it was there."""
    before = _read(file)
    clean = without(before) if before is not None else None
    note = _CREATED if clean is None else b"" if clean.endswith(b"\n") or not clean else _JOINED
    block = b"\n".join([_BEGIN + note, text.encode(), _END, b""])
    after = (clean or b"") + (b"\n" if note == _JOINED else b"") + block
    if after == before:
        return False
    file.parent.mkdir(parents=True, exist_ok=True)
    _replace(file, after)
    return True


@explained()
def has(file: Path, *words: str) -> bool:
    """True if the file has a block of authpip with one of the words in it."""
    content = _read(file) or b""
    block = content[content.find(_BEGIN) : content.find(_END)]
    return any(word.encode() in block for word in words)


@explained()
def remove(file: Path, *words: str) -> bool:
    """Remove the block, and a file that authpip made and that has nothing else. False if no block has the words."""
    if not has(file, *words):
        return False
    after = without(_read(file) or b"")
    if after is None:
        file.unlink()
    else:
        _replace(file, after)
    return True


def without(content: bytes) -> bytes | None:
    """The content without the block; None if authpip made the file and it has nothing else."""
    start = content.find(_BEGIN)
    end = content.find(_END, start)
    if start < 0 or end < 0:
        return content
    note = content[start + len(_BEGIN) : content.index(b"\n", start)]
    end += len(_END) + (content[end + len(_END) :][:1] == b"\n")
    if note == _JOINED:
        start -= 1
    rest = content[:start] + content[end:]
    return None if note == _CREATED and not rest else rest


def _read(file: Path) -> bytes | None:
    return file.read_bytes() if file.exists() else None


def _replace(file: Path, content: bytes) -> None:
    """Write through a symlink, because dotfiles are often links, and keep the mode of the file."""
    target = file.resolve()
    write(target, content, mode=target.stat().st_mode & 0o7777 if target.exists() else 0o644)
