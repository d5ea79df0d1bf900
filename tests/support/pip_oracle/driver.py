"""Run in a pip's own interpreter: says what that pip would look at, without ever looking.

Jobs come as lines of JSON on standard input: {"args", "environ", "cwd", "prefix"}; each is answered by one line:
{"indexes", "find_links", "links", "trusted_hosts", "proxy", "cert", "client_cert", "no_input"}, or {"error": …}
where pip ends before it has a finder. The job {"tables": true} is answered by all options of all commands.
Every job runs in a fork of its own, with pip imported beforehand. Remote requirements files are answered with an
empty file. Python 3.8 or newer, with any pip from 20.3.
"""

import importlib
import io
import json
import os
import sys
import tempfile

FOUND = {"links": [], "trusted_hosts": []}
OUT = os.dup(1)


def main() -> None:
    import pip._internal.cli.main
    import pip._internal.commands
    import pip._internal.network.session
    import pip._internal.resolution.legacy.resolver
    import pip._internal.resolution.resolvelib.resolver

    for info in pip._internal.commands.commands_dict.values():
        importlib.import_module(info.module_path)
    patch()
    # A job ends before pip removes its temporary directories: they go with this one.
    with tempfile.TemporaryDirectory(prefix="pip-oracle-") as tempfile.tempdir:
        answer_jobs()


def answer_jobs() -> None:
    """One fork for each line on standard input."""
    for line in sys.stdin.buffer:
        child = os.fork()
        if not child:
            try:
                run(json.loads(line))
            except BaseException as error:
                answer({"error": repr(error)})
        os.waitpid(child, 0)


def run(job: dict) -> None:
    """One pip command, up to the point where it would begin to look for packages."""
    if job.get("tables"):
        answer(tables())
    os.environ.clear()
    os.environ.update(job["environ"])
    os.chdir(job["cwd"])
    sys.prefix = job["prefix"]
    sys.argv = ["pip", *job["args"]]
    sys.stdin = io.StringIO()
    log = io.StringIO()
    sys.stdout = sys.stderr = log
    from pip._internal.cli.main import main as pip_main

    try:
        status = pip_main(job["args"])
    except SystemExit as end:
        status = end.code
    answer({"error": f"exit status {status}: {log.getvalue()[-600:]}"})


def tables() -> dict:
    """{command: {spelling: [name, kind]}}, in the words of authpip's own table; "" is what may precede a command."""
    from pip._internal.cli.main_parser import create_main_parser
    from pip._internal.commands import commands_dict, create_command
    from pip._internal.req.req_file import build_parser

    parsers = {name: create_command(name).parser for name in commands_dict}
    parsers.update({"": create_main_parser(), "requirements file": build_parser()})
    return {name: dict(spellings(parser)) for name, parser in parsers.items()}


def spellings(parser):
    for option in parser._get_all_options():
        kind = {"append": "+", "callback": "!"}.get(option.action, "=") if option.takes_value() else ""
        for spelling in option._short_opts + option._long_opts:
            yield spelling, [option._long_opts[0][2:], kind]


def answer(content: dict) -> None:
    os.write(OUT, (json.dumps(content) + "\n").encode())
    os._exit(0)


def report(finder, requirements=()) -> None:
    """All that pip knows now, and the end of this job."""
    answer(
        {
            **FOUND,
            "links": FOUND["links"] + direct(requirements),
            "indexes": list(finder.index_urls),
            "find_links": list(finder.find_links),
        }
    )


def direct(requirements) -> list:
    """The http(s) URLs that requirements name themselves."""
    links = [requirement.link for requirement in requirements if getattr(requirement, "link", None)]
    return [link.url for link in links if link.scheme in {"http", "https"}]


def patch() -> None:
    import pip._internal.network.session
    from pip._internal.cli import req_command
    from pip._internal.index.package_finder import PackageFinder
    from pip._internal.network.session import PipSession
    from pip._internal.resolution.legacy.resolver import Resolver as Legacy
    from pip._internal.resolution.resolvelib.resolver import Resolver

    Resolver.resolve = lambda self, reqs, **_: report(self.factory._finder, reqs)
    Legacy.resolve = lambda self, reqs, **_: report(self.finder, reqs)
    PackageFinder.find_all_candidates = lambda self, name: report(self)
    PipSession.request = request
    add_trusted_host = PipSession.add_trusted_host

    def remember(self, host, *rest, **more):
        FOUND["trusted_hosts"].append(host)
        return add_trusted_host(self, host, *rest, **more)

    PipSession.add_trusted_host = remember
    build_session = req_command.SessionCommandMixin._build_session

    def build(self, options, *rest, **more):
        FOUND["proxy"] = options.proxy or None
        FOUND["cert"], FOUND["client_cert"] = options.cert, options.client_cert
        FOUND["no_input"] = options.no_input
        return build_session(self, options, *rest, **more)

    req_command.SessionCommandMixin._build_session = build
    install_build_dependencies = getattr(req_command, "InprocessBuildEnvironmentInstaller", None)

    def in_process(*rest, build_constraints=(), **more):
        """What build constraints name is fetched when something is built: after the end of this job."""
        build_constraints = list(build_constraints)
        FOUND["links"] += direct(build_constraints)
        return install_build_dependencies(*rest, build_constraints=build_constraints, **more)

    if install_build_dependencies:
        req_command.InprocessBuildEnvironmentInstaller = in_process
    # What takes long and says nothing here: the user agent starts rustc, an SSL context reads the CA bundle.
    pip._internal.network.session.user_agent = lambda: "oracle"
    for module in (req_command, sys.modules.get("pip._internal.cli.index_command")):
        if hasattr(module, "_create_truststore_ssl_context"):
            module._create_truststore_ssl_context = lambda: None
    for name in ("pip_self_version_check", "pip_self_version_check_fetch"):
        for module in ("pip._internal.self_outdated_check", "pip._internal.cli.req_command"):
            module = sys.modules.get(module) or importlib.import_module(module)
            if hasattr(module, name):
                setattr(module, name, lambda *_: None)


def request(self, method, url, **_):
    """In place of the network: an empty page for http, the file itself for file:."""
    from pip._vendor.requests import Request, Response

    if not url.lower().startswith("http"):
        return self.send(self.prepare_request(Request(method, url)))
    FOUND["links"].append(url)
    if method == "POST":
        answer({**FOUND, "indexes": [url], "find_links": [], "links": []})
    page = Response()
    page.status_code, page.url, page._content, page.encoding = 200, url, b"", "utf-8"
    return page


if __name__ == "__main__":
    main()
