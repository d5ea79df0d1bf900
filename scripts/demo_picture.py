#!/usr/bin/env python3
"""Draw docs/pictures/demo.svg from a real run of scripts/demo.

    scripts/demo_picture.py

tests/acceptance/test_demo.py runs the demo, too, and fails where the picture shows another text.
"""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from xml.sax.saxutils import escape, unescape

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "pictures" / "demo.svg"
CHARACTER, LINE, MARGIN = 7.83, 19, 20  # pixels; textLength holds the width whichever font there is
COLOUR = re.compile("\x1b\\[[\\d;]*m")
COLOURS = {"1": "title", "31;1": "bad", "32": "good"}
STYLE = """
  rect { fill: #f6f8fa; stroke: #d0d7de } text { fill: #24292f; font: 13px ui-monospace, Menlo, Consolas, monospace;
  white-space: pre } .title { font-weight: bold } .bad { fill: #b3261e; font-weight: bold } .good { fill: #1a7f37 }
  @media (prefers-color-scheme: dark) { rect { fill: #161b22; stroke: #30363d } text { fill: #e6edf3 }
  .bad { fill: #ff7b72 } .good { fill: #56d364 } }
"""


def main() -> int:
    """Run the demo, and draw what it printed."""
    printed, status = run_in_terminal([sys.executable, str(ROOT / "scripts" / "demo")])
    if status:
        sys.exit(printed)
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(draw(story(printed)), "utf-8")
    print(PICTURE)
    return 0


def run_in_terminal(argv: list[str]) -> tuple[str, int]:
    """What a program prints to a terminal, with its colours; its exit status."""
    mine, its = pty.openpty()
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=its, stderr=its) as child:
        os.close(its)
        printed = bytearray()
        while True:
            try:
                printed += os.read(mine, 65536)
            except OSError:  # the terminal's other end is closed
                break
        os.close(mine)
    return printed.decode().replace("\r\n", "\n"), child.returncode


def story(printed: str) -> list[str]:
    """The lines of a run without those about making its environment, and without what differs from run to run."""
    lines = printed.splitlines()
    first = next(number for number, line in enumerate(lines) if "A private index on loopback" in line)
    return [re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1", line).rstrip() for line in lines[first:]]


def draw(lines: list[str]) -> str:
    """An SVG whose lines are texts; its description is the whole run."""
    plain = [without_colours(line) for line in lines]
    width = round(max(map(len, plain)) * CHARACTER + 2 * MARGIN)
    height = len(lines) * LINE + 2 * MARGIN
    rows = [row(line, MARGIN + LINE * (number + 1) - 5) for number, line in enumerate(lines) if line]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img">'
    described = f"<title>A run of scripts/demo</title>\n<style>{STYLE}</style>"
    frame = f'<rect x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="6"/>'
    return "\n".join([head, described, frame, *rows, "</svg>", ""])


def row(line: str, y: int) -> str:
    """One line as a text element; its coloured parts as spans of it."""
    parts = re.split("\x1b\\[([\\d;]*)m", line)
    spans = [escape(parts[0])]
    for code, text in zip(parts[1::2], parts[2::2], strict=True):
        spans.append(f'<tspan class="{COLOURS[code]}">{escape(text)}</tspan>' if code in COLOURS else escape(text))
    length = round(len(COLOUR.sub("", line)) * CHARACTER, 1)
    return f'<text x="{MARGIN}" y="{y}" xml:space="preserve" textLength="{length}">{"".join(spans)}</text>'


def without_colours(line: str) -> str:
    """The line as a pipe gets it."""
    return COLOUR.sub("", line).rstrip()


def shown(picture: str) -> list[str]:
    """The lines that a picture shows, without blank ones."""
    texts = re.findall(r"<text [^>]*>(.*?)</text>", picture)
    return [unescape(re.sub("<[^>]*>", "", text)).rstrip() for text in texts]


if __name__ == "__main__":
    sys.exit(main())
