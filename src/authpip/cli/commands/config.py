"""`auth config show`: the settings in force, and where they are configured. `auth config check`: their problems.

The JSON of both: {"version": 1, "ok", "problems": [{"what", "why", "remedy"}]}. `show` adds "files": [{"path",
"state"}], "settings" (each key of config.toml but the rules), "rules" (each in the form of its file, of a command only
the program, with "weaker_than": [{"name", "configured_in", "why"}], the rules that win if both match) and "overruled":
[{"configured_in", "what", "why", "remedy"}], the user's settings that the site has locked.
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
    """Print the settings or the problems, one on each line; exit status 2 if there are problems."""
    parser = Parser("config", "Show the settings and where they are configured, or check them.")
    parser.add_argument("action", choices=("show", "check"), help="the settings in force, or their problems")
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
    """Print the rules that had no effect so far. They are no problem: a rule may be written before it is used."""
    for rule in settings.rules:
        if is_unmatched(rule, environ):
            print(visible(f"rule {rule.name} has matched no index of any command yet: {rule.configured_in}; {REMEDY}"))


def _verdict(settings: Settings, wrong: bool) -> Iterator[str]:
    if not wrong:
        count = len(settings.rules)
        yield f"{count} {'rule' if count == 1 else 'rules'}, nothing wrong"


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
    """The other rules that win over this one if they match as well, and why."""
    if rule.locked:
        yield "  wins         over each of your own rules: the site has locked it"
    for other, why in stronger(rule, settings.rules):
        yield f"  gives way    to {other.name!r} ({other.configured_in}) if that matches as well: {why}"


def _rule(rule: Rule) -> Iterator[str]:
    """One rule in the form of its file. Of a command only the program is shown: its arguments may be secret."""
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
