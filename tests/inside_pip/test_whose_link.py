"""What is sent where a page, a link or a redirect leads is decided by the user, not by the page (P1, P2, P9)."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.leaks.canary import SECRET
from support.programs import authpip_cli
from support.programs.authpip_cli import Run
from support.servers.index_server import IndexServer, basic

pytestmark = pytest.mark.real

ALICE, BOB = basic("alice", SECRET), basic("bob", "b0b-" + SECRET)
FILE = "corp_thing-1.0-py3-none-any.whl"


@pytest.fixture
def config(environment: dict[str, str]) -> Callable[[str], None]:
    """config(text): the user's config.toml."""

    def write(text: str) -> None:
        path = Path(environment["XDG_CONFIG_HOME"], "authpip", "config.toml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))

    return write


@pytest.fixture
def pool(index_server: IndexServer, wheel: Any) -> IndexServer:
    """Alice's index, whose page links to a file of tenant B, which is open."""
    index = index_server.add("/team-a/simple", username="alice", password=SECRET)
    index.links["corp-thing"] = [f"/tenant-b/collect/{FILE}"]
    index_server.add("/tenant-b", [wheel("corp-thing")])
    return index_server


def sent(server: IndexServer, prefix: str) -> set[str | None]:
    """The Authorization headers of the requests below a path."""
    return {seen.authorization for seen in server.seen(prefix)}


@pytest.mark.parametrize(
    ("speaks", "expected"),
    [
        ("nothing", "alice"),
        ("a rule: never", None),
        ("another rule", "bob"),
        ("another login", "bob"),
        ("another index", None),
        ("its own rule: same-path", None),
    ],
)
def test_a_link_loses_against_whatever_speaks_of_its_path(
    download: Run,
    pool: IndexServer,
    config: Callable[[str], None],
    tmp_path: Path,
    downloads: Any,
    speaks: str,
    expected: str | None,
) -> None:
    """audit 4, A26: what Alice's page links to gets Alice's credential only where nothing else speaks of that path.

    The first case is the control: there the link takes the credential along.
    """
    index, other = pool.url("/team-a/simple/"), pool.url("/tenant-b/")
    own = '\nlinks = "same-path"' if "same-path" in speaks else ""
    never = '\nauthenticate = "never"' if "never" in speaks else ""
    rules = f'[[index]]\nname = "corp"\nurl = "{index}"{own}\n'
    if speaks in {"a rule: never", "another rule"}:
        rules += f'[[index]]\nname = "b"\nurl = "{other}"{never}\n'
    config(rules)
    variables = {"AUTHPIP_INDEX_CORP_USERNAME": "alice", "AUTHPIP_INDEX_CORP_PASSWORD": SECRET}
    if speaks == "another rule":
        variables |= {"AUTHPIP_INDEX_B_USERNAME": "bob", "AUTHPIP_INDEX_B_PASSWORD": "b0b-" + SECRET}
    if speaks == "another login":
        variables |= authpip_cli.logins(tmp_path / "logins.json", (other, "bob", "b0b-" + SECRET))
    more = ["--extra-index-url", other] if speaks == "another index" else []
    done = download("corp-thing", "-i", index, *more, **variables)
    assert done.returncode == 0, done.stderr
    assert downloads() == {FILE}
    assert sent(pool, "/tenant-b/") == {{"alice": ALICE, "bob": BOB, None: None}[expected]}


def test_a_link_to_no_file_takes_nothing_along(
    download: Run, pool: IndexServer, text_file: Any, config: Callable[[str], None]
) -> None:
    """audit 4: a remote requirements file that Alice's page links to is no distribution."""
    page = next(index for index in pool.indexes if index.prefix == "/team-a/simple/")
    tenant = next(index for index in pool.indexes if index.prefix == "/tenant-b/")
    tenant.files["more.txt"] = text_file("more.txt", "")
    page.links["corp-thing"] += ["/tenant-b/collect/more.txt"]
    rule = authpip_cli.rule(pool.url("/team-a/simple/"), "alice", SECRET)
    first = text_file("first.txt", "corp-thing\n")
    done = download(
        *("-r", str(first), "-r", pool.url("/tenant-b/collect/more.txt"), "-i", pool.url("/team-a/simple/")), **rule
    )
    assert done.returncode == 0, done.stderr
    assert {seen.authorization for seen in pool.seen("/tenant-b/collect/more.txt")} == {None}


@pytest.mark.parametrize("way", ["redirect", "link"])
def test_a_page_names_no_identity(
    download: Run, serve: Callable[..., IndexServer], wheel: Any, text_file: Any, way: str
) -> None:
    """audit 8, P9: an open index leads to the corp index with eve's name and password in the URL; what is sent there
    is what the user's rule says, then and later."""
    corp, public = serve(), serve()
    corp.add("/team/simple", [wheel("corp-thing"), wheel("corp-other")], username="alice", password=SECRET)
    rule = authpip_cli.rule(corp.url("/team/simple/"), "alice", SECRET)
    eve = corp.url("/team/simple/corp-thing/", userinfo="eve:evepw")
    index = public.add("/simple")
    if way == "redirect":
        public.redirect("/simple/corp-thing/", eve)
    else:
        index.links["corp-thing"] = [eve + FILE]
    late = text_file(
        "late.txt", f"corp-other @ {corp.url('/team/simple/corp-other/corp_other-1.0-py3-none-any.whl')}\n"
    )
    public.add("/open", [late])
    done = download("corp-thing", "-r", public.url("/open/late.txt"), "-i", public.url("/simple/"), **rule)
    assert done.returncode == 0, done.stderr
    assert sent(corp, "/") == {ALICE}
    assert set(corp.statuses()) == {200}


def test_a_password_in_a_remote_requirements_file_is_its_own_indexs(
    download: Run, serve: Callable[..., IndexServer], wheel: Any, text_file: Any, downloads: Any
) -> None:
    """audit 8: what stands in a requirements file is the user's word, for an index and for a direct reference."""
    corp, public = serve(), serve()
    corp.add("/team/simple", [wheel("corp-thing")], username="alice", password=SECRET)
    corp.add("/files", [wheel("corp-other")], username="alice", password=SECRET)
    index = corp.url("/team/simple/", userinfo=f"alice:{SECRET}")
    file = corp.url("/files/corp_other-1.0-py3-none-any.whl", userinfo=f"alice:{SECRET}")
    public.add("/open", [text_file("r.txt", f"--index-url {index}\ncorp-thing\ncorp-other @ {file}\n")])
    done = download("-r", public.url("/open/r.txt"))
    assert done.returncode == 0, done.stderr
    assert len(downloads()) == 2
    assert sent(corp, "/") == {ALICE}


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_an_unmet_rule_by_host_ends_the_run(
    download: Run,
    serve: Callable[..., IndexServer],
    wheel: Any,
    text_file: Any,
    downloads: Any,
    config: Callable[[str], None],
    scheme: str,
) -> None:
    """audit 6, A27: a remote file names the private index of a rule's host, also over http; nothing has its credential:
    exit 3, and the public twin is not taken."""
    private, public = serve(tls=scheme == "https"), serve()
    private.add("/team/simple", [wheel("corp-thing")], username="alice", password=SECRET)
    public.add("/simple", [wheel("corp-thing", "99.0")])
    config('[[index]]\nhosts = ["localhost"]\nprovider = "env"\nname = "corp"\n')
    url = private.url("/team/simple/", host="localhost")
    public.add("/open", [text_file("r.txt", f"--extra-index-url {url}\ncorp-thing\n")])
    done = download("-r", public.url("/open/r.txt"), "-i", public.url("/simple/"))
    assert done.returncode == 3, done.stdout + done.stderr
    assert downloads() == set()
    assert "no credential for" in done.stderr


def test_an_error_at_a_renewal_ends_the_run(
    download: Run, index_server: IndexServer, wheel: Any, downloads: Any, tmp_path: Path
) -> None:
    """audit 6: the file of logins breaks in mid-run, and a 401 asks for a fresh credential: exit 3, no public twin."""
    url = index_server.url("/team/simple/")
    index_server.add("/team/simple", [wheel("corp-thing")], username="alice", password="another")
    index_server.add("/simple", [wheel("corp-thing", "99.0")])
    login = authpip_cli.logins(tmp_path / "logins.json", (url, "alice", SECRET))
    index_server.on_request = lambda *_: (tmp_path / "logins.json").write_text("{")
    done = download("corp-thing", "-i", url, "--extra-index-url", index_server.url("/simple/"), **login)
    assert done.returncode == 3, done.stdout + done.stderr
    assert downloads() == set()


@pytest.mark.parametrize("allowed", [False, True])
@pytest.mark.parametrize("what", ["index", "direct reference", "netrc"])
def test_what_only_pip_sees_does_not_go_over_plain_http(
    download: Run,
    serve: Callable[..., IndexServer],
    wheel: Any,
    text_file: Any,
    config: Callable[[str], None],
    home: Path,
    what: str,
    allowed: bool,
) -> None:
    """audit 12, P2: the password of a URL in a remote requirements file, and pip's own .netrc, off loopback; the proxy
    stands for the network. A rule with allow-http is the control: then it is sent."""
    network = serve(tls=False)
    userinfo = "" if what == "netrc" else f"alice:{SECRET}@"
    line = f"--index-url http://{userinfo}corp.example/team/simple/\ncorp-thing\n"
    if what == "direct reference":
        line = f"corp-thing @ http://{userinfo}corp.example/team/simple/{FILE}\n"
    network.add("/open", [text_file("r.txt", line)])
    if what == "netrc":
        (home / ".netrc").write_text(f"machine corp.example login alice password {SECRET}\n")
        (home / ".netrc").chmod(0o600)
    config(
        '[[index]]\nurl = "http://corp.example/"\nallow-http = true\nauthenticate = "auto"\nprovider = "env"\n'
        if allowed
        else '[[index]]\nurl = "https://elsewhere.example/"\nauthenticate = "auto"\n'
    )
    options = ["--no-input", "--retries", "0", "--trusted-host", "corp.example"]
    done = download(
        "-r",
        network.url("/open/r.txt"),
        *options,
        http_proxy=network.url(),
        no_proxy="127.0.0.1",
        NETRC=str(home / ".netrc"),
    )
    assert done.returncode in {1, 3}, done.stderr
    authorizations = {seen.authorization for seen in network.requests if "corp.example" in seen.headers["Host"]}
    assert (ALICE in authorizations) is allowed, (authorizations, done.stderr)
    if what != "netrc" and not allowed:
        assert done.returncode == 3
        assert "plain http" in done.stderr
