"""hatch publish: HATCH_INDEX_USER, HATCH_INDEX_AUTH. Its other commands start pip or uv, which go through the shims.

publish builds nothing, so no build inherits the variables.
"""

from __future__ import annotations

from authpip.cli.tools.call import Call, Prepared, pair
from authpip.cli.tools.trusted_publishing import upload_pair
from authpip.discovery.model import Configured
from authpip.files.pypirc import DEFAULTS

NAMES = ("hatch",)
_NAMED = {"main": DEFAULTS["pypi"], "test": DEFAULTS["testpypi"]}


def prepare(call: Call) -> Prepared:
    """The credential of the repository, unless the user has given one."""
    given = call.option("-a", "--auth") or call.environ.get("HATCH_INDEX_AUTH")
    if "publish" not in call.argv or given:
        return Prepared(call.argv, shims=True)
    name = call.option("-r", "--repo") or call.environ.get("HATCH_INDEX_REPO") or "main"
    url = _NAMED.get(name, name)
    if "://" not in url:
        return Prepared(call.argv)
    [(url, credential)] = call.ask([Configured(url, "hatch publish")])
    found = pair(credential, "hatch") if credential else upload_pair(url, call)
    if found is None:
        return Prepared(call.argv)
    username, password = found
    variables = {"HATCH_INDEX_REPO": url, "HATCH_INDEX_USER": username, "HATCH_INDEX_AUTH": password}
    return Prepared(call.without("-r", "--repo"), variables)
