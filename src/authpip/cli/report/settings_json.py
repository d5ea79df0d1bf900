"""The settings in force as JSON, without a secret: part of `auth config show --json`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from authpip.config.loading import config_paths
from authpip.config.precedence import stronger
from authpip.config.settings import Rule, Settings
from authpip.core.redaction import visible

_APART = frozenset({"rules", "files", "overruled"})


def settings_json(settings: Settings, environ: Mapping[str, str]) -> dict[str, Any]:
    """{"files", "settings", "rules", "overruled"}, with all fields of Settings and Rule."""
    return {
        "files": [{"path": visible(path), "state": file_state(path, settings)} for path in config_paths(environ)],
        "settings": {key: _plain(value) for key, value in settings._asdict().items() if key not in _APART},
        "rules": [rule_json(rule) | {"weaker_than": _stronger(rule, settings)} for rule in settings.rules],
        "overruled": [
            {key: visible(getattr(one, key)) for key in ("configured_in", "what", "why", "remedy")}
            for one in settings.overruled
        ],
    }


def rule_json(rule: Rule) -> dict[str, Any]:
    """One rule. url: its scope. Of a command in its options only the program is shown."""
    shown = {key: _plain(value) for key, value in rule._asdict().items() if key not in {"scope", "options"}}
    options = {
        provider: {key: _program(value) if key == "run" else _plain(value) for key, value in table.items()}
        for provider, table in rule.options.items()
    }
    return {
        **shown,
        "url": str(rule.scope) if rule.scope else None,
        "required": rule.is_required,
        "options": options,
        "variable_prefix": rule.variable_prefix,
    }


def _stronger(rule: Rule, settings: Settings) -> list[dict[str, str]]:
    return [
        {"name": other.name, "configured_in": visible(other.configured_in), "why": why}
        for other, why in stronger(rule, settings.rules)
    ]


def file_state(path: str, settings: Settings) -> str:
    """Whether a file of `config_paths` is in force: "read", "not used" (it has a problem) or "not there"."""
    return "read" if path in settings.files else "not used" if os.path.lexists(path) else "not there"


def _program(command: str) -> str:
    return f"{command.split()[0]} …" if command.split() else ""


def _plain(value: Any) -> Any:
    """A value in the types of JSON; a text on one line."""
    if hasattr(value, "_asdict"):
        return {key: _plain(part) for key, part in value._asdict().items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    return visible(value) if isinstance(value, str) else value
