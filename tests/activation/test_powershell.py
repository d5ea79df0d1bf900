"""PowerShell's hooks, parsed: no PowerShell runs here. Paths in them are ASCII, whatever they hold."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath

import pytest
import tree_sitter_powershell
from tree_sitter import Language, Node, Parser

from authpip.activation import shell_hooks, shell_profile
from authpip.cli.commands.completion import _script

DIRECTORIES = (
    r"C:\Users\alice\AppData\Local\authpip\shims",
    "C:\\J\u00fcrgen's & Co $x `n %y%\\shims",
    "D:\\\u6771\u4eac\\\U0001f511",
    "/home/a b/shims",
)
COMMA_LIST = re.compile(r"(-LiteralPath|-Name) (\S+), (\S+)")


def errors(text: str) -> list[str]:
    """What the grammar does not understand. It misreads valid lists of arguments (`-Name a, b`), so they are halved."""
    source = COMMA_LIST.sub(r"\1 \2", text).encode()

    def wrong(node: Node) -> Iterator[str]:
        if node.type == "ERROR" or node.is_missing:
            yield source[node.start_byte : node.end_byte + 20].decode("utf-8", "replace")
        for child in node.children:
            yield from wrong(child)

    return list(wrong(Parser(Language(tree_sitter_powershell.language())).parse(source).root_node))


def test_the_parser_sees_what_is_wrong() -> None:
    """The control: a brace that is not closed, and a quote."""
    assert errors("if ($true) { 1")
    assert errors("$x = 'a")
    assert not errors("Remove-Variable -Scope Global -Name _a, _b\n")


@pytest.mark.parametrize("directory", DIRECTORIES)
def test_the_hook_and_the_line_of_a_profile(directory: str) -> None:
    """Windows 12: valid, and in ASCII: Windows PowerShell 5.1 reads scripts in the ANSI code page."""
    path = PureWindowsPath(directory) if ":" in directory else Path(directory)
    for text in (shell_hooks.hook("pwsh", path), shell_hooks.start_up_line("pwsh", path)):  # type: ignore[arg-type]
        assert errors(text) == []
        assert text.isascii()


def test_off_and_completion() -> None:
    """The other two templates."""
    assert errors(shell_hooks.off("pwsh")) == []
    assert errors(_script("pwsh")) == []


def test_a_path_as_an_expression() -> None:
    """A quote is doubled; every other character is itself, or its UTF-16 units."""
    assert shell_hooks.quote("pwsh", Path("/a'b $x")) == "'/a''b $x'"
    assert shell_hooks.quote("pwsh", Path("/\u00fc\U0001f511")) == (
        "('' + '/' + [char]0x00fc + [char]0xd83d + [char]0xdd11)"
    )


def test_a_path_for_git_bash(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows 12: `C:\\x` would be two entries of a PATH that colons separate."""
    monkeypatch.setattr(sys, "platform", "win32")
    path = PureWindowsPath(r"C:\Users\J\shims")
    assert shell_hooks.quote("bash", path) == "/c/Users/J/shims"  # type: ignore[arg-type]


def test_both_powershells_have_a_profile(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Windows 12: PowerShell 7 and Windows PowerShell 5.1, wherever the documents are (OneDrive moves them)."""
    import platformdirs

    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(platformdirs, "user_documents_path", lambda: tmp_path)
    name = "Microsoft.PowerShell_profile.ps1"
    expected = [tmp_path / "PowerShell" / name, tmp_path / "WindowsPowerShell" / name]
    assert shell_profile.default_files({}) == expected
    assert set(expected) <= set(shell_profile.usual_files({}))
    assert {shell_profile.shell_of(file) for file in expected} == {"pwsh"}
