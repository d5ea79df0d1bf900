"""HTML of an index, or of what stands in its place."""

from __future__ import annotations

from html.parser import HTMLParser


class Page(HTMLParser):
    """A parser that no page makes fail."""

    def read(self, text: str) -> None:
        """Parse it, or what comes before a declaration that html.parser cannot read (`<![;`)."""
        try:
            self.feed(text)
        except AssertionError:  # _markupbase.py of Python up to 3.13
            return
