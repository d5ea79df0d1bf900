"""Install authpip's patches in the pip that is about to run. Everything is loaded here, before pip begins (A20)."""

from _authpip_inside import popen_guard


def install(message, main_file):
    """Called once, when pip can be imported. Returns a function from pip's exit status to authpip's.

    Ends the process if authpip could not keep credentials safe in this pip (F16).
    """
    _hide_locals()
    return _install_nested(message, main_file) if "broker" in message else _install_first(message, main_file)


def _install_nested(message, main_file):
    from _authpip_inside import client, index_answers, refusal, routes
    from _authpip_inside.rules import Rules
    from _authpip_inside.unserved import Unserved

    connection = client.Client(message["broker"])
    rules = Rules(connection.settings())
    unserved = Unserved(rules, lambda _: None, connection.is_told)
    index_answers.install(rules, client.was_told)
    routes.install(rules)
    children = popen_guard.install(client.install(connection, unserved), main_file)
    return lambda status: refusal.status(status, children)


def _install_first(message, main_file):
    from _authpip_inside import child_environment, keyring_fallback
    from _authpip_inside.broker import Broker
    from _authpip_inside.scope_table import Table

    child_environment.install(message)
    table = Table(message)
    try:
        from _authpip_inside import auth, index_answers, index_pages, index_urls, late, refusal, routes, upstream
    except (ImportError, AttributeError) as error:  # an unknown version of pip
        return keyring_fallback.install(table, error, main_file)
    helper = late.Helper(message, table)
    auth.install(table, helper)
    index_urls.install(helper)
    index_pages.on_links(table.note_links)
    index_answers.install(table.rules, helper.was_told)
    routes.install(table.rules)
    answers = upstream.Upstream(table, helper, index_pages.read)
    answers.remember_session()
    helper.read_page = answers.read_page
    children = popen_guard.install(Broker(answers.exchange, lambda: table.rules.message), main_file)
    return lambda status: refusal.status(status, children)


def _hide_locals():
    """`pip --debug` prints the locals of every frame, and some hold the handoff or a request's headers (P3, A24)."""
    try:
        from pip._vendor.rich import traceback
    except ImportError:  # before pip 22 it is Python's own traceback, which prints no locals
        return
    install = traceback.install
    traceback.install = lambda *words, **named: install(*words, **dict(named, show_locals=False))
