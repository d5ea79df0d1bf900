"""The sections of keyringrc.cfg for keyrings.codeartifact (profiles and domains), as rules of config.toml.

github.com/jmkeyes/keyrings.codeartifact, README: sections `[codeartifact domain="…" account="…" region="…" name="…"]`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from authpip.config.loading import own_config_path, read_settings
from authpip.core.errors import CredentialError, UsageError
from authpip.core.index import RefusedURL, parse_scope
from authpip.files import atomic, user_dirs

FILE = "keyringrc"
_PART = re.compile(r"(\w+)\s*=\s*\"?([^\"\s]+)\"?")
_PLAIN = re.compile(r"[A-Za-z0-9_.@+ -]+")


class FoundRule(NamedTuple):
    """One section. name: of the rule. target: the URL of its indexes, "" if it names none. obstacle: why it does not
    become a rule, or ""."""

    name: str
    target: str
    path: str
    options: Mapping[str, str]
    obstacle: str

    def toml(self) -> str:
        """The rule in the form of config.toml."""
        lines = [f'{key} = "{value}"' for key, value in self.options.items()]
        table = "\n".join(["[index.aws]", *lines, ""]) if lines else ""
        return f'[[index]]\nname = "{self.name}"\nurl = "{self.target}"\nprovider = "aws"\n{table}'


def find_rules(environ: Mapping[str, str]) -> Iterator[FoundRule]:
    """The sections of keyring's own configuration file. Raises CredentialError if the file is malformed."""
    import configparser

    home = environ.get("XDG_CONFIG_HOME") or os.path.join(user_dirs.home(environ), ".config")
    path = os.path.join(home, "python_keyring", "keyringrc.cfg")
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        raise CredentialError(
            f"{path} cannot be read", "it is not in the form of a keyringrc.cfg", "correct it"
        ) from None
    for section in parser.sections():
        if section.split()[:1] == ["codeartifact"]:
            yield _rule(path, dict(_PART.findall(section)), dict(parser[section]))


def keep(found: FoundRule, environ: Mapping[str, str], dry_run: bool) -> str:
    """Add the rule to the user's config.toml; returns the outcome in words. Raises UsageError if that fails."""
    if found.obstacle:
        return f"left there: {found.obstacle}"
    if any(str(rule.scope) == found.target for rule in read_settings(environ)[0].rules):
        return "there is a rule already"
    if dry_run:
        return "would become a rule"
    path = Path(own_config_path(environ))
    if path == Path():
        raise UsageError("no rule is written", "AUTHPIP_CONFIG names no file", "unset it")
    try:
        before = path.read_text("utf-8") if path.exists() else ""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        text = f"{before.rstrip()}\n\n{found.toml()}" if before.strip() else found.toml()
        atomic.write(path, text.encode(), mode=path.stat().st_mode & 0o777 if before else 0o600)
    except OSError as error:
        raise UsageError(f"{path} cannot be written", error.strerror or "", "make it writable for your user") from None
    return f"a rule of {path}"


def _rule(path: str, named: Mapping[str, str], values: Mapping[str, str]) -> FoundRule:
    target = ""
    if {"domain", "account", "region"} <= set(named):
        host = f"{named['domain']}-{named['account']}.d.codeartifact.{named['region']}.amazonaws.com"
        target = f"https://{host}/" + (f"pypi/{named['name']}/" if named.get("name") else "")
    options = {"profile": values.get("profile_name", ""), "duration": values.get("token_duration", "")}
    options = {key: value for key, value in options.items() if value}
    name = "-".join(named[key] for key in ("domain", "account", "region", "name") if key in named)
    return FoundRule(name, target, path, options, _obstacle(target, options, values))


def _obstacle(target: str, options: Mapping[str, str], values: Mapping[str, str]) -> str:
    if not target:
        return "it names no domain, account and region; set AWS_PROFILE instead"
    if values.get("aws_access_key_id") or values.get("aws_secret_access_key"):
        return "it holds keys: put them into a profile with `aws configure --profile NAME`, and name it"
    try:
        parse_scope(target)
    except RefusedURL as reason:
        return str(reason)
    return (
        ""
        if all(map(_PLAIN.fullmatch, options.values()))
        else "one of its values has a character that a rule cannot hold"
    )
