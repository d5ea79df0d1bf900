"""Which index a project may come from: the routes of the user's rules (`packages`), and `strategy = "first-index"`.

A project with a route is looked up on its own index only, so that no other index learns its name. Stands on
PackageFinder.find_all_candidates, SearchScope and RequirementPreparer (pip 20.3 to 26.3). Importing this raises
ImportError or AttributeError if they are missing.
"""

import inspect
import re

from _authpip_inside import refusal
from _authpip_inside import scope as scopes
from _authpip_inside.index_answers import Found
from _authpip_inside.rules import FIRST_INDEX
from pip._internal.index.package_finder import PackageFinder
from pip._internal.models.search_scope import SearchScope
from pip._internal.operations.prepare import RequirementPreparer
from pip._vendor.packaging.utils import canonicalize_name

FIND = PackageFinder.find_all_candidates
FIND_UNCACHED = inspect.unwrap(FIND)
PREPARATIONS = ("prepare_linked_requirement", "prepare_editable_requirement")


def install(rules):
    """To be called before pip looks for a project. Without a route, and with pip's own strategy, it changes nothing."""
    if rules.strategy == FIRST_INDEX or any(rule.packages for rule in rules.rules):
        PackageFinder.find_all_candidates = Lookup(rules).bound()
    if any(rule.packages for rule in rules.rules):
        for name in PREPARATIONS:
            setattr(RequirementPreparer, name, _guarded(getattr(RequirementPreparer, name), rules))


class Lookup:
    """PackageFinder.find_all_candidates by the rules. As in pip, the result is cached in each finder."""

    def __init__(self, rules):
        self.rules = rules

    def bound(self):
        """The method that replaces pip's."""

        def find_all_candidates(finder, project_name):
            found = finder.__dict__.setdefault("_authpip_found", {})
            if project_name not in found:
                found[project_name] = self.find(finder, project_name)
            return found[project_name]

        return find_all_candidates

    def find(self, finder, project_name):
        """The candidates for one project."""
        route = route_for(self.rules, canonicalize_name(project_name))
        whole = finder.search_scope
        try:
            if route is not None:
                return self._by_route(finder, project_name, whole, route)
            if self.rules.strategy == FIRST_INDEX and len(whole.index_urls) > 1:
                return self._by_first_index(finder, project_name, whole)
            return FIND(finder, project_name)
        finally:
            finder.search_scope = whole

    def _by_route(self, finder, project_name, whole, route):
        urls = [url for url in whole.index_urls if _is_within(route, url)] or [route.url]
        locked = getattr(finder, "_locked_links", {}).get(canonicalize_name(project_name))
        if locked is not None:
            _check_locked(finder, project_name, whole, urls, locked, route)
        elif whole.find_links:
            for candidate in _candidates(finder, project_name, whole, whole.find_links, []):
                if not _is_offline(whole, candidate):
                    _refuse_elsewhere(project_name, candidate.link, route)
        return _candidates(finder, project_name, whole, whole.find_links, [] if _has_no_index(whole) else urls)

    def _by_first_index(self, finder, project_name, whole):
        """uv's order: the extra indexes in their order, then the main one. The first index that has the project's page
        serves the project, even if the page lists no usable file."""
        for url in whole.index_urls[1:] + whole.index_urls[:1]:
            with Found() as page:
                candidates = _candidates(finder, project_name, whole, whole.find_links, [url])
            if page.was_found:
                break
        return candidates


def route_for(rules, name):
    """The rule that names this project's index, or None. Ends the run if two rules do."""
    routes = rules.routes_for(name)
    if len(routes) > 1:
        first, second = routes[:2]
        _stop(
            "two rules name an index for %s: %s (%s) and %s (%s); name the package itself in one of them"
            % (name, first.name, first.configured_in, second.name, second.configured_in)
        )
    return routes[0] if routes else None


def _candidates(finder, project_name, whole, find_links, index_urls):
    getattr(finder, "_all_candidates", {}).pop(project_name, None)
    more = {"no_index": whole.no_index} if hasattr(whole, "no_index") else {}
    finder.search_scope = SearchScope(find_links=find_links, index_urls=index_urls, **more)
    return FIND_UNCACHED(finder, project_name)


def _check_locked(finder, project_name, whole, urls, link, route):
    """A lock file names a file by its URL: refuse one that the route's index neither holds nor lists."""
    if link.scheme == "file" or _is_within(route, link.url_without_fragment):
        return
    locked, finder._locked_links = finder._locked_links, {}
    try:
        listed = _candidates(finder, project_name, whole, [], urls)
    finally:
        finder._locked_links = locked
    if link.url_without_fragment not in [candidate.link.url_without_fragment for candidate in listed]:
        _refuse_elsewhere(project_name, link, route)


def _has_no_index(whole):
    return getattr(whole, "no_index", False) or not whole.index_urls


def _is_offline(whole, candidate):
    """--no-index with a local directory: the user has said where everything comes from."""
    return _has_no_index(whole) and candidate.link.scheme == "file"


def _is_within(route, url):
    scope = scopes.parse(url.strip())
    return scope is not None and scopes.covers(route.scope, scope)


def _refuse_elsewhere(name, link, route):
    came_from = link.comes_from if isinstance(link.comes_from, str) else ""
    if not _is_within(route, link.url_without_fragment) and not _is_within(route, came_from):
        _stop(
            "%s comes from %s by the rule %r (%s), and not from %s; remove one of the two"
            % (name, route.url, route.name, route.configured_in, _shown(link))
        )


def _guarded(prepare, rules):
    """pip's `prepare`, which refuses a file or repository named by its URL if a rule names an index for its project."""

    def refuse(name, link):
        route = route_for(rules, canonicalize_name(name)) if name else None
        if route is not None:
            _refuse_elsewhere(name, link, route)

    def guarded(preparer, req, *rest, **named):
        is_direct = req.original_link is not None and req.original_link.scheme != "file"
        if is_direct:
            refuse(req.name or _name_of_file(req.link.filename), req.link)
        distribution = prepare(preparer, req, *rest, **named)
        if is_direct:  # the name of a source distribution is known only now
            refuse(getattr(distribution, "canonical_name", None) or distribution.project_name, req.link)
        return distribution

    return guarded


def _name_of_file(filename):
    """The project in the file name of a wheel; None for any other file."""
    return filename.split("-")[0] if filename.endswith(".whl") else None


def _shown(link):
    return re.sub(r"//[^/@]*@", "//", link.url_without_fragment)


def _stop(text):
    refusal.say(text)
    refusal.stop("a package would come from another index than its own")
