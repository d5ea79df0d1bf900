"""Who owns a file on Windows, and who may read or write it by its access list.

The user, SYSTEM, the administrators and TrustedInstaller are trusted. Any other account in the list counts as another
user: authpip does not look up who is in a group.
"""

from __future__ import annotations

from typing import NamedTuple

from authpip.core.windows_api import library

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

SYSTEM, ADMINISTRATORS = "S-1-5-18", "S-1-5-32-544"  # learn.microsoft.com: well-known SIDs
_INSTALLER = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"  # NT SERVICE\TrustedInstaller
_OWNER_ITSELF = ("S-1-3-0", "S-1-3-4")  # CREATOR OWNER, OWNER RIGHTS: the file's owner, whom `owned_by` checks
_DOMAIN, _DOMAIN_ADMINS = "S-1-5-21-", "-512"
_ALLOW, _ALLOW_CALLBACK, _DENY = 0, 9, (1, 6, 10, 12)  # ACE types, winnt.h
_INHERIT_ONLY = 0x08  # flag of an ACE that applies to new files in a directory, and not to the directory
# FILE_WRITE_DATA, FILE_APPEND_DATA, FILE_DELETE_CHILD, DELETE, WRITE_DAC, WRITE_OWNER, GENERIC_ALL, GENERIC_WRITE
WRITING = 0x2 | 0x4 | 0x40 | 0x10000 | 0x40000 | 0x80000 | 0x10000000 | 0x40000000
READING = 0x1 | 0x10000000 | 0x80000000  # FILE_READ_DATA, GENERIC_ALL, GENERIC_READ
_OWNER_AND_LIST = 0x1 | 0x4  # OWNER_SECURITY_INFORMATION, DACL_SECURITY_INFORMATION
_FILE_OBJECT = 1


class Grant(NamedTuple):
    """One entry of an access list: its ACE type, flags and access mask, and the account's SID ("S-1-1-0")."""

    kind: int
    flags: int
    mask: int
    account: str


class Rights(NamedTuple):
    """The owner's SID, and the access list in its order. grants None: no list, so every user has every right."""

    owner: str
    grants: tuple[Grant, ...] | None

    def owned_by(self, user: str) -> bool:
        """True if the user or another trusted account owns the file."""
        return _is_trusted(self.owner, user)

    def granted_to_others(self, mask: int, user: str, *, inherited: bool = False) -> bool:
        """True if an account that is not trusted has one of these rights; an entry of an unknown kind counts as one.

        mask: WRITING, READING or both. inherited: also check the rights on new files in this directory.
        """
        if self.grants is None:
            return True
        return any(_is_open(grant, mask, user, inherited) for grant in self.grants)


def _is_open(grant: Grant, mask: int, user: str, inherited: bool) -> bool:
    if grant.kind in _DENY or (grant.flags & _INHERIT_ONLY and not inherited):
        return False
    if grant.kind not in {_ALLOW, _ALLOW_CALLBACK}:
        return True
    return bool(grant.mask & mask) and not (_is_trusted(grant.account, user) or grant.account in _OWNER_ITSELF)


def _is_trusted(account: str, user: str) -> bool:
    is_domain_admins = account.startswith(_DOMAIN) and account.endswith(_DOMAIN_ADMINS)
    return account in {user, SYSTEM, ADMINISTRATORS, _INSTALLER} or is_domain_admins


def of_path(path: str) -> Rights:
    """The rights of a file or directory. Raises OSError."""
    from ctypes import byref, c_void_p

    owner, entries, descriptor = c_void_p(), c_void_p(), c_void_p()
    status = library("advapi32").GetNamedSecurityInfoW(
        path, _FILE_OBJECT, _OWNER_AND_LIST, byref(owner), None, byref(entries), None, byref(descriptor)
    )
    return _read(status, owner, entries, descriptor)


def of_descriptor(number: int) -> Rights:
    """The rights of an open file, so that the checked file is the one that was read. Raises OSError."""
    import msvcrt
    from ctypes import byref, c_void_p

    owner, entries, descriptor = c_void_p(), c_void_p(), c_void_p()
    handle = c_void_p(msvcrt.get_osfhandle(number))  # type: ignore[attr-defined,unused-ignore]
    status = library("advapi32").GetSecurityInfo(
        handle, _FILE_OBJECT, _OWNER_AND_LIST, byref(owner), None, byref(entries), None, byref(descriptor)
    )
    return _read(status, owner, entries, descriptor)


def user() -> str:
    """The SID of the user that this process runs as. Raises OSError."""
    import ctypes
    from ctypes import byref, c_void_p

    token, size = c_void_p(), ctypes.c_ulong()
    kernel, accounts = library("kernel32"), library("advapi32")
    kernel.GetCurrentProcess.restype = c_void_p
    token_query, token_user = 0x8, 1
    if not accounts.OpenProcessToken(c_void_p(kernel.GetCurrentProcess()), token_query, byref(token)):
        raise OSError("the user's own account cannot be found out")
    try:
        accounts.GetTokenInformation(token, token_user, None, 0, byref(size))
        buffer = ctypes.create_string_buffer(size.value)
        if not accounts.GetTokenInformation(token, token_user, buffer, size, byref(size)):
            raise OSError("the user's own account cannot be found out")
        return _sid_text(c_void_p.from_buffer(buffer))  # TOKEN_USER begins with a pointer to the SID
    finally:
        kernel.CloseHandle(token)


def _read(status: int, owner: object, entries: object, descriptor: object) -> Rights:
    if status:
        raise OSError(f"its access list cannot be read (error {status})")
    try:
        grants = tuple(_grants(entries)) if entries else None
        return Rights(_sid_text(owner) if owner else "", grants)
    finally:
        library("kernel32").LocalFree(descriptor)


def _grants(entries: object) -> Iterator[Grant]:
    """The entries of an ACL: a header {type, flags, size}, the mask, then the SID (winnt.h, ACCESS_ALLOWED_ACE)."""
    import ctypes
    from ctypes import byref, c_void_p

    accounts = library("advapi32")
    size_information = (ctypes.c_ulong * 3)()  # ACL_SIZE_INFORMATION: the number of entries comes first
    if not accounts.GetAclInformation(entries, byref(size_information), ctypes.sizeof(size_information), 2):
        raise OSError("its access list cannot be read")
    for number in range(size_information[0]):
        entry = c_void_p()
        if not accounts.GetAce(entries, number, byref(entry)) or entry.value is None:
            raise OSError("its access list cannot be read")
        kind, flags = ctypes.string_at(entry, 2)
        mask = int.from_bytes(ctypes.string_at(entry.value + 4, 4), "little")
        known = kind in {_ALLOW, _ALLOW_CALLBACK}
        yield Grant(kind, flags, mask, _sid_text(c_void_p(entry.value + 8)) if known else "")


def _sid_text(sid: object) -> str:
    from ctypes import byref, c_wchar_p

    text = c_wchar_p()
    if not library("advapi32").ConvertSidToStringSidW(sid, byref(text)):
        raise OSError("an account of its access list cannot be read")
    try:
        return text.value or ""
    finally:
        library("kernel32").LocalFree(text)
