"""Lay the repository's pages out as the site has them, and build the site; run by scripts/docs.

README.md is the site's front page. The other pages of the repository's root stand beside those of docs/.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LINK = re.compile(r"\]\(([^)#\s]+)(#[^)]*)?\)")
CODE = re.compile(r"`[^`\n]+`")
AT_THE_ROOT = {name: name.lower() for name in ("SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md")}
RENAMED = {**AT_THE_ROOT, "README.md": "index.md", "docs/decisions/README.md": "decisions/index.md"}


def main(target: Path) -> int:
    """Build target/site from target/pages; the exit status of zensical."""
    shutil.rmtree(target, ignore_errors=True)
    lay_out(ROOT, target / "pages")
    shutil.copy(ROOT / "zensical.toml", target)
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean"]
    return subprocess.run(command, cwd=target, check=False).returncode


def lay_out(root: Path, pages: Path) -> None:
    """Copy every page and picture to its place in the site, with the links of pages changed to those places."""
    places = site_places(root)
    for source, place in places.items():
        target = pages / place
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.endswith(".md"):
            text = (root / source).read_text("utf-8")
            target.write_text(with_site_links(CODE.sub(unescaped, text), source, places), "utf-8")
        else:
            shutil.copy(root / source, target)


def site_places(root: Path) -> dict[str, str]:
    """Path in the repository → path in the site. docs/README.md is for readers of the repository alone."""
    files = [path.relative_to(root).as_posix() for path in (root / "docs").rglob("*") if path.is_file()]
    shown = [file for file in files if file != "docs/README.md" and not file.startswith("docs/man/")]
    return {file: RENAMED.get(file, file.removeprefix("docs/")) for file in sorted([*shown, *AT_THE_ROOT, "README.md"])}


def unescaped(code: re.Match[str]) -> str:
    """A piece of code without the backslash that a repository's viewer needs before a bar in a table."""
    return code[0].replace("\\|", "|")


def with_site_links(text: str, source: str, places: Mapping[str, str]) -> str:
    """A page with the links that lead to other pages changed."""
    here = os.path.dirname(places[source])

    def changed(match: re.Match[str]) -> str:
        target, anchor = match[1], match[2] or ""
        if "://" in target:
            return match[0]
        place = places.get(os.path.normpath(os.path.join(os.path.dirname(source), target)))
        return f"]({os.path.relpath(place, here or '.')}{anchor})" if place else f"]({target})"

    return LINK.sub(changed, text)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
