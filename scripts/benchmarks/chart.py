"""A bench's figures as an SVG: two groups of bars, light and dark, nothing loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

WIDTH, LABELS, BAR, GAP, MARGIN = 760, 250, 18, 8, 20
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600; font-size: 15px }
.peer { fill: #9aa4b2 } .ours { fill: #2f6feb } .spread, .one { stroke: #57606a }
.one { stroke-dasharray: 3 3 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .peer { fill: #57606a } .ours { fill: #6ea8fe } .spread, .one { stroke: #adbac7 }
}
"""


class Bar(NamedTuple):
    """One bar: its length and spread in the panel's unit, and the words at its end."""

    label: str
    value: float
    low: float
    high: float
    words: str
    ours: bool


class Panel(NamedTuple):
    """Bars below a title. mark: where a dashed line stands, in the panel's unit."""

    title: str
    bars: Sequence[Bar]
    mark: float | None = None


def drawn(figures: Mapping[str, Any]) -> str:
    """The whole picture, as the text of an SVG file."""
    found = [panel for panel in panels(figures["rows"]) if panel.bars]
    height = MARGIN + sum(_height(panel) for panel in found)
    parts, top = [], MARGIN
    for panel in found:
        parts += list(_panel(panel, top))
        top += _height(panel)
    words = escape(", ".join(f"{bar.label}: {bar.words}" for panel in found for bar in panel.bars))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="t d">'
    about = f'<title id="t">authpip measured beside pip and uv</title><desc id="d">{words}</desc>'
    return "\n".join([head, about, f"<style>{STYLE}</style>", *parts, "</svg>\n"])


def panels(rows: Sequence[Mapping[str, Any]]) -> Iterator[Panel]:
    """The installs in milliseconds, and what grows as authpip's time over pip's."""
    for case in dict.fromkeys(row["case"] for row in rows if row["group"] == "install"):
        bars = [
            Bar(
                row["way"],
                row["seconds"],
                *row["quartiles"],
                f"{1000 * row['seconds']:.0f} ms",
                row["way"].startswith("authpip"),
            )
            for row in rows
            if row["case"] == case
        ]
        yield Panel(f"Install of {case} from a private index", bars)
    grown = [row for row in rows if row["size"] is not None and row["way"] == "authpip"]
    bars = [
        Bar(row["case"], row["times"], row["times"], row["times"], f"{row['times']:.2f} times pip", True)
        for row in grown
    ]
    yield Panel("What grows: time of authpip over time of pip with the password in its URL", bars, mark=1.0)


def _height(panel: Panel) -> int:
    return 34 + len(panel.bars) * (BAR + GAP) + MARGIN


def _panel(panel: Panel, top: int) -> Iterator[str]:
    yield f'<text class="title" x="{MARGIN}" y="{top + 14}">{escape(panel.title)}</text>'
    scale = (WIDTH - LABELS - 150) / max(bar.high for bar in panel.bars)
    start = top + 30
    for place, bar in enumerate(panel.bars):
        end = LABELS + scale * (bar.high if panel.mark is None else max(bar.high for bar in panel.bars))
        yield from _bar(bar, start + place * (BAR + GAP), scale, end)
    if panel.mark is not None:
        x, end = LABELS + panel.mark * scale, start + len(panel.bars) * (BAR + GAP)
        yield f'<line class="one" x1="{x:.1f}" x2="{x:.1f}" y1="{start - 4}" y2="{end}"/>'


def _bar(bar: Bar, y: int, scale: float, end: float) -> Iterator[str]:
    """end: where the words stand."""
    middle, kind = y + BAR / 2, "ours" if bar.ours else "peer"
    yield f'<text x="{LABELS - 8}" y="{middle + 4.5}" text-anchor="end">{escape(bar.label)}</text>'
    yield f'<rect class="{kind}" x="{LABELS}" y="{y}" width="{bar.value * scale:.1f}" height="{BAR}" rx="2"/>'
    if bar.high > bar.low:
        low, high = LABELS + bar.low * scale, LABELS + bar.high * scale
        yield f'<line class="spread" x1="{low:.1f}" x2="{high:.1f}" y1="{middle}" y2="{middle}" stroke-width="2"/>'
    yield f'<text x="{end + 8:.1f}" y="{middle + 4.5}">{escape(bar.words)}</text>'
