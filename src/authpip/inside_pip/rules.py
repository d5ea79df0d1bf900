"""Which of the user's rules and logins apply to a URL, and what a rule allows there.

The choice is that of authpip's Settings.rule_for and logins.best: the longest URL, then an exact host, then the longest
wildcard; of equal ones the first.
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
        """How closely the rule names this project, (is locked, is exact, length), the greater the closer; or None."""
        matching = [pattern for pattern in self.packages if _package_matches(pattern, name)]
        return max(((self.locked, "*" not in pattern, len(pattern)) for pattern in matching), default=None)

    def match(self, scope):
        """How closely the rule matches, the greater the closer; None if it does not."""
        if self.scope is not None:
            return (True, False, len(self.scope[3])) if scopes.covers(self.scope, scope) else None
        matching = [pattern for pattern in self.hosts if scopes.host_matches(pattern, scope[1])]
        return max(((False, not pattern.startswith("*"), len(pattern)) for pattern in matching), default=None)


class Rules:
    """All rules, with the logins and with the clouds' host patterns."""

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
        """True if a rule, a login or a cloud matches, so that authpip may have a credential."""
        is_known = self.rule_for(scope) or self.login_for(scope)
        return bool(is_known) or any(_is_below(pattern, scope) for pattern in self.clouds)

    def speak_alike(self, here, there):
        """True if only a rule and a login that apply to `here`, or none, apply to `there`."""
        same_rule = self.rule_for(there) in (None, self.rule_for(here))
        return same_rule and self.login_for(there) in (None, self.login_for(here))

    def routes_for(self, name):
        """The rules that name this project: none, one, or several whose patterns are equally close."""
        matching = [(match, rule) for rule in self.rules for match in (rule.route(name),) if match]
        closest = max((match for match, _ in matching), default=None)
        return [rule for match, rule in matching if match == closest]

    def unnamed_beside(self, urls):
        """(a rule with index-only, the URL of an index that no rule names) if `urls` has both; or None."""
        rules = [(self.rule_for(scope), url) for url in urls for scope in (scopes.parse(url.strip()),) if scope]
        only = next((rule for rule, _ in rules if rule is not None and rule.index_only), None)
        unnamed = next((url for rule, url in rules if rule is None), None)
        return (only, unnamed) if only and unnamed else None

    def is_required(self, scope):
        """True if no other index may answer in place of this one, whatever it answers."""
        rule = self.rule_for(scope)
        return rule.required if rule is not None else any(_is_below(pattern, scope) for pattern in self.clouds)

    def allow_http(self, scope):
        """True if a rule allows to send a credential over plain http."""
        rule = self.rule_for(scope)
        return rule is not None and rule.allow_http


def _package_matches(pattern, name):
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), name) is not None


def _is_below(pattern, scope):
    return scope[0] == "https" and scopes.host_matches(pattern, scope[1])
