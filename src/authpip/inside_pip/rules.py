"""What the user's rules and logins say about a URL: which of them speak of it, and what a rule allows there.

The same choice as authpip's Settings.rule_for and logins.best make: the longest URL, then an exact host, then the
longest wildcard; of equals the first.
"""

import re

from _authpip_inside import scope as scopes

BEST_MATCH, FIRST_INDEX = "best-match", "first-index"


class Rule:
    """One rule of the handoff."""

    def __init__(self, facts):
        self.name, self.configured_in = facts["name"], facts["configured_in"]
        self.scope = scopes.parse(facts["url"]) if "url" in facts else None
        self.hosts = facts.get("hosts", ())
        self.url = facts.get("url")
        self.allow_http, self.required, self.index_only = facts["allow-http"], facts["required"], facts["index-only"]
        self.packages, self.locked = facts["packages"], facts["locked"]

    def route(self, name):
        """The pattern that names this project most closely, (is locked, is exact, length); None where there is none."""
        matching = [pattern for pattern in self.packages if _package_matches(pattern, name)]
        return max(((self.locked, "*" not in pattern, len(pattern)) for pattern in matching), default=None)

    def match(self, scope):
        """How closely it matches, the greater the closer; None where it does not."""
        if self.scope is not None:
            return (True, False, len(self.scope[3])) if scopes.covers(self.scope, scope) else None
        matching = [pattern for pattern in self.hosts if scopes.host_matches(pattern, scope[1])]
        return max(((False, not pattern.startswith("*"), len(pattern)) for pattern in matching), default=None)


class Rules:
    """All of them, with the logins and with the clouds' host patterns."""

    def __init__(self, message):
        self.message = {key: message[key] for key in ("rules", "logins", "clouds", "strategy") if key in message}
        self.strategy = message.get("strategy", BEST_MATCH)
        self.rules = [Rule(facts) for facts in message.get("rules", ())]
        self.logins = message.get("logins", ())
        self.clouds = message.get("clouds", ())
        self.login_scopes = [(url, scopes.parse(url)) for url in self.logins if not url.startswith("*.")]

    def rule_for(self, scope):
        """The rule that matches best, or None."""
        matching = [(match, rule) for rule in self.rules for match in (rule.match(scope),) if match]
        return max(matching, key=lambda pair: pair[0], default=(None, None))[1]

    def login_for(self, scope):
        """The URL or wildcard of the login that matches best, or None."""
        covering = [url for url, prefix in self.login_scopes if prefix is not None and scopes.covers(prefix, scope)]
        wildcards = [text for text in self.logins if text.startswith("*.") and _is_below(text, scope)]
        return max(covering or wildcards, key=len, default=None)

    def watch(self, scope):
        """True where authpip may know more about this place than it was asked."""
        is_known = self.rule_for(scope) or self.login_for(scope)
        return bool(is_known) or any(_is_below(pattern, scope) for pattern in self.clouds)

    def speak_alike(self, here, there):
        """True where no other rule and no other login speaks of `there` than of `here`."""
        same_rule = self.rule_for(there) in (None, self.rule_for(here))
        return same_rule and self.login_for(there) in (None, self.login_for(here))

    def routes_for(self, name):
        """The rules that a project comes from: one, or none; more than one where their patterns are equally close."""
        matching = [(match, rule) for rule in self.rules for match in (rule.route(name),) if match]
        closest = max((match for match, _ in matching), default=None)
        return [rule for match, rule in matching if match == closest]

    def unnamed_beside(self, urls):
        """(rule, URL): a rule with index-only, and an index beside its own that no rule names; or None."""
        rules = [(self.rule_for(scope), url) for url in urls for scope in (scopes.parse(url.strip()),) if scope]
        only = next((rule for rule, _ in rules if rule is not None and rule.index_only), None)
        unnamed = next((url for rule, url in rules if rule is None), None)
        return (only, unnamed) if only and unnamed else None

    def is_required(self, scope):
        """True where no other index may answer in place of this one, whatever it answers."""
        rule = self.rule_for(scope)
        return rule.required if rule is not None else any(_is_below(pattern, scope) for pattern in self.clouds)

    def allow_http(self, scope):
        """True where a rule lets a credential go over plain http."""
        rule = self.rule_for(scope)
        return rule is not None and rule.allow_http


def _package_matches(pattern, name):
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), name) is not None


def _is_below(pattern, scope):
    return scope[0] == "https" and scopes.host_matches(pattern, scope[1])
