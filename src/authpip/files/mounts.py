"""Where container runtimes mount secrets: below /run/secrets, or each secret on its own mount (Linux)."""

from __future__ import annotations

import os
import re

from authpip.files import user_dirs

SECRETS = ("/run/secrets/", "/var/run/secrets/")  # docs.docker.com: Secrets in Compose; podman-secret(1)
_TABLE = "/proc/thread-self/mountinfo"  # proc_pid_mountinfo(5)
_ESCAPE = re.compile(r"\\([0-7]{3})")
_STICKY = 0o1000


def is_place_of_secrets(path: str) -> bool:
    """True for a file below /run/secrets, for a file that is a mount, and for a file directly in a mounted directory.

    False for a mounted home directory and for shared directories such as /tmp: they hold other files as well.
    Raises OSError if the file's directory was removed.
    """
    named, real = os.path.abspath(path), os.path.realpath(path)
    if any(place.startswith(SECRETS) for place in (named, real)):
        return True
    mounts = _mount_points()
    directory = os.path.dirname(real)
    if _is_of_kubernetes(os.path.dirname(directory)):
        directory = os.path.dirname(directory)
    return real in mounts or (directory in mounts and _is_for_secrets(directory))


def _is_for_secrets(directory: str) -> bool:
    homes = {os.path.realpath(home) for home in (user_dirs.home(os.environ), user_dirs.home({}))}
    is_for_all = os.stat(directory).st_mode & _STICKY and not _is_of_kubernetes(directory)
    return directory not in {"/", *homes} and not is_for_all


def _is_of_kubernetes(directory: str) -> bool:
    """True for a volume of secrets: a sticky tmpfs, the link ..data, and the files in the directory that it names."""
    return os.path.islink(os.path.join(directory, "..data"))


def _mount_points() -> set[str]:
    """The mount points that this process sees; empty on a system without this file."""
    try:
        with open(_TABLE, encoding="utf-8", errors="surrogateescape") as table:
            fields = [line.split(" ", 5)[4] for line in table]
    except (OSError, IndexError):
        return set()
    return {_ESCAPE.sub(lambda match: chr(int(match[1], 8)), field) for field in fields}
