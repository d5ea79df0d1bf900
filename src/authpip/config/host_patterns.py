"""Host patterns of rules and logins: `*.corp.example`, for all names below corp.example, but not for itself."""

from __future__ import annotations

from authpip.core.index import RefusedURL, parse_scope

# Public suffixes: anyone can register a name below these (publicsuffix.org lists some 10,000; these are the likely
# ones for package indexes). A wildcard must stand below one of them by a label at least.
_SECOND_LEVELS = frozenset(
    {"ac", "co", "com", "edu", "gov", "gob", "go", "ltd", "me", "mil", "ne", "net", "nom", "or", "org", "plc", "sch"}
)
"""`co.uk` and the like: below a top-level domain of two letters."""
PUBLIC_SUFFIXES = frozenset(
    {
        "amazonaws.com",
        "appspot.com",
        "azureedge.net",
        "azurestaticapps.net",
        "azurewebsites.net",
        "bitbucket.io",
        "blob.core.windows.net",
        "blogspot.com",
        "cloudapp.net",
        "cloudfront.net",
        "cloudfunctions.net",
        "core.windows.net",
        "digitaloceanspaces.com",
        "duckdns.org",
        "dyndns.org",
        "elasticbeanstalk.com",
        "firebaseapp.com",
        "fly.dev",
        "github.io",
        "githubusercontent.com",
        "gitlab.io",
        "glitch.me",
        "googleapis.com",
        "herokuapp.com",
        "hf.space",
        "hopto.org",
        "jfrog.io",
        "myshopify.com",
        "netlify.app",
        "ngrok-free.app",
        "ngrok.app",
        "ngrok.dev",
        "ngrok.io",
        "nip.io",
        "no-ip.org",
        "on.aws",
        "onrender.com",
        "pages.dev",
        "pkg.dev",
        "pythonanywhere.com",
        "r2.dev",
        "railway.app",
        "readthedocs.io",
        "repl.co",
        "run.app",
        "s3.amazonaws.com",
        "sslip.io",
        "surge.sh",
        "trycloudflare.com",
        "vercel.app",
        "visualstudio.com",
        "vpce.amazonaws.com",
        "web.app",
        "web.core.windows.net",
        "windows.net",
        "workers.dev",
        "xip.io",
    }
)
_REGIONAL_SUFFIXES = (("amazonaws", "com"), ("on", "aws"))
"""All names below these: `s3.REGION.amazonaws.com`, `lambda-url.REGION.on.aws` and many more."""


def canonical(pattern: str) -> str:
    """The pattern in lower-case A-labels. Raises RefusedURL, which says why, if it is too wide or malformed."""
    if not pattern.startswith("*."):
        if "*" in pattern:
            raise RefusedURL('a "*" stands for whole labels, and only at the beginning: *.corp.example')
        return _host(pattern)
    suffix = _host(pattern[2:]) if "*" not in pattern[2:] else ""
    if not suffix:
        raise RefusedURL('a "*" stands for whole labels, and only at the beginning: *.corp.example')
    if suffix.count(".") < 1 or suffix.rsplit(".", 1)[1].isdigit():
        raise RefusedURL("it is too wide: at least two labels must follow the *")
    if is_public_suffix(suffix):
        raise RefusedURL(f"it is too wide: anyone can register a name below {suffix}")
    return f"*.{suffix}"


def is_public_suffix(name: str) -> bool:
    """True for `co.uk`, `github.io` and the like: anyone can register a name below it."""
    labels = tuple(name.split("."))
    if name in PUBLIC_SUFFIXES or len(labels) == 1:
        return True
    if len(labels) == 2:
        return len(labels[1]) == 2 and labels[0] in _SECOND_LEVELS
    return labels[-2:] in _REGIONAL_SUFFIXES


def host_matches(pattern: str, host: str) -> bool:
    """True if the pattern matches: `*.corp.example` matches names below corp.example; a host matches only itself."""
    if pattern.startswith("*."):
        return host.endswith(pattern[1:]) and len(host) > len(pattern) - 1
    return host == pattern


def _host(name: str) -> str:
    if any(mark in name for mark in ":/?#@[]"):
        raise RefusedURL("it is not the name of a host; for a port or a path write url = …")
    return parse_scope(f"https://{name}/").host
