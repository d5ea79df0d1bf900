"""What one pip command would use, and why: the facts behind `auth explain`, and their JSON.

The JSON is an interface: keys are added, never renamed or removed, while `version` stays 1.

    version       1
    pip           {"command": argv without the user's arguments, "version", "python", "python_version",
                  "environment": the one that is changed if --python names another; else null}
    arguments     pip's arguments, with passwords in URLs replaced by ****
    starts        false if a missing credential would stop pip
    note          why there are no indexes; "" if there are
    config_files  authpip's configuration files that are in force
    proxy, cert   pip's own settings for every request; null if they are not set
    unread        [{"url", "configured_in"}]: files that only pip can read (remote requirements files, pipes); pip
                  asks for the indexes that they name when it reads them
    indexes       in pip's order: [{
      kind          "index", "find-links" or "link" (a direct reference, a remote requirements file)
      url           without userinfo, query and path tokens
      configured_in where it was configured: "--index-url", "PIP_INDEX_URL", "/etc/pip.conf:3"
      scope         where its credential may be sent; null for a local path
      state         "credential", "anonymous", "never" (a rule says so), "no-credential" (pip would not start), "local"
      provider, identity, scheme    of the credential; null without one
      expires       POSIX seconds; null if it is not known
      other_users   further users with a stored login for the same URL
      authenticate  "always", "auto" or "never"; null for a local path
      rule          {"name", "configured_in"} of the rule that matches; or null
      tried         [{"provider", "outcome"}] in the order they were asked
      error         {"what", "why", "remedy"} or null
    }]
    names         which index may serve each project that the command names, or --name, as routes.py describes it
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from authpip.config.loading import load_settings
from authpip.core.errors import AuthpipError
from authpip.core.index import is_index_url
from authpip.core.redaction import shown_identity, shown_url, visible
from authpip.discovery import discover
from authpip.discovery.commands import uses_index
from authpip.discovery.model import Configured
from authpip.files.user_dirs import working_directory
from authpip.launcher.plan import Plan, make_plan, plan_of, to_index, with_answers
from authpip.launcher.version_managers import see_through
from authpip.launcher.which_pip import Pip
from authpip.programs.run import run
from authpip.providers.chain import Answer
from authpip.storage import logins

_ASK = "import platform, pip; print(platform.python_version(), pip.__version__)"
_PATIENCE = 10.0  # seconds for an interpreter to say its version


class Entry(NamedTuple):
    """One index, page or file that pip would look at. answer: None for a local path, which needs no credential."""

    kind: str
    configured: Configured
    answer: Answer | None = None
    other_users: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """The `state` in the JSON above."""
        answer = self.answer
        if answer is None:
            return "local"
        if answer.error is not None and answer.authenticate == "always":
            return "no-credential"
        if answer.credential is not None:
            return "credential"
        return "never" if answer.authenticate == "never" else "anonymous"


class Explanation(NamedTuple):
    """Everything that explain shows. plan: None if pip runs without authpip; note says why."""

    pip: Pip
    arguments: Sequence[str]
    note: str = ""
    plan: Plan | None = None
    entries: Sequence[Entry] = ()
    versions: tuple[str | None, str | None] = (None, None)

    def __repr__(self) -> str:
        """Without the arguments, which may have passwords in them."""
        return f"Explanation({self.pip!r}, note={self.note!r}, entries={self.entries!r})"

    @property
    def starts(self) -> bool:
        """False if a required credential is missing: pip would not start (P9)."""
        return all(entry.state != "no-credential" for entry in self.entries)


def explain(pip: Pip, arguments: Sequence[str], environ: Mapping[str, str]) -> Explanation:
    """What `pip ARGUMENTS…` would use. Raises AuthpipError for an error that stops pip before any provider is asked."""
    pip = see_through(pip, environ)
    explanation = Explanation(pip, arguments, versions=versions(pip, environ))
    if environ.get("AUTHPIP_DISABLE") == "1":
        return explanation._replace(note="AUTHPIP_DISABLE=1: the plain pip runs")
    if not uses_index([*pip.extra, *arguments], environ):
        return explanation._replace(note="this command uses no index: the plain pip runs at once")
    plan = with_answers(make_plan(pip, arguments, environ), environ)
    note = "" if plan.indexes else "there is no remote index to ask"
    return explanation._replace(plan=plan, entries=entries(plan, environ), note=note)


def explain_urls(pip: Pip, urls: Sequence[str], environ: Mapping[str, str]) -> Explanation:
    """An explanation of these index URLs only, as for `pip install`. Raises AuthpipError as `explain` does."""
    pip = see_through(pip, environ)
    named = tuple(Configured(url, "command line") for url in urls)
    for configured in named:
        to_index(configured)  # raises for a refused URL
    invocation = discover([*pip.extra, "install"], environ, prefix=pip.prefix, cwd=working_directory())
    alone = invocation._replace(indexes=named, find_links=(), links=(), unread=())
    plan = with_answers(plan_of(alone, load_settings(environ))._replace(targets=(pip.prefix,)), environ)
    return Explanation(pip, ["install"], plan=plan, entries=entries(plan, environ), versions=versions(pip, environ))


def entries(plan: Plan, environ: Mapping[str, str]) -> list[Entry]:
    """The indexes, pages and links of a plan in pip's order, each with its answer."""
    kinds = {"index": plan.invocation.indexes, "find-links": plan.invocation.find_links, "link": plan.invocation.links}
    by_index = {(answer.index.scope, answer.index.username): answer for answer in plan.answers}
    found = []
    for kind, targets in kinds.items():
        for configured in dict.fromkeys(targets):
            answer = None
            if is_index_url(configured.value):
                index, _ = to_index(configured)
                answer = by_index[index.scope, index.username]
            found.append(Entry(kind, configured, answer, _other_users(answer, environ)))
    return found


def _other_users(answer: Answer | None, environ: Mapping[str, str]) -> tuple[str, ...]:
    """The other users with a stored login for the URL of the login that is used."""
    credential = answer.credential if answer else None
    if answer is None or credential is None or credential.provider != "keyring":
        return ()
    stored = logins.load(environ)
    used = logins.best(stored, answer.index.scope, credential.username)
    return tuple(logins.other_users(stored, used)) if used else ()


def to_json(explanation: Explanation) -> dict[str, Any]:
    """The explanation as the JSON that the module's docstring describes."""
    pip, plan = explanation.pip, explanation.plan
    python_version, pip_version = explanation.versions
    return {
        "version": 1,
        "pip": {
            "command": pip.command([]),
            "version": pip_version,
            "python": pip.python,
            "python_version": python_version,
            "environment": plan.invocation.python if plan else None,
        },
        "arguments": [shown_url(argument) for argument in explanation.arguments],
        "starts": explanation.starts,
        "note": explanation.note,
        "config_files": list(plan.settings.files) if plan else [],
        "proxy": shown_url(plan.invocation.proxy) if plan and plan.invocation.proxy else None,
        "cert": plan.invocation.cert if plan else None,
        "unread": [
            {"url": shown_url(url), "configured_in": visible(configured_in)}
            for url, configured_in in (plan.invocation.unread if plan else ())
        ],
        "indexes": [entry_json(entry) for entry in explanation.entries],
    }


def entry_json(entry: Entry) -> dict[str, Any]:
    """One entry of `indexes` in the JSON."""
    answer = entry.answer
    credential = answer.credential if answer else None
    rule = answer.rule if answer else None
    return {
        "kind": entry.kind,
        "url": shown_url(answer.index.url if answer else entry.configured.value),
        "configured_in": visible(entry.configured.configured_in),
        "scope": shown_url(str(answer.index.scope)) if answer else None,
        "state": entry.state,
        "provider": credential.provider if credential else None,
        "identity": shown_identity(credential) if credential else None,
        "scheme": credential.scheme if credential else None,
        "expires": credential.expires if credential else None,
        "other_users": list(entry.other_users),
        "authenticate": answer.authenticate if answer else None,
        "rule": {"name": rule.name, "configured_in": rule.configured_in} if rule else None,
        "tried": [{"provider": name, "outcome": visible(outcome)} for name, outcome in answer.tried] if answer else [],
        "error": error_json(answer.error) if answer and answer.error else None,
    }


def error_json(error: AuthpipError) -> dict[str, str]:
    """{"what", "why", "remedy"} of an error."""
    return {"what": visible(error.what), "why": visible(error.why), "remedy": visible(error.remedy)}


def versions(pip: Pip, environ: Mapping[str, str]) -> tuple[str | None, str | None]:
    """(version of Python, version of pip), by starting the interpreter; (None, None) if that fails."""
    try:
        result = run([pip.python, "-I", "-c", _ASK], environ, deadline=time.monotonic() + _PATIENCE)
        python_version, pip_version = result.stdout.decode().split()
    except (AuthpipError, ValueError):
        return None, None
    return python_version, pip_version
