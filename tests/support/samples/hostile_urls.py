"""URLs that were made to be read in two ways, or as another host than they have (A01 to A09)."""

from __future__ import annotations

from urllib.parse import quote

CONTROLS = [*(chr(code) for code in (*range(0x20), 0x7F, *range(0x80, 0xA0))), "\u2028", "\u2029"]
DISGUISES = ["\u202e", "\u2066", "\u200d", "\ufeff", "\u3002", "\uff0e", "\uff0f", "\uff1a", "\uff20", "\u2100"]
PLACES = [
    "https://al{}ice@good.example/simple/",
    "https://good{}.example/simple/",
    "https://good.example{}/simple/",
    "https://good.example/sim{}ple/",
]

DELIMITERS = ["\\", " ", "\t", "\n", "\r", "@", ":", "#", "?", "/", "//", "[", "]", "%", ";", "<", ">", '"', "|", "^"]
EVIL = [
    "https://evil.example{}@good.example/simple/",
    "https://good.example{}@evil.example/simple/",
    "https://good.example{}evil.example/simple/",
    "https:{}//good.example/simple/",
    "https://{}good.example/simple/",
    "https://good.example:{}443/simple/",
    "https://good.example:443{}/simple/",
    "https://good.example/{}/simple/",
]

# Two parsers, or a resolver behind them, read these differently; or there is no host in them at all.
REFUSED = [
    *("", "https:", "https://", "https:///x", "https:x", "//x/y", "https:/good.example/", "://good.example/"),
    *("ftp://good.example/", "file:///etc/passwd", "javascript:alert(1)", "good.example/simple", "httpss://x/"),
    *("https://@/x", "https://:@/x", "https://:443/x", "https://?x", "https://#x", "https://user@/x"),
    *("https://good.example:0/", "https://good.example:0443/", "https://good.example:99999/"),
    *("https://good.example:-1/", "https://good.example:\uff14\uff14\uff13/", "https://good.example:443:443/"),
    *("https://good.example:/../", "https://good..example/", "https://.good.example/", "https://good.example./"),
    *("https://-good.example/", "https://good-.example/", "https://go od.example/", "https://good.example\\x/"),
    *("https://0x7f000001/", "https://2130706433/", "https://0177.0.0.1/", "https://127.1/", "https://1.2.3.256/"),
    *("https://127.0.0.1.2/", "https://0x7f.0.0.1/", "https://127.0.0.01/", "https://1.2.3/", "https://a.0x1/"),
    *("https://[::1/", "https://::1/", "https://[::1]x/", "https://[fe80::1%25eth0]/", "https://[::g]/"),
    *("https://[v1.x]/", "https://[127.0.0.1]/", "https://[]/", "https://a[::1]/", "https://[::1]:/x/../"),
    *("https://good.example/a/../b/", "https://good.example/a/./b/", "https://good.example/..", "https://x/.%2e/"),
    *("https://x/%2e%2e/", "https://x/%252e%252e/", "https://x/a%2f..%2fb/", "https://x/..;/b/", "https://x/a/..;x/"),
    *("https://x/%5c../", "https://x/%255c../", "https://x/%5c/", "https://x/%zz/", "https://x/%4/", "https://x/%"),
    *(
        "https://\uff47ood.example/",
        "https://good\u3002example/",
        "https://goo\u0307d.example/ß\\",
        "https://faß.example/",
    ),
    *("http\u017f://good.example/",),  # the long s, which matches an s where case is ignored
    *("https://\u200dgood.example/", "https://good.example\u202e/", "https://good%2eexample/", "https://go%00od/"),
    *("https://" + "a" * 64 + ".example/", "https://" + ".".join(["a" * 60] * 5) + "/", "https://x/" + "a" * 9000),
]

# The same place in another spelling: (URL, the canonical form of what it means).
ACCEPTED = [
    ("https://good.example", "https://good.example/"),
    ("HTTPS://Good.Example/Simple", "https://good.example/Simple/"),
    ("https://good.example:443/simple/", "https://good.example/simple/"),
    ("http://good.example:80/simple/", "http://good.example/simple/"),
    ("https://good.example:8443/x", "https://good.example:8443/x/"),
    ("https://alice:secret@good.example/x", "https://good.example/x/"),
    ("https://good.example:x@other.example/", "https://other.example/"),
    ("https://good.example@other.example/", "https://other.example/"),
    ("https://a%40good.example@other.example/", "https://other.example/"),
    ("https://good.example/%73imple/", "https://good.example/simple/"),
    ("https://good.example/a%2fb/", "https://good.example/a%2Fb/"),
    ("https://good.example/a b".replace(" ", "%20"), "https://good.example/a%20b/"),
    ("https://good.example/x?y=z#w", "https://good.example/x/"),
    ("https://good.example//x//", "https://good.example//x//"),
    ("https://good.example/a;b/", "https://good.example/a;b/"),
    ("https://[::1]:8080/x", "https://[::1]:8080/x/"),
    ("https://[0:0::0:1]/", "https://[::1]/"),
    ("https://127.0.0.1:8080/", "https://127.0.0.1:8080/"),
    ("https://a_b.example/", "https://a_b.example/"),
    ("https://xn--bcher-kva.example/", "https://xn--bcher-kva.example/"),
]


def corpus() -> list[str]:
    """Every fixed URL, each once."""
    found = [*REFUSED, *(url for url, _ in ACCEPTED)]
    for place in PLACES:
        for letter in (*CONTROLS, *DISGUISES):
            once = quote(letter)
            found += [place.format(text) for text in (letter, once, once.replace("%", "%25"))]
    for place in EVIL:
        for one in ("", *DELIMITERS):
            for two in ("", *DELIMITERS[:10]):
                found += [place.format(one + two), place.format(quote(one, safe="") + two)]
    return list(dict.fromkeys(found))
