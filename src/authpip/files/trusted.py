"""Files that decide for the user: only the user (or root) may have written them (P6).

authpip checks the file that it has opened, so that nobody can replace it between the check and the read.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from authpip.files.windows_rights import Rights

LARGEST = 1 << 20  # bytes
_WRITE_OTHERS, _READ_OTHERS, _STICKY = 0o022, 0o044, 0o1000
_REGULAR, _KIND = 0o100000, 0o170000


class OwnFile(NamedTuple):
    """A file that was read. text: its content, without a byte-order mark. status: of the opened file.

    rights: of the opened file, on Windows alone, where the status has no owner and access list. on_read_only: the file
    system is mounted read-only, so the user cannot change the file's mode.
    """

    path: str
    text: str
    status: os.stat_result
    rights: Rights | None = None
    on_read_only: bool = False


class Refusal(NamedTuple):
    """Why a file is not used, and the command that corrects it."""

    why: str
    remedy: str


def read(path: str) -> OwnFile | None:
    """The file at `path`, symbolic links followed; None if there is none. Raises OSError, ValueError (not UTF-8)."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (FileNotFoundError, NotADirectoryError):
        return None
    with open(descriptor, "rb") as stream:
        status = os.fstat(descriptor)
        if status.st_mode & _KIND != _REGULAR:
            raise OSError("it is not a regular file")
        content = stream.read(LARGEST + 1)
        rights, on_read_only = _rights_of(descriptor), _is_on_read_only(descriptor)
    if len(content) > LARGEST:
        raise OSError("it is larger than 1 MiB")
    return OwnFile(path, content.decode("utf-8").removeprefix("\ufeff"), status, rights, on_read_only)


def writable_by_others(file: OwnFile) -> Refusal | None:
    """Why the file may be another user's work: it, a link to it, or the directory of either belongs to another user
    or is writable for others. None if the file is safe."""
    try:
        return _writable_by_others(file)
    except OSError as error:  # such as a mounted secret that was replaced after it was read
        return Refusal(f"it cannot be checked ({error.strerror or error})", "try again")


def _writable_by_others(file: OwnFile) -> Refusal | None:
    if file.rights is not None:
        return _writable_on_windows(file, file.rights)
    target = os.path.realpath(file.path)
    refusal = _foreign(file.path, os.lstat(file.path)) or _judged(target, file.status)
    for directory in dict.fromkeys((os.path.dirname(os.path.abspath(file.path)), os.path.dirname(target))):
        status = os.stat(directory)
        sticky = status.st_mode & _STICKY  # as in /tmp: others cannot replace what is the user's
        refusal = refusal or _foreign(directory, status) or (None if sticky else _open_to_all(directory, status))
    return refusal


def readable_by_others(file: OwnFile) -> Refusal | None:
    """Why the secrets in the file are not safe: another user can read it, and its own user could have prevented that.

    Docker and Kubernetes mount secrets with modes such as 0444 and 0440, which the user of a container cannot change.
    None if the file is safe.
    """
    if file.rights is not None:
        return _readable_on_windows(file.path, file.rights)
    if file.status.st_mode & _READ_OTHERS and not _is_mounted_secret(file):
        return Refusal("other users can read it", f"type: chmod go-rwx {_quoted(file.path)}")
    return _foreign(file.path, file.status)


def unfit_for_secrets(file: OwnFile) -> Refusal | None:
    """`writable_by_others`, then `readable_by_others`."""
    return writable_by_others(file) or readable_by_others(file)


def _is_mounted_secret(file: OwnFile) -> bool:
    if file.on_read_only:
        return True
    from authpip.files.mounts import is_place_of_secrets

    try:
        return file.status.st_uid == 0 and is_place_of_secrets(file.path)
    except OSError:  # it was replaced after it was read
        return False


def _is_on_read_only(descriptor: int) -> bool:
    return hasattr(os, "fstatvfs") and bool(os.fstatvfs(descriptor).f_flag & os.ST_RDONLY)


def _rights_of(descriptor: int) -> Rights | None:
    if sys.platform != "win32":
        return None
    from authpip.files import windows_rights

    return windows_rights.of_descriptor(descriptor)


def _writable_on_windows(file: OwnFile, rights: Rights) -> Refusal | None:
    """Check the file that was read, the directory that holds its name, and the directory that a link leads to."""
    from authpip.files import windows_rights

    user, target = windows_rights.user(), os.path.realpath(file.path)
    directories = dict.fromkeys((os.path.dirname(os.path.abspath(file.path)), os.path.dirname(target)))
    for path, found in [(target, rights), *((each, windows_rights.of_path(each)) for each in directories)]:
        inherit = "" if path == target else "(OI)(CI)"
        if not found.owned_by(user):
            return Refusal(f"{path} belongs to another user", f"find out who made it, then {_own(path, inherit)}")
        if found.granted_to_others(windows_rights.WRITING, user):
            return Refusal(f"other users can write {path}", _own(path, inherit))
    return None


def _readable_on_windows(path: str, rights: Rights) -> Refusal | None:
    from authpip.files import windows_rights

    user = windows_rights.user()
    if not rights.owned_by(user):
        return Refusal(f"{path} belongs to another user", "make a file of your own")
    if rights.granted_to_others(windows_rights.READING, user):
        return Refusal("other users can read it", f'type: icacls "{path}" /inheritance:r /grant:r "%USERNAME%:F"')
    return None


def _own(path: str, inherit: str) -> str:
    """The command that removes the rights of others: below the home directory only the user keeps any; elsewhere the
    administrators may write and users may read. It uses SIDs, because Windows translates the names of groups."""
    below_home = os.path.normcase(path).startswith(os.path.normcase(os.path.expanduser("~") + os.sep))
    grants = f"*S-1-5-32-544:{inherit}F *S-1-5-18:{inherit}F *S-1-5-32-545:{inherit}RX"
    if below_home:
        return f'type: icacls "{path}" /inheritance:r /grant:r "%USERNAME%:{inherit}F"'
    as_administrator = f'icacls "{path}" /setowner *S-1-5-32-544 && icacls "{path}" /inheritance:r /grant:r {grants}'
    return f"as an administrator, type: {as_administrator}"


def _judged(path: str, status: os.stat_result) -> Refusal | None:
    return _foreign(path, status) or _open_to_all(path, status)


def _foreign(path: str, status: os.stat_result) -> Refusal | None:
    if status.st_uid in {0, os.geteuid()}:
        return None
    return Refusal(f"{path} belongs to another user", f"type: chown {os.geteuid()} {_quoted(path)}")


def _open_to_all(path: str, status: os.stat_result) -> Refusal | None:
    if not status.st_mode & _WRITE_OTHERS:
        return None
    return Refusal(f"other users can write {path}", f"type: chmod go-w {_quoted(path)}")


def _quoted(path: str) -> str:
    from shlex import quote

    return quote(path)
