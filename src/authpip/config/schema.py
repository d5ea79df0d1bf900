"""Check config.toml and the variables of rules: from their text to rules and problems.

It is imported only if there is such a file or variable. A problem never shows a URL or a value that may hold a secret,
only where it is configured.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from authpip.config import host_patterns, package_patterns, provider_names, site_tables
from authpip.config.builds import WORDS as HIDE_WORDS
from authpip.config.builds import Builds
from authpip.config.document import Document
from authpip.config.rule_variables import PREFIX, VariableText, merged, rule_names, unknown
from authpip.config.settings import Rule, variable_prefix
from authpip.config.site import LOCKABLE
from authpip.config.toml_table import Lines, Report, Table, VariableReport
from authpip.core.errors import UsageError
from authpip.core.index import RefusedURL, Scope, parse_scope, split_userinfo
from authpip.core.redaction import shown_url
from authpip.files.trusted import OwnFile

TOP_KEYS = ("index", "timeout", "storage", "builds", "strategy", "confusion", *site_tables.TOP_KEYS)
INDEX_KEYS = (
    *("name", "url", "hosts", "provider", "username", "authenticate", "allow-http", "scheme", "links"),
    *("packages", "required", "index-only"),
)
PLACE_KEYS = ("name", "url", "hosts")  # the name of a rule and where it applies; variables do not replace these
# Every word that `provider = …` may be, with the keys of its table.
PROVIDER_KEYS: dict[str, tuple[str, ...]] = {
    "google": ("account", "impersonate-service-account", "source"),
    "aws": ("profile", "role", "duration", "domain", "domain-owner", "region"),
    "azure": ("tenant", "subscription"),
    "s3": ("profile", "region"),
    "command": ("run", "protocol", "environment"),
    "token": ("variable",),
    "netrc": ("file",),
    "pypirc": ("file", "section"),
    "rattler": ("file",),
    "keyring": ("name",),
    "foreign": (),
    "oidc": (
        *("exchange", "issuer", "audience", "provider-name", "role", "workload-identity-provider", "service-account"),
        *("client-id", "tenant", "organization", "service", "token-url", "file"),
    ),
    "cloudsmith": (),
    "chainguard": (),
    "env": (),
    "ci": (),
    "none": (),
}
REQUIRED = {"command": "run", "token": "variable", "oidc": "exchange"}
EXCHANGES = ("jfrog", "cloudsmith", "aws", "google", "azure", "rfc8693")
ISSUERS = ("github", "gitlab", "azure", "circleci", "bitbucket", "buildkite", "file")
WORDS = {
    ("command", "protocol"): ("plain", "helper"),
    ("google", "source"): ("gcloud", "adc", "metadata"),
    ("oidc", "exchange"): EXCHANGES,
    ("oidc", "issuer"): ISSUERS,
}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def read_document(
    file: OwnFile, environ: Mapping[str, str] = {}, *, is_site: bool = False
) -> tuple[Document, list[UsageError]]:
    """(the valid part of the file, the problems in it).

    environ: its variables change the rules of the file, unless the file locks its rules. is_site: the file may lock.
    """
    from authpip.files import toml

    try:
        data = toml.loads(file.text)
    except (toml.TOMLDecodeError, RecursionError) as error:
        line = re.search(r"\(at line (\d+)", str(error))
        where = f"{file.path}:{line[1] if line else file.text.count(chr(10)) + 1}"
        reason = re.sub(r" \(at [^)]*\)", "", str(error))
        return Document(file.path), [UsageError(where, f"this is not TOML ({reason})", "correct the line")]
    report = Report(file.path, Lines(file.text))
    return _document(Table(data, report), environ, is_site=is_site), report.problems


def read_variables(environ: Mapping[str, str]) -> tuple[list[Rule], list[UsageError]]:
    """(the rules that variables make, the problems in these variables)."""
    rules: list[Rule] = []
    problems: list[UsageError] = []
    for name, variable in rule_names(environ, PROVIDER_KEYS).items():
        report = VariableReport(variable)
        try:
            entry = _variable_entry(name, environ)
        except RefusedURL as reason:
            problems.append(UsageError(f"{variable} is refused", str(reason), "correct the variable"))
            continue
        rule = _rule(Table(entry, report), environ)
        rules += [rule] if rule else []
        problems += report.problems
    return rules, problems


def _variable_entry(name: str, environ: Mapping[str, str]) -> dict[str, Any]:
    """The [[index]] table that these variables stand for. The URL may contain a user name. Raises RefusedURL."""
    entry = merged({"name": name.lower()}, f"{PREFIX}{name}_", environ, ("url", "hosts"), {})
    if "url" in entry:
        url, username, password = split_userinfo(entry["url"])
        if password is not None:
            raise RefusedURL(f"its password belongs in {PREFIX}{name}_PASSWORD")
        parse_scope(url)
        entry["url"] = VariableText(url, entry["url"].variable)
        entry |= {"username": username} if username else {}
    return entry


def unknown_variables(environ: Mapping[str, str], rules: tuple[Rule, ...]) -> list[UsageError]:
    """The problems of variables that begin like a variable of a rule but name no key."""
    return list(unknown(environ, [rule.variable_prefix for rule in rules], INDEX_KEYS, PROVIDER_KEYS))


def _document(table: Table, environ: Mapping[str, str], *, is_site: bool) -> Document:
    table.only(TOP_KEYS)
    locked = site_tables.locked(table, is_site=is_site)
    is_locked = "rules" in locked
    timeout = table.get("timeout", float)
    if timeout is not None and not 0 < timeout <= 3600:
        table.problem("timeout", "timeout must be a number of seconds, up to 3600")
        timeout = None
    rules = [rule for entry in _entries(table) if (rule := _rule(entry, {} if is_locked else environ))]
    _refuse_twins(rules, table.report)
    _refuse_second_routes(rules, table.report)
    return Document(
        path=table.report.path,
        rules=tuple(rule._replace(locked=is_locked) for rule in rules),
        timeout=timeout,
        storage=table.word("storage", ("keyring", "file")) or "",
        strategy=table.word("strategy", ("best-match", "first-index")) or "",
        confusion=table.word("confusion", ("error", "warn", "ignore")) or "",
        builds=_builds(table),
        pip=site_tables.pip_indexes(table),
        audit=site_tables.audit_trail(table),
        minimum_version=site_tables.minimum_version(table),
        locked=locked,
        places={key: table.report.where(key) for key in LOCKABLE if key in table.data},
    )


def _builds(table: Table) -> Builds | None:
    if "builds" not in table.data:
        return None
    builds = Table(table.get("builds", dict) or {}, table.report, "builds")
    builds.only(("hide", "keep"))
    return Builds(builds.word("hide", HIDE_WORDS) or "nothing", tuple(builds.texts("keep")))


def _entries(table: Table) -> list[Table]:
    entries: Any = table.data.get("index", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        table.problem("index", "a rule begins with [[index]], in two pairs of brackets")
        return []
    return [Table(entry, table.report, "index", number) for number, entry in enumerate(entries)]


def _rule(table: Table, environ: Mapping[str, str]) -> Rule | None:
    """The rule that an [[index]] table and its variables make; None if it has a problem."""
    before = len(table.report.problems)
    table.only((*INDEX_KEYS, *PROVIDER_KEYS))
    scope, hosts = _scope(table), _hosts(table)
    if "url" in table.data and "hosts" in table.data:
        table.problem("hosts", "url and hosts exclude each other", "write two rules")
    elif "url" not in table.data and "hosts" not in table.data:
        table.problem("", "this rule matches nothing", "add url = … or hosts = […]")
    name = _name(table) or (scope.host if scope else "".join(hosts[:1]))
    replaceable = [key for key in INDEX_KEYS if key not in PLACE_KEYS]
    table.data = merged(table.data, variable_prefix(name), environ, replaceable, PROVIDER_KEYS)
    provider = table.word("provider", tuple(PROVIDER_KEYS), provider_names.meant)
    by_default = "never" if provider == "none" else "always"
    rule = Rule(
        name=name,
        configured_in=table.configured_in,
        scope=scope,
        hosts=hosts,
        provider=provider,
        username=_username(table),
        authenticate=table.word("authenticate", ("always", "auto", "never")) or by_default,
        allow_http=bool(table.get("allow-http", bool)),
        scheme=table.word("scheme", ("basic", "bearer")) or "basic",
        links=table.word("links", ("same-origin", "same-path")) or "same-origin",
        options={name: options for name, keys in PROVIDER_KEYS.items() if (options := table.options(name, keys))},
        packages=_packages(table),
        required=table.get("required", bool),
        index_only=bool(table.get("index-only", bool)),
    )
    _check_together(rule, table)
    return rule if len(table.report.problems) == before else None


def _check_together(rule: Rule, table: Table) -> None:
    """Report keys that contradict each other."""
    needed = REQUIRED.get(rule.provider or "")
    if needed and not rule.options.get(rule.provider or "", {}).get(needed):
        table.problem("provider", f"provider = {rule.provider!r} needs [index.{rule.provider}] with {needed} = …")
    idle = [name for name in rule.options if rule.provider not in {None, name}]
    for name in idle:
        table.problem(name, f"[index.{name}] has no effect beside provider = {rule.provider!r}", "remove one of them")
    for (name, key), words in WORDS.items():
        value = rule.options.get(name, {}).get(key)
        if value is not None and value not in words:
            table.problem(name, f"{name}.{key} = {shown_url(value)!r} is not known", f"known: {', '.join(words)}")
    if rule.provider == "none" and rule.authenticate != "never":
        table.problem("authenticate", "provider = 'none' never authenticates", "remove one of the two")
    if rule.authenticate != "never" and rule.scope and rule.scope.is_plain_http and not rule.allow_http:
        table.problem("url", "http:// lets the network read the credential", "write https://, or allow-http = true")


def _scope(table: Table) -> Scope | None:
    url = table.get("url", str)
    if url is None:
        return None
    try:
        _, username, _ = split_userinfo(url)
        if username is None:
            return parse_scope(url)
        table.problem("url", "url names a user or password", 'write username = "…", and type: authpip auth login URL')
    except RefusedURL as reason:
        table.problem("url", f"url is refused: {reason}")
    return None


def _hosts(table: Table) -> tuple[str, ...]:
    hosts = []
    for pattern in table.texts("hosts"):
        try:
            hosts.append(host_patterns.canonical(pattern))
        except RefusedURL as reason:
            table.problem("hosts", f"host {shown_url(pattern)!r} is refused: {reason}")
    if table.data.get("hosts") == []:
        table.problem("hosts", "hosts is empty", 'write hosts = ["*.corp.example"]')
    return tuple(hosts)


def _packages(table: Table) -> tuple[str, ...]:
    patterns = []
    for pattern in table.texts("packages"):
        try:
            patterns.append(package_patterns.canonical(pattern))
        except ValueError as reason:
            table.problem("packages", f"package {shown_url(pattern)!r} is refused: {reason}")
    if patterns and "url" not in table.data:
        table.problem("packages", "packages need one index, and hosts names no URL", "write url = … in this rule")
    return tuple(patterns)


def _name(table: Table) -> str | None:
    name = table.get("name", str)
    if name is not None and not _NAME.fullmatch(name):
        table.problem("name", "name has a character that is not a letter, a digit, a dot, a dash or an underscore")
    return name


def _username(table: Table) -> str | None:
    username = table.get("username", str)
    if username is not None and (":" in username or not username.isprintable()):
        table.problem("username", "username has a colon or a control character, which Basic cannot carry")
    return username


def _refuse_second_routes(rules: list[Rule], report: Report) -> None:
    """Report a package pattern that two rules have: neither may win by chance."""
    first: dict[str, Rule] = {}
    for rule in rules:
        for pattern in rule.packages:
            other = first.setdefault(pattern, rule)
            if other is not rule:
                why = f"package {pattern!r} comes from {other.name!r} by the rule at {other.configured_in}"
                report.problems.append(UsageError(rule.configured_in, why, "remove it from one of the two"))


def _refuse_twins(rules: list[Rule], report: Report) -> None:
    """Report two rules with the same variables: AUTHPIP_INDEX_<NAME>_… could mean either."""
    first: dict[str, str] = {}
    for rule in rules:
        configured_in = first.setdefault(rule.variable_prefix, rule.configured_in)
        if configured_in != rule.configured_in:
            why = f"{rule.name!r} and the rule at {configured_in} share the variables {rule.variable_prefix}…"
            report.problems.append(UsageError(rule.configured_in, why, "give it another name"))
