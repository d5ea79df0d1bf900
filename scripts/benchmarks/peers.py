"""Commands that use no index, and the same install by everything that people use for a private index today."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from measuring import BIN, Case, Limit, Way, command, run
from places import PASSWORD, USER, Place, place, stored_login

from support.samples import packages

INDEX = "/simple/"
ONE_WHEEL = ("install", "--quiet", "--no-cache-dir", "--no-deps", "thing")


@contextmanager
def launcher() -> Iterator[list[Case]]:
    """What standing in front of pip costs where no index is used: the limit is a second interpreter."""
    with place() as found:
        environ = found.environ
        bare = Way("python -I -S -c pass", lambda: run([sys.executable, "-I", "-S", "-c", "pass"], environ))
        both = [
            Case(
                "commands",
                f"pip {word}",
                [Way(program, command(program, [word], environ)) for program in ("pip", "authpip")],
                Limit(milliseconds=15),
            )
            for word in ("--version", "list")
        ]
        site = Way("python -c pass", lambda: run([sys.executable, "-c", "pass"], environ))
        yield [*both, Case("commands", "an interpreter", [bare, site])]


@contextmanager
def peers() -> Iterator[list[Case]]:
    """One small wheel from a private index into an empty directory; and with two source distributions to build."""
    with place() as found:
        wheels = [packages.wheel(found.base, name) for name in ("thing", "first-tool", "second-tool")]
        report = found.base / "spy.jsonl"
        built = [
            packages.spy_sdist(found.base, f"{name}-built", report, requires=[f"{name}-tool"])
            for name in ("first", "second")
        ]
        found.server.add(INDEX, [*wheels, *built], username=USER, password=PASSWORD)
        with stored_login(found, INDEX) as login:
            if login is None:
                print("without GNOME Keyring: no stored login, and no peer that reads one", file=sys.stderr)
            yield [*_wheel(found, login), *_builds(found, login), *_stored(found, login)]


def _wheel(found: Place, login: Mapping[str, str] | None) -> Iterator[Case]:
    ways = [_pip(found, "pip", "pip, password in the URL", found.plain(INDEX))]
    ways.append(_pip(found, "authpip", "authpip, variables", found.by_rule(INDEX)))
    ways.append(_uv(found, "uv, password in a variable", found.environ))
    if login:
        named = {**login, "PIP_INDEX_URL": found.server.url(INDEX, userinfo=USER)}
        ways.insert(1, _pip(found, "authpip", "authpip", login))
        # pip passes over the keyring command beside itself: a user's own is elsewhere.
        (found.base / "bin").mkdir()
        (found.base / "bin" / "keyring").symlink_to(BIN / "keyring")
        elsewhere = {"PIP_KEYRING_PROVIDER": "subprocess", "PATH": f"{found.base}/bin:{login['PATH']}"}
        ways.append(_pip(found, "pip", "pip + keyring", {**named, "PIP_KEYRING_PROVIDER": "import"}))
        ways.append(_pip(found, "pip", "pip + keyring command", {**named, **elsewhere}))
        ways.append(_uv(found, "uv + keyring command", {**login, **elsewhere, "UV_KEYRING_PROVIDER": "subprocess"}))
    yield Case("install", "one wheel", ways, Limit(milliseconds=40))


def _builds(found: Place, login: Mapping[str, str] | None) -> Iterator[Case]:
    names = ("first-built", "second-built")
    ours = login or found.by_rule(INDEX)
    ways = [
        _pip(found, "pip", "pip, password in the URL", found.plain(INDEX), names),
        _pip(found, "authpip", "authpip", ours, names),
        _uv(found, "uv, password in a variable", found.environ, names),
    ]
    yield Case("install", "two source distributions", ways, Limit(milliseconds=0))


def _stored(found: Place, login: Mapping[str, str] | None) -> Iterator[Case]:
    """What the reading of a stored login costs: the OS keyring beside variables, which need no reading."""
    if login:
        environs = {"variables": found.by_rule(INDEX), "the OS keyring": login}
        asked = ["auth", "token", found.server.url(INDEX)]
        ways = [Way(name, command("authpip", asked, environ)) for name, environ in environs.items()]
        yield Case("credential", "authpip auth token", ways, Limit(milliseconds=15), limited="the OS keyring")


def _pip(
    found: Place, program: str, name: str, environ: Mapping[str, str], wanted: tuple[str, ...] = ("thing",)
) -> Way:
    target = found.base / "target"
    arguments = [*ONE_WHEEL[:-1], "--target", str(target), *wanted]
    return Way(name, command(program, arguments, environ, emptied=target))


def _uv(found: Place, name: str, environ: Mapping[str, str], wanted: tuple[str, ...] = ("thing",)) -> Way:
    """uv with the index as a named one; without a keyring, user name and password are in its variables."""
    target = found.base / "target"
    url = found.server.url(INDEX, userinfo=USER if "UV_KEYRING_PROVIDER" in environ else "")
    own = {"UV_DEFAULT_INDEX": f"corp={url}", "UV_PYTHON_DOWNLOADS": "never"}
    if "UV_KEYRING_PROVIDER" not in environ:
        own |= {"UV_INDEX_CORP_USERNAME": USER, "UV_INDEX_CORP_PASSWORD": PASSWORD}
    arguments = ["pip", "install", "-q", "--no-cache", "--no-deps", "--python", sys.executable]
    arguments += ["--target", str(target), *wanted]
    return Way(name, command("uv", arguments, {**environ, **own}, emptied=target))
