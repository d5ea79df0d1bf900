"""The options of pip's commands: what each is called, whether it takes a value, and which pips know it.

Each line has one option, or several with "|" between them. An option has its names, of which authpip uses the first
long one; "=" if it takes a value, "+" if its values make a list, "!" if those of several configuration sources do;
">22.2": the first pip that has it; "<25.3": the first that does not. A test compares this with the tables of real pips.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

PIP_VERSIONS = (
    *((99, 0), (26, 2), (26, 1), (25, 3), (25, 2), (25, 0), (23, 0)),
    *((22, 3), (22, 2), (22, 1), (22, 0), (21, 2), (20, 3)),
)
"""One version of pip for each period between two changes of the table, the newest first."""


class Option(NamedTuple):
    """One option. name: its first long name without dashes. kind: "", "=", "+" or "!" as in the table."""

    name: str
    kind: str


GENERAL = """
-h --help
--debug >21.1
--isolated
--require-virtualenv --require-venv
--python = >22.3
-v --verbose | -q --quiet
--log --log-file --local-log =
--no-input | --keyring-provider = >23.1
--proxy = | --no-proxy-env >26.2
--retries = | --timeout --default-timeout =
--exists-action + | --trusted-host +
--cert = | --client-cert = | --cache-dir =
--no-cache-dir | --disable-pip-version-check | --no-color | --no-python-version-warning
--use-feature + | --use-deprecated +
--resume-retries = >25.1
"""

MAIN = GENERAL + "-V --version\n"

INDEX = """
-i --index-url --pypi-url =
--extra-index-url +
--no-index
-f --find-links +
--refresh-package ! >26.2
--uploaded-prior-to ! >26.0
"""

SELECTION = """
--pre
--all-releases ! >26.0 | --only-final ! >26.0
--no-binary ! | --only-binary !
"""

TARGET = """
--platform + | --python-version ! | --implementation = | --abi +
"""

REQUIREMENTS = """
-r --requirement +
-c --constraint +
--build-constraint + >25.3
--requirements-from-script + >26.0
--group ! >25.1
--no-deps --no-dependencies
--only-deps --only-dependencies >26.2
--src --source --source-dir --source-directory !
--no-build-isolation | --use-pep517
--no-use-pep517 <25.3
--check-build-dependencies >22.1
--require-hashes
--no-require-hashes >26.2
--progress-bar =
--no-clean
--prefer-binary
"""

LEGACY = """
--global-option + <25.3
-b --build --build-dir --build-directory = <21.1
"""

BUILDING = """
--ignore-requires-python
-e --editable +
--config-settings ! >22.1 <23.1
-C --config-settings ! >23.1
"""

_VERSION_IN_COMMANDS = "-V --version <26.3\n"
_COMMON = GENERAL + _VERSION_IN_COMMANDS + INDEX + SELECTION

COMMANDS = {
    "install": _COMMON
    + TARGET
    + REQUIREMENTS
    + LEGACY
    + BUILDING
    + """
--dry-run >22.2
-t --target =
--user | --no-user | --root = | --prefix =
-U --upgrade | --upgrade-strategy = | --force-reinstall
-I --ignore-installed
--break-system-packages >23.0
--compile | --no-compile | --no-warn-script-location | --no-warn-conflicts
--root-user-action = >22.1
--report = >22.2
--install-option + <23.1
""",
    "download": _COMMON
    + TARGET
    + REQUIREMENTS
    + LEGACY
    + """
--ignore-requires-python >21.0
-d --dest --destination-dir --destination-directory =
""",
    "wheel": _COMMON
    + REQUIREMENTS
    + LEGACY
    + BUILDING
    + """
-w --wheel-dir =
--no-verify
--build-option + <25.3
""",
    "lock": _COMMON + REQUIREMENTS + BUILDING + "-o --output =\n",
    "index": _COMMON + TARGET + "--ignore-requires-python\n--prefer-binary >26.0\n--json >25.1\n",
    "list": GENERAL
    + _VERSION_IN_COMMANDS
    + INDEX
    + """
--pre
--all-releases ! >26.0 | --only-final ! >26.0
--no-binary ! >26.0 | --only-binary ! >26.0
-o --outdated | -u --uptodate
-e --editable | -l --local | --user | --path + | --format = | --not-required
--exclude-editable | --include-editable | --exclude +
--prefer-binary >26.0
""",
    "search": GENERAL + _VERSION_IN_COMMANDS + "-i --index =\n",
    "uninstall": GENERAL
    + _VERSION_IN_COMMANDS
    + """
-r --requirement + | -y --yes
--root-user-action = >22.1 | --break-system-packages >23.0
""",
}

# The options that a line of a requirements file may have.
FILE = """
-i --index-url --pypi-url =
--extra-index-url +
--no-index
-c --constraint +
-r --requirement +
-e --editable +
-f --find-links +
--no-binary ! | --only-binary !
--prefer-binary
--require-hashes
--no-require-hashes >26.2
--pre
--all-releases ! >26.0 | --only-final ! >26.0
--trusted-host + | --use-feature + | --hash !
-C --config-settings ! >23.1
--global-option + <25.3 | --install-option + <23.1
"""


@cache
def options(text: str, version: tuple[int, int]) -> dict[str, Option]:
    """The options in a table, by each name (`-i`, `--index-url`, …) that this version of pip knows."""
    table = {}
    for line in text.replace("|", "\n").splitlines():
        names, kind, known = [], "", True
        for word in line.split():
            if word[0] == "-":
                names.append(word)
            elif word[0] in "<>":
                known = known and _holds(word, version)
            else:
                kind = word
        if names and known:
            option = Option(next(name[2:] for name in names if name[:2] == "--"), kind)
            table.update(dict.fromkeys(names, option))
    return table


def _holds(bound: str, version: tuple[int, int]) -> bool:
    limit = tuple(map(int, bound[1:].split(".")))
    return version >= limit if bound[0] == ">" else version < limit
