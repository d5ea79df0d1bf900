"""One pip run that uses indexes: discovery → chain → handoff, as an argv and an environment."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from authpip.config.loading import load_settings
from authpip.config.settings import Settings
from authpip.core.console import debug, say, spinner
from authpip.core.credential import Credential, Secret
from authpip.core.errors import UsageError
from authpip.core.index import Index, RefusedURL, Scope, is_index_url, parse_scope, split_userinfo
from authpip.core.protection import protect
from authpip.core.redaction import hide_userinfo
from authpip.core.tool_variables import own
from authpip.discovery import discover
from authpip.discovery.model import Configured, Invocation
from authpip.discovery.password_removal import clean
from authpip.files.user_dirs import working_directory
from authpip.launcher import handoff, index_choice, notices
from authpip.launcher.which_pip import Pip, environment_of
from authpip.programs.search_path import avoiding
from authpip.providers.chain import Answer, resolve
from authpip.storage.audit_trail import record
from authpip.storage.logins import load as load_logins

_PUBLIC = {"pypi.org", "test.pypi.org", "files.pythonhosted.org", "download.pytorch.org", "pypi.nvidia.com"}


class Plan(NamedTuple):
    """One run of pip, before pip starts.

    inline: credentials that the user wrote into URLs, by scope. targets: prefixes of the environments that pip
    changes; authpip starts no program from there.
    """

    invocation: Invocation
    indexes: tuple[Index, ...]
    inline: Mapping[Scope, Credential]
    settings: Settings
    answers: tuple[Answer, ...] = ()
    targets: tuple[str, ...] = ()


def prepare(pip: Pip, arguments: Sequence[str], environ: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """(argv, environment) of the pip to run. Raises AuthpipError if a required credential is missing (P9)."""
    protect()
    if not pip.python:
        from authpip.launcher.version_managers import see_through

        pip = see_through(pip, environ)
    plan = make_plan(pip, arguments, environ)
    for overruled in () if plan.invocation.quiet else plan.settings.overruled:
        say(str(overruled.problem))
    environ = {**environ, **_site_indexes(plan.invocation)}
    if not plan.indexes and not _may_be_needed_late(plan, environ):
        return _plainly(pip, arguments, environ, plan)
    plan = with_answers(plan, environ)
    for answer in plan.answers:
        _judge(answer)
    index_choice.judge(_index_answers(plan), plan.settings, environ, quiet=plan.invocation.quiet)
    if not (plan.invocation.quiet or plan.invocation.unread):
        notices.tell(plan.indexes, plan.settings, own(environ))
    if not any(answer.is_managed for answer in plan.answers) and not _may_be_needed_late(plan, environ):
        return _plainly(pip, arguments, environ, plan)
    return _through_inside_pip(pip, arguments, environ, plan)


def make_plan(pip: Pip, arguments: Sequence[str], environ: Mapping[str, str]) -> Plan:
    """The plan for these arguments, without answers. Raises UsageError for an index URL that is refused (A01-A08)."""
    settings = load_settings(environ)
    withheld = handoff.named_variables(settings)
    cwd = working_directory()
    found = discover(
        [*pip.extra, *arguments], environ, prefix=pip.prefix, cwd=cwd, withheld=withheld, defaults=settings.pip
    )
    return plan_of(found, settings)._replace(targets=_targets(pip, found, cwd))


def _site_indexes(invocation: Invocation) -> dict[str, str]:
    """The site's indexes for pip as PIP_* variables; the user's own settings have none that these would replace."""
    return {"PIP_" + default.key.upper().replace("-", "_"): default.value for default in invocation.defaults}


def _targets(pip: Pip, invocation: Invocation, cwd: str) -> tuple[str, ...]:
    from authpip.discovery.interpreter import executable_of

    other = executable_of(invocation.python, cwd) if invocation.python else None
    return tuple(environment_of(python) for python in (pip.python, other) if python)


def plan_of(invocation: Invocation, settings: Settings) -> Plan:
    """The plan for an Invocation, without answers. Raises UsageError as `make_plan` does."""
    indexes: dict[tuple[Scope, str | None], Index] = {}
    inline: dict[Scope, Credential] = {}
    for configured in (*invocation.indexes, *invocation.find_links, *invocation.links):
        if is_index_url(configured.value):
            index, credential = to_index(configured)
            indexes.setdefault((index.scope, index.username), index)
            if credential:
                inline.setdefault(index.scope, credential)
    return Plan(invocation, tuple(indexes.values()), inline, settings)


def with_answers(plan: Plan, environ: Mapping[str, str]) -> Plan:
    """The plan with an Answer for each of its indexes."""
    interactive = not plan.invocation.no_input and os.isatty(0) and os.isatty(2)
    with spinner("authpip: getting credentials"):
        answers = resolve(
            plan.indexes,
            plan.settings,
            avoiding(environ, plan.targets),
            inline=plan.inline,
            interactive=interactive,
        )
    return plan._replace(answers=tuple(answers))


def to_index(configured: Configured) -> tuple[Index, Credential | None]:
    """The Index for a URL, and the credential in the URL, if any. Raises UsageError for a refused URL."""
    try:  # a value on a line of its own in pip.conf begins with a newline, which pip's requests drops
        url, username, password = split_userinfo(configured.value.strip())
        scope = parse_scope(url)
    except RefusedURL as error:
        raise UsageError(
            f"refusing the URL {hide_userinfo(configured.value)} ({configured.configured_in})",
            str(error),
            "correct it there",
        ) from None
    index = Index(url, scope, configured.configured_in, username or None)
    if password is None:
        return index, None
    return index, Credential(username or "", Secret(password), "url", (username or "") if password else "")


def _plainly(
    pip: Pip, arguments: Sequence[str], environ: Mapping[str, str], plan: Plan
) -> tuple[list[str], dict[str, str]]:
    """(argv, environment) if no index needs a credential. Passwords are removed: no build may see them."""
    if plan.settings.builds.hidden(environ):
        return _through_inside_pip(pip, arguments, environ, plan)
    cleaned, child_environ = clean(arguments, environ)
    return pip.command(cleaned), handoff.without_secrets(child_environ, plan.settings)


def _through_inside_pip(
    pip: Pip, arguments: Sequence[str], environ: Mapping[str, str], plan: Plan
) -> tuple[list[str], dict[str, str]]:
    cleaned, child_environ = clean(arguments, environ)
    for_providers = avoiding(environ, plan.targets)
    logins, command = load_logins(environ), plan.invocation.command
    record(plan.settings, [(one.index.url, one.credential) for one in plan.answers if one.credential], command)
    variables = handoff.encode(plan.answers, plan.settings, logins, for_providers, command=command)
    child_environ = handoff.without_secrets(child_environ, plan.settings)
    child_environ = {name: child_environ[name] for name in child_environ if name not in handoff.START_UP}
    argv = [pip.python, *pip.flags, "-S", handoff.INSIDE_PIP, *pip.target, *pip.extra, *cleaned]
    debug("starting pip with a handoff for " + ", ".join(str(answer.index.scope) for answer in plan.answers))
    return argv, {**child_environ, **variables}


def _index_answers(plan: Plan) -> list[Answer]:
    """The answers for pip's indexes, without those for pages of links and single files."""
    urls = [configured for configured in plan.invocation.indexes if is_index_url(configured.value)]
    scopes = {to_index(configured)[0].scope for configured in urls}
    return [answer for answer in plan.answers if answer.index.scope in scopes]


def _judge(answer: Answer) -> None:
    if answer.error is None:
        return
    if answer.authenticate == "always":
        raise answer.error
    say(f"{answer.error} (going on without a credential: authenticate = {answer.authenticate!r})")


def _may_be_needed_late(plan: Plan, environ: Mapping[str, str]) -> bool:
    """True if pip may need a credential while it runs: for an index that only pip sees and a rule or login serves, or
    from another tool's keyring entry after an index answers 401, which the public indexes never do."""
    if plan.invocation.unread or plan.settings.rules or plan.settings.strategy == "first-index" or load_logins(environ):
        return True
    return any(index.scope.host not in _PUBLIC for index in plan.indexes)
