"""The files that pages of an index link to: one number a link, compared when pip asks for a file.

A page may have tens of thousands of links, and pip asks for one or two of them.
"""

import os
from array import array
from bisect import bisect_left

from _authpip_inside import scope as scopes

# What a distribution's file is called (pip's utils.filetypes).
FILES = (
    *(".whl", ".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz"),
    *(".tar.xz", ".txz", ".tlz", ".tar.lz", ".tar.lzma"),
)
METADATA = ".metadata"  # beside a file (PEP 658)
SALT = os.urandom(16).hex()  # so that nobody can look for a path with the number of another one


class LinkedFiles:
    """Which page linked to a file; an owner is whatever goes with the requests for that page."""

    def __init__(self):
        self.pages = []

    def add(self, owner, origin, links):
        """Remember the files of a page. origin: (scheme, host, port) of the owner; links: pip's Link objects."""
        is_same, numbers = _SameOrigin(origin), []
        for link in links:
            url = link.url
            start = url.find("/", 8)
            if is_same[url[:start]]:
                path, _, fragment = url[start:].partition("#")
                path = path.partition("?")[0] if "?" in path else path
                if "=" in fragment or path.lower().endswith(FILES):
                    numbers.append(hash(SALT + path))
        if numbers:
            numbers.sort()
            self.pages.append((origin, array("q", numbers), owner))

    def owner_of(self, origin, url):
        """The owner of the newest page that links to the file at this URL, on the owner's own origin; or None.

        The metadata beside a file goes with that file.
        """
        path = url[url.find("/", 8) :].partition("?")[0]
        number = hash(SALT + (path[: -len(METADATA)] if path.endswith(METADATA) else path))
        for page_origin, numbers, owner in reversed(self.pages):
            if page_origin == origin:
                place = bisect_left(numbers, number)
                if place < len(numbers) and numbers[place] == number:
                    return owner
        return None


class _SameOrigin(dict):
    """Whether "scheme://authority" is this origin: a page has many links, and few origins."""

    def __init__(self, origin):
        super().__init__()
        self.origin = origin

    def __missing__(self, text):
        self[text] = answer = (scopes.parse(text) or ())[:3] == self.origin
        return answer
