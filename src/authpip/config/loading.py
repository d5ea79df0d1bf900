"""Read the user's settings: config.toml and AUTHPIP_* variables, and nothing from the working directory (P6).

This runs before every pip, so the code that reads a file is imported only if there is one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from authpip import __version__
from authpip.config.builds import VARIABLE, WORDS, Builds
from authpip.config.rule_variables import PREFIX
from authpip.config.settings import Overruled, Rule, Settings
from authpip.config.site import UPDATE
from authpip.core.errors import UsageError
from authpip.files import trusted, user_dirs

if TYPE_CHECKING:
    from authpip.config.document import Document

NAME = "config.toml"
_DEFAULTS = Settings()


def load_settings(environ: Mapping[str, str]) -> Settings:
    """All settings of the user. Raises UsageError for the first problem in them."""
    settings, problems = read_settings(environ)
    if problems:
        first, more = problems[0], len(problems) - 1
        remedy = f"{first.remedy}; " if first.remedy and more else first.remedy
        more_to_say = f"{more} more: authpip auth config check" if more else ""
        raise UsageError(first.what, first.why, remedy + more_to_say)
    return settings


def read_settings(environ: Mapping[str, str]) -> tuple[Settings, list[UsageError]]:
    """(the valid settings, all problems)."""
    problems: list[UsageError] = []
    from_variables = tuple(_variable_rules(environ, problems))
    asked_for = _timeout(environ, problems)
    documents = list(_documents(environ, problems))
    if too_old := _too_old(documents):
        return _DEFAULTS._replace(files=tuple(document.path for document in documents)), [too_old]
    rules, overruled = _rules(from_variables, documents, environ)
    problems += _unknown_variables(environ, rules)
    settings = Settings(
        rules=rules,
        timeout=asked_for or _first(documents, "timeout", overruled) or _DEFAULTS.timeout,
        storage=_first(documents, "storage", overruled) or _DEFAULTS.storage,
        files=tuple(document.path for document in documents),
        strategy=_first(documents, "strategy", overruled) or _DEFAULTS.strategy,
        confusion=_first(documents, "confusion", overruled) or _DEFAULTS.confusion,
        builds=_builds(environ, documents, overruled, problems),
        pip=_first(documents, "pip", overruled) or (),
        audit=_first(documents, "audit", overruled),
        overruled=tuple(overruled),
    )
    return settings, problems


def config_paths(environ: Mapping[str, str]) -> list[str]:
    """The paths of all possible configuration files, the most important first, whether the files exist or not.

    The site's fixed path is one of them if XDG_CONFIG_DIRS names it, and otherwise only if a file is there.
    """
    places = _places(environ)
    return [place.path for place in places if not place.is_added or os.path.lexists(place.path)]


def own_config_path(environ: Mapping[str, str]) -> str:
    """The file that authpip may write for the user; "" if AUTHPIP_CONFIG is /dev/null."""
    return next((place.path for place in _places(environ) if not place.is_added), "")


class _Place(NamedTuple):
    """The path of a possible file. is_added: it is the site's fixed path, which the user's variables do not name."""

    path: str
    is_site: bool = False
    is_added: bool = False


def _places(environ: Mapping[str, str]) -> list[_Place]:
    fixed = os.path.join(user_dirs.fixed_site_config_dir(), NAME)
    if named := environ.get("AUTHPIP_CONFIG", ""):
        found = [] if named == os.devnull else [_Place(named, is_site=named == fixed)]
    else:
        user, site = user_dirs.config_dir(environ), user_dirs.site_config_dirs(environ)
        found = [_Place(os.path.join(user, NAME))] if os.path.isabs(user) else []
        found += [_Place(os.path.join(directory, NAME), is_site=True) for directory in site]
    is_named = any(place.path == fixed for place in found)
    found += [] if is_named else [_Place(fixed, is_site=True, is_added=True)]
    return list({place.path: place for place in reversed(found)}.values())[::-1]


def _documents(environ: Mapping[str, str], problems: list[UsageError]) -> Iterator[Document]:
    """The content of each file. If AUTHPIP_CONFIG names another file than the site's, the site's locks still count."""
    named = environ.get("AUTHPIP_CONFIG")
    for place in _places(environ):
        file = _file(place.path, problems, is_named=bool(named) and not place.is_added)
        if file is None:
            continue
        from authpip.config.schema import read_document

        document, found = read_document(file, environ, is_site=place.is_site)
        problems += found
        yield document.locks_alone() if named and place.is_added else document


def _file(path: str, problems: list[UsageError], *, is_named: bool) -> trusted.OwnFile | None:
    """The file, if it exists and can be trusted. is_named: AUTHPIP_CONFIG names it, so it must exist."""
    if not os.path.isabs(path):
        remedy = "write its absolute path"
        problems.append(UsageError("AUTHPIP_CONFIG is refused", "it is relative to wherever pip is run", remedy))
        return None
    try:
        file = trusted.read(path)
    except (OSError, ValueError) as error:
        reason = error.strerror or str(error) if isinstance(error, OSError) else "it is not UTF-8 text"
        problems.append(UsageError(f"{path} cannot be read", reason, "correct it, or move it away"))
        return None
    if file is None:
        if is_named:
            problems.append(UsageError("AUTHPIP_CONFIG names a file that is not there", path, "unset AUTHPIP_CONFIG"))
        return None
    if refusal := trusted.writable_by_others(file):
        problems.append(UsageError(f"{path} is not used", refusal.why, refusal.remedy))
        return None
    return file


def _too_old(documents: Sequence[Document]) -> UsageError | None:
    """The problem if a file requires a newer authpip. It is the only one told: a newer authpip may accept the rest."""
    for minimum in (document.minimum_version for document in documents):
        if minimum and minimum.is_newer_than(__version__):
            why = f"{minimum.configured_in} requires {minimum.text} or newer"
            return UsageError(f"authpip {__version__} is too old", why, f"type: {UPDATE}")
    return None


def _rules(
    from_variables: tuple[Rule, ...], documents: Sequence[Document], environ: Mapping[str, str]
) -> tuple[tuple[Rule, ...], list[Overruled]]:
    """(the rules in their order, what the site's locks overrule)."""
    if not any("rules" in document.locked for document in documents):
        return (*from_variables, *(rule for document in documents for rule in document.rules)), []
    from authpip.config.locks import overruled_variables, unlocked

    rules, overruled = unlocked(from_variables, documents)
    return rules, overruled + overruled_variables(rules, environ)


def _first(documents: Sequence[Document], key: str, overruled: list[Overruled]) -> Any:
    """The value of a key in the first file that sets it; a file that locks the key comes before all others."""
    setting = [document for document in documents if getattr(document, key) not in (None, "")]
    if any(key in document.locked for document in setting):
        from authpip.config.locks import locked_first

        setting, more = locked_first(setting, key)
        overruled += more
    return getattr(setting[0], key) if setting else None


def _variable_rules(environ: Mapping[str, str], problems: list[UsageError]) -> list[Rule]:
    """The rules that variables make, so that CI needs no file."""
    if not any(name.startswith(PREFIX) for name in environ):
        return []
    from authpip.config.schema import read_variables

    rules, found = read_variables(environ)
    problems += found
    return rules


def _unknown_variables(environ: Mapping[str, str], rules: tuple[Rule, ...]) -> list[UsageError]:
    if not any(name.startswith(PREFIX) for name in environ):
        return []
    from authpip.config.schema import unknown_variables

    return unknown_variables(environ, rules)


def _builds(
    environ: Mapping[str, str], documents: Sequence[Document], overruled: list[Overruled], problems: list[UsageError]
) -> Builds:
    """The [builds] table of the first file that has one. The variable replaces `hide`, unless the site locked it."""
    builds: Builds = _first(documents, "builds", overruled) or _DEFAULTS.builds
    asked_for = environ.get(VARIABLE, "")
    if asked_for and asked_for not in WORDS:
        problems.append(UsageError(f"{VARIABLE} is refused", "it is not one of " + ", ".join(WORDS), "correct it"))
    if asked_for not in WORDS or asked_for == builds.hide:
        return builds
    lock = next((document for document in documents if document.builds and "builds" in document.locked), None)
    if lock is None:
        return builds._replace(hide=asked_for)
    why = f"the site has locked it ({lock.places['builds']})"
    overruled.append(Overruled(VARIABLE, VARIABLE, why, "unset it"))
    return builds


def _timeout(environ: Mapping[str, str], problems: list[UsageError]) -> float | None:
    text = environ.get("AUTHPIP_TIMEOUT", "")
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if 0 < seconds <= 3600:
        return seconds
    problems.append(
        UsageError("AUTHPIP_TIMEOUT is refused", "it is not a number of seconds, up to 3600", "e.g. AUTHPIP_TIMEOUT=30")
    )
    return None
