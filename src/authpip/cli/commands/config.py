"""`auth config show`: what is in force, and from where. `auth config check`: what is wrong with it.

The JSON of both: {"version": 1, "ok", "problems": [{"what", "why", "remedy"}]}; show has besides "files": [{"path",
"state"}], "settings" (each key of config.toml but the rules), "rules" (each as its file would have it; of a command the
program alone; with "weaker_than": [{"name", "configured_in", "why"}], the rules that win over it where both match) and
"overruled": [{"configured_in", "what", "why", "remedy"}], what the site has locked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from authpip.cli.arguments import Parser
from authpip.cli.report import as_text
from authpip.cli.report.explanation import error_json
from authpip.cli.report.settings_json import file_state, settings_json
from authpip.config.builds import VARIABLE
from authpip.config.loading import config_paths, read_settings
from authpip.config.precedence import stronger
from authpip.config.settings import Rule, Settings
from authpip.config.unread_variables import unread_variables
from authpip.core.redaction import shown_url, visible
from authpip.launcher.notices import REMEDY, is_unmatched

WRONG = 2


def run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Print the settings, or the problems one a line; 2 where there are any."""
    parser = Parser("config", "Show what is configured, and from where; or check it.")
    parser.add_argument("action", choices=("show", "check"), help="what is in force, or what is wrong with it")
    parser.add_argument("--json", action="store_true", help="the same as JSON; never a secret")
    options = parser.parse(arguments)
    action = options.action
    settings, problems = read_settings(environ)
    if action == "check":
        problems += [*unread_variables(environ, settings), *(one.problem for one in settings.overruled)]
    if options.json:
        shown = settings_json(settings, environ) if action == "show" else {}
        found = [error_json(problem) for problem in problems]
        as_text.print_json({"version": 1, "ok": not problems, **shown, "problems": found})
        return WRONG if problems else 0
    lines = _shown(settings, environ) if action == "show" else _verdict(settings, bool(problems))
    for line in lines:
        print(visible(line))
    for problem in problems:
        print(visible(str(problem)))
    if action == "check":
        _print_unmatched(settings, environ)
    return WRONG if problems else 0


def _print_unmatched(settings: Settings, environ: Mapping[str, str]) -> None:
    """Rules without effect so far: no error, for a rule may be written before it is used."""
    for rule in settings.rules:
        if is_unmatched(rule, environ):
            print(visible(f"rule {rule.name} has matched no index of any command yet: {rule.configured_in}; {REMEDY}"))


def _verdict(settings: Settings, wrong: bool) -> Iterator[str]:
    if not wrong:
        yield f"{len(settings.rules)} rules, nothing wrong"


def _shown(settings: Settings, environ: Mapping[str, str]) -> Iterator[str]:
    for path in config_paths(environ):
        yield f"{path}: {file_state(path, settings)}"
    default = Settings()
    by_file = "default" if settings.timeout == default.timeout else "config.toml"
    yield f"timeout = {settings.timeout:g} s ({'AUTHPIP_TIMEOUT' if environ.get('AUTHPIP_TIMEOUT') else by_file})"
    yield f"storage = {settings.storage} ({'default' if settings.storage == default.storage else 'config.toml'})"
    builds = settings.builds
    by = VARIABLE if environ.get(VARIABLE) else "default" if builds == default.builds else "config.toml"
    yield f"builds.hide = {builds.hide} ({by})" + (f", but not {', '.join(builds.keep)}" if builds.keep else "")
    yield f"strategy = {settings.strategy}, confusion = {settings.confusion}"
    yield from _of_the_site(settings)
    for rule in settings.rules:
        yield from ("", *_rule(rule), *_standing(rule, settings))


def _of_the_site(settings: Settings) -> Iterator[str]:
    for default in settings.pip:
        yield f"pip.{default.key} = {shown_url(default.value)} ({default.configured_in})"
    if (trail := settings.audit) is not None:
        places = " and ".join([trail.file] * bool(trail.file) + ["syslog"] * trail.syslog)
        yield f"audit trail = {places}, on-error = {trail.on_error} ({trail.configured_in})"
    for one in settings.overruled:
        yield str(one.problem)


def _standing(rule: Rule, settings: Settings) -> Iterator[str]:
    """Which other rules win where they match, too, and why."""
    if rule.locked:
        yield "  wins         over any rule of yours: the site has locked it"
    for other, why in stronger(rule, settings.rules):
        yield f"  gives way    to {other.name!r} ({other.configured_in}) where that matches, too: {why}"


def _rule(rule: Rule) -> Iterator[str]:
    """One rule as its file would have it. Of a command the program alone: its arguments may be secret."""
    yield f"[{rule.name}]  {rule.configured_in}"
    yield f"  matches      {rule.scope or ', '.join(rule.hosts)}"
    yield f"  provider     {rule.provider or 'any'}"
    yield f"  authenticate {rule.authenticate}, {rule.scheme}{', also over http' if rule.allow_http else ''}"
    if rule.username:
        yield f"  username     {rule.username}"
    if rule.packages:
        yield f"  packages     {', '.join(rule.packages)}"
    if rule.links != "same-origin":
        yield f"  links        {rule.links}"
    only = ", index-only" if rule.index_only else ""
    yield f"  required     {'true' if rule.is_required else 'false'}{only}"
    for provider, options in rule.options.items():
        for key, value in options.items():
            yield f"  {provider}.{key} = {value.split()[0] + ' …' if key == 'run' else value}"
    yield f"  variables    {rule.variable_prefix}USERNAME, {rule.variable_prefix}PASSWORD"
