"""The logical lines of a requirements file, as pip splits, joins, strips and expands them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from authpip.discovery.model import Context

# The longer marks come first: UTF-16's is the beginning of UTF-32's.
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_CODING = re.compile(rb"coding[:=]\s*([-\w.]+)")
_COMMENT = re.compile(r"(^|\s+)#.*$")
_OWN = "AUTHPIP_INDEX_"
_VARIABLE = re.compile(r"\$\{(?P<name>[A-Z0-9_]+)\}")


def decode(data: bytes, *, by_url: bool = False) -> str:
    """The text of a file by its byte-order mark, its coding comment (PEP 263), as UTF-8, or in the locale's encoding.

    by_url: a file: URL names the file; pip then reads it as a web page and ignores coding comments.
    Raises UnicodeDecodeError or LookupError if pip does.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding)
    if by_url:
        return data.decode("utf-8", "replace")
    for line in data.split(b"\n")[:2]:
        coding = _CODING.search(line) if line[:1] == b"#" else None
        if coding:
            return data.decode(coding[1].decode("ascii"))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        import locale

        return data.decode(locale.getpreferredencoding(False))


def logical_lines(text: str, where: Context) -> Iterator[tuple[int, str]]:
    """(number of the first physical line, line) for each line that is not empty, with the values of its variables.

    A user name and password with a variable that pip does not get are left out: the chain of providers decides for
    this index as for any other, and a file that names a secret does not get it (A15).
    """
    for number, line in _joined(text.splitlines()):
        line = _COMMENT.sub("", line).strip()
        if line:
            yield number, _expanded(line, where)


def _joined(lines: list[str]) -> Iterator[tuple[int, str]]:
    first = 0
    parts: list[str] = []
    for number, line in enumerate(lines, start=1):
        comment = _COMMENT.match(line)
        if line.endswith("\\") and not comment:
            first = first if parts else number
            parts.append(line.strip("\\"))
            continue
        # A space separates the comment that ends a joined line from the text before it.
        parts.append(" " + line if comment else line)
        yield (first if len(parts) > 1 else number), "".join(parts)
        parts = []
    if parts:
        yield first, "".join(parts)


def _expanded(line: str, where: Context) -> str:
    for match in list(_VARIABLE.finditer(line)):
        value = where.environ.get(match["name"])
        if value and (match["name"] in where.withheld or match["name"].startswith(_OWN)):
            line = re.sub(f"//[^/?#@\\s]*{re.escape(match[0])}[^/?#@\\s]*@", "//", line)
        elif value:
            line = line.replace(match[0], value)
    return line
