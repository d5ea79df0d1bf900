"""flit publish: FLIT_INDEX_URL, FLIT_USERNAME, FLIT_PASSWORD. flit itself builds, and may import the project."""

from __future__ import annotations

from authpip.cli.tools.call import Call, Prepared, pair
from authpip.cli.tools.trusted_publishing import upload_pair
from authpip.discovery.model import Configured
from authpip.files.pypirc import DEFAULTS

NAMES = ("flit",)


def prepare(call: Call) -> Prepared:
    """The credential of the repository, unless the user has given one."""
    if "publish" not in call.argv or call.environ.get("FLIT_PASSWORD"):
        return Prepared(call.argv, shims=True)
    name = call.option("--repository") or ("" if call.environ.get("FLIT_INDEX_URL") else "pypi")
    url = DEFAULTS.get(name) or call.environ.get("FLIT_INDEX_URL") or ""
    if name not in {"", *DEFAULTS} or "://" not in url:
        return Prepared(call.argv)  # a section of .pypirc, which flit reads by itself
    [(url, credential)] = call.ask([Configured(url, "flit publish")])
    found = pair(credential, "flit") if credential else upload_pair(url, call)
    if found is None:
        return Prepared(call.argv)
    return Prepared(
        call.without("--repository"), {"FLIT_INDEX_URL": url, "FLIT_USERNAME": found[0], "FLIT_PASSWORD": found[1]}
    )
