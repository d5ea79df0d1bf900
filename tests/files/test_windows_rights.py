"""Who may write a file on Windows, judged by its access list; the lists themselves are read in tests/windows."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from authpip.files import trusted, windows_rights
from authpip.files.windows_rights import READING, WRITING, Grant, Rights

USER, OTHER, DOMAIN = "S-1-5-21-1-2-3-1001", "S-1-5-21-1-2-3-1002", "S-1-5-21-9-9-9-512"
SYSTEM, ADMINISTRATORS, USERS, EVERYONE = "S-1-5-18", "S-1-5-32-544", "S-1-5-32-545", "S-1-1-0"
FULL, READ, ADD_FILES = 0x1F01FF, 0x1200A9, 0x100116
PROFILE = (Grant(0, 3, FULL, SYSTEM), Grant(0, 3, FULL, ADMINISTRATORS), Grant(0, 3, FULL, USER))


@pytest.mark.parametrize("owner", [USER, SYSTEM, ADMINISTRATORS, DOMAIN, windows_rights._INSTALLER])
def test_the_user_and_administrators_are_trusted(owner: str) -> None:
    """P6: a profile as Windows makes it is the user's own, whoever of these owns it."""
    rights = Rights(owner, PROFILE)
    assert rights.owned_by(USER)
    assert not rights.granted_to_others(WRITING | READING, USER, inherited=True)


@pytest.mark.parametrize("owner", [OTHER, USERS, EVERYONE, "", "S-1-5-21-1-2-3-1512", "S-1-5-32-512"])
def test_another_owner_is_not_trusted(owner: str) -> None:
    """P6: another account may have written it, and may change its access list at any time."""
    assert not Rights(owner, PROFILE).owned_by(USER)


@pytest.mark.parametrize("mask", [0x2, 0x4, 0x40, 0x10000, 0x40000, 0x80000, 0x10000000, 0x40000000, FULL, ADD_FILES])
@pytest.mark.parametrize("account", [OTHER, USERS, EVERYONE])
def test_each_right_to_change_it_counts(account: str, mask: int) -> None:
    """P6: also the right to add files (as below ProgramData), to delete, and to change owner or list."""
    assert Rights(USER, (*PROFILE, Grant(0, 0, mask, account))).granted_to_others(WRITING, USER)
    assert Rights(USER, (*PROFILE, Grant(9, 0, mask, account))).granted_to_others(WRITING, USER)


def test_what_is_no_right_to_write() -> None:
    """Reading, what is denied, and what is for new files alone; CREATOR OWNER stands for whoever made the file."""
    for grant in (Grant(0, 0, READ, USERS), Grant(1, 0, FULL, USERS), Grant(0, 0, FULL, "S-1-3-0")):
        assert not Rights(USER, (*PROFILE, grant)).granted_to_others(WRITING, USER)
    new_files = Rights(USER, (*PROFILE, Grant(0, 0x0B, FULL, USERS)))
    assert not new_files.granted_to_others(WRITING, USER)
    assert new_files.granted_to_others(WRITING, USER, inherited=True)


def test_what_is_not_understood_counts() -> None:
    """P6: without an access list everybody may do everything; an entry of another kind may grant anything."""
    assert Rights(USER, None).granted_to_others(WRITING, USER)
    assert Rights(USER, (Grant(5, 0, 0, ""),)).granted_to_others(WRITING, USER)
    assert not Rights(USER, ()).granted_to_others(WRITING, USER)


@pytest.fixture
def site(home: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Rights]:
    """The rights of directories by path, in place of Windows' own answers; of others: the administrators'."""
    known: dict[str, Rights] = {}
    monkeypatch.setattr(windows_rights, "user", lambda: USER)
    monkeypatch.setattr(windows_rights, "of_path", lambda path: known.get(path, Rights(ADMINISTRATORS, PROFILE)))
    return known


def read(path: Path, rights: Rights) -> trusted.OwnFile:
    path.write_text("")
    return trusted.OwnFile(str(path), "", os.stat(path), rights)


def test_the_file_its_directory_and_the_remedy(tmp_path: Path, site: dict[str, Rights]) -> None:
    """P6: each of both must be safe; the remedy is the command that takes the right away."""
    safe, open_to_all = Rights(ADMINISTRATORS, PROFILE), Rights(USER, (*PROFILE, Grant(0, 0, ADD_FILES, USERS)))
    path = tmp_path / "config.toml"
    assert trusted.writable_by_others(read(path, safe)) is None
    refusal = trusted.writable_by_others(read(path, open_to_all))
    assert refusal is not None
    assert refusal.why == f"other users can write {path}"
    site[str(tmp_path)] = open_to_all
    refusal = trusted.writable_by_others(read(path, safe))
    assert refusal is not None
    assert refusal.why == f"other users can write {tmp_path}"
    assert f'icacls "{tmp_path}" /inheritance:r /grant:r *S-1-5-32-544:(OI)(CI)F' in refusal.remedy
    site[str(tmp_path)] = Rights(OTHER, PROFILE)
    refusal = trusted.writable_by_others(read(path, safe))
    assert refusal is not None
    assert refusal.why == f"{tmp_path} belongs to another user"


def test_below_the_home_directory_the_user_alone_keeps_access(home: Path, site: dict[str, Rights]) -> None:
    """The remedy for a file of the user's own grants rights only to the user."""
    refusal = trusted.writable_by_others(read(home / "config.toml", Rights(USER, None)))
    assert refusal is not None
    assert '/grant:r "%USERNAME%:F"' in refusal.remedy


def test_a_secret_that_others_can_read(home: Path, site: dict[str, Rights]) -> None:
    """P10: reading is enough where the file holds secrets."""
    assert trusted.readable_by_others(read(home / "x", Rights(USER, PROFILE))) is None
    refusal = trusted.readable_by_others(read(home / "x", Rights(USER, (*PROFILE, Grant(0, 0, READ, EVERYONE)))))
    assert refusal is not None
    assert refusal.why == "other users can read it"
