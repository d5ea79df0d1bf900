"""The user's settings: config.toml and AUTHPIP_* variables, never anything of the working directory (P6).

Stands before every pip: where there is no file, nothing is imported.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from authpip.config.builds import VARIABLE, WORDS, Builds
from authpip.config.rule_variables import PREFIX
from authpip.config.settings import Rule, Settings
from authpip.core.errors import UsageError
from authpip.files import trusted, user_dirs

if TYPE_CHECKING:
    from authpip.config.schema import Document

NAME = "config.toml"
_DEFAULTS = Settings()


def load_settings(environ: Mapping[str, str]) -> Settings:
    """All that the user configured. Raises UsageError for the first thing that is wrong with it."""
    settings, problems = read_settings(environ)
    if problems:
        first, more = problems[0], len(problems) - 1
        remedy = f"{first.remedy}; " if first.remedy and more else first.remedy
        more_to_say = f"{more} more: authpip auth config check" if more else ""
        raise UsageError(first.what, first.why, remedy + more_to_say)
    return settings


def read_settings(environ: Mapping[str, str]) -> tuple[Settings, list[UsageError]]:
    """(settings as far as they can be read, everything that is wrong with them)."""
    problems: list[UsageError] = []
    rules = _variable_rules(environ, problems)
    asked_for = _timeout(environ, problems)
    documents = list(_documents(environ, problems))
    for document in documents:
        rules += document.rules
    problems += _unknown_variables(environ, tuple(rules))
    timeouts = [seconds for seconds in (asked_for, *(d.timeout for d in documents)) if seconds]
    storages = [document.storage for document in documents if document.storage]
    strategies = [document.strategy for document in documents]
    confusions = [document.confusion for document in documents]
    settings = Settings(
        rules=tuple(rules),
        timeout=timeouts[0] if timeouts else _DEFAULTS.timeout,
        storage=storages[0] if storages else _DEFAULTS.storage,
        files=tuple(document.path for document in documents),
        strategy=next(filter(None, strategies), _DEFAULTS.strategy),
        confusion=next(filter(None, confusions), _DEFAULTS.confusion),
        builds=_builds(environ, [document.builds for document in documents if document.builds], problems),
    )
    return settings, problems


def config_paths(environ: Mapping[str, str]) -> list[str]:
    """Where settings are looked for, the most important first; whether a file is there or not."""
    if named := environ.get("AUTHPIP_CONFIG", ""):
        return [] if named == os.devnull else [named]
    directories = [user_dirs.config_dir(environ), *user_dirs.site_config_dirs(environ)]
    return [os.path.join(directory, NAME) for directory in directories if os.path.isabs(directory)]


def _documents(environ: Mapping[str, str], problems: list[UsageError]) -> Iterator[Document]:
    for path in config_paths(environ):
        if not os.path.isabs(path):
            problems.append(
                UsageError(
                    "AUTHPIP_CONFIG is refused", "it is relative to wherever pip is run", "write its absolute path"
                )
            )
            continue
        try:
            file = trusted.read(path)
        except (OSError, ValueError) as error:
            reason = error.strerror or str(error) if isinstance(error, OSError) else "it is not UTF-8 text"
            problems.append(UsageError(f"{path} cannot be read", reason, "correct it, or move it away"))
            continue
        if file is None:
            if environ.get("AUTHPIP_CONFIG"):
                problems.append(
                    UsageError("AUTHPIP_CONFIG names a file that is not there", path, "unset AUTHPIP_CONFIG")
                )
            continue
        if refusal := trusted.writable_by_others(file):
            problems.append(UsageError(f"{path} is not used", refusal.why, refusal.remedy))
            continue
        from authpip.config.schema import read_document

        document, found = read_document(file, environ)
        problems += found
        yield document


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


def _builds(environ: Mapping[str, str], found: list[Builds], problems: list[UsageError]) -> Builds:
    """The first file that has the table; the variable says in its place what is hidden."""
    builds, asked_for = (found or [_DEFAULTS.builds])[0], environ.get(VARIABLE, "")
    if asked_for and asked_for not in WORDS:
        problems.append(UsageError(f"{VARIABLE} is refused", "it is not one of " + ", ".join(WORDS), "correct it"))
    return builds._replace(hide=asked_for) if asked_for in WORDS else builds


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
