"""What random pip invocations are made of: URLs, references, options in their spellings, values of settings."""

from __future__ import annotations

from hypothesis import strategies as st

Words = st.SearchStrategy[list[str]]

_URLS = (
    *("https://{}.example/simple", "https://{}.example/simple/", "https://u:p@{}.example/x/", "http://localhost:{}/s"),
    *("file:///srv/{}", "https://name@{}.example/a%20b/", "https://{}.example/#fragment", "https://{}.example/a;b/"),
)
REFERENCES = (
    "pkg",
    "pkg[extra]>=1,<2; python_version>'3'",
    "name @ https://direct.example/name-1.tar.gz",
    "name@https://u:p@direct.example/name-1.tar.gz",
    "name[x] @ https://direct.example/n.zip#sha256=00 ; python_version>'3'",
    "https://direct.example/other-1.0.tar.gz#egg=other",
    "https://direct.example/a;b/pkg-1.0-py3-none-any.whl ; python_version>'3'",
    "git+https://vcs.example/repo#egg=repo",
    "repo @ git+https://vcs.example/repo",
    "file:///srv/f-1.0.tar.gz#egg=f",
)


def urls() -> st.SearchStrategy[str]:
    """URLs as people write them; numbered, so that one is seldom taken for another."""
    return st.builds(str.format, st.sampled_from(_URLS), st.integers(1, 60))


def pages() -> st.SearchStrategy[str]:
    """What stands behind --find-links: URLs, and paths that exist or do not, here or beside a file."""
    return urls() | st.sampled_from(["pages", "near", "../pages", "missing", "~/pages", "~none/x", "~"])


def option(*names: str, value: st.SearchStrategy[str]) -> Words:
    """One option in one of its spellings, its value apart or attached, alone or at the end of a cluster."""

    def spell(name: str, text: str, how: int) -> list[str]:
        if name.startswith("--"):
            return [f"{name}={text}"] if how % 2 else [name, text]
        cluster = "-q" + name[1:] if how > 1 else name
        return [cluster + text] if how % 2 and text else [cluster, text]

    return st.builds(spell, st.sampled_from(names), value, st.integers(0, 3))


def words(*lines: str) -> Words:
    """One of these, split at its blanks."""
    return st.sampled_from([line.split() for line in lines])


FILES = st.sampled_from(["r.txt", "sub/r.txt", "BASE/work/base.txt", "file://BASE/work/r.txt", "sub/../base.txt"])

INDEX_OPTIONS = st.one_of(
    option("-i", "--index-url", "--index", "--in", "--pypi-url", "--pyp", value=urls()),
    option("--extra-index-url", "--extra", "--ext", value=urls()),
    option("-f", "--find-links", "--find", value=pages()),
    words("--no-index", "--no-ind", "-v", "-q", "-qv", "--pre", "--isolated", "--isol", "--no-input", "--index-url="),
)
GENERAL_OPTIONS = st.one_of(
    option("--proxy", value=st.sampled_from(["http://proxy:3128", ""])),
    option("--cert", "--cer", value=st.just("~/ca.pem")),
    option("--client-cert", value=st.just("~/client.pem")),
    option("--trusted-host", value=st.sampled_from(["one.example", "localhost:1"])),
    option("--timeout", "--default-timeout", value=st.just("7")),
    words("--no-cache-dir", "--disable-pip-version-check", "--no-color", "--debug", "--use-feature fast-deps"),
    words("--exists-action i", "--retries 2", "--isolated", "--no-input", "-v", "--cache-dir cache"),
)
SELECTION_OPTIONS = words("--no-binary x", "--only-binary=:all:", "--prefer-binary", "--platform any", "--abi none")
REQUIREMENT_OPTIONS = st.one_of(
    option("-r", "--requirement", value=FILES),
    option("-c", "--constraint", "--cons", value=FILES),
    words("--no-deps", "--no-build-isolation", "--src s", "--require-hashes", "--progress-bar off", "--no-clean"),
    words("--group dev", "--group sub/pyproject.toml:All_Of-it", "--requirements-from-script script.py"),
    words("-r pylock.toml", "-r sub/pylock.dev.toml[extra]", "--group pylock.toml:dev"),
    words("--build-constraint base.txt", "--use-feature inprocess-build-deps --build-constraint sub/c.txt"),
    st.sampled_from(REFERENCES).map(lambda text: [text]),
)
OWN_OPTIONS = {
    "install": words("-U", "-t target", "--install-option x", "--global-option --no-index", "-I", "--report out"),
    "download": words("-d dest", "--dest=dest", "--destination-dir dest"),
    "wheel": words("-w dest", "--no-verify", "--build-option x"),
    "lock": words("-o out", "--output=out"),
    "list": words("-l", "--format json", "--not-required", "--exclude x"),
    "index": words("--ignore-requires-python", "--json"),
}

VALUES = {
    "index-url": urls() | st.just(""),
    "index_url": urls(),
    "pypi-url": urls(),
    "extra-index-url": st.lists(urls(), max_size=3).map(" ".join),
    "find-links": st.lists(pages(), max_size=2).map("  ".join),
    "no-index": st.sampled_from(["1", "0", "true", "No", ""]),
    "no-input": st.sampled_from(["yes", "off"]),
    "trusted-host": st.sampled_from(["one.example two.example", "x"]),
    "proxy": st.sampled_from(["http://proxy:1", "http://proxy:2"]),
    "cert": st.sampled_from(["~/ca.pem", "ca.pem"]),
    "requirement": st.sampled_from(["r.txt", "r.txt base.txt", "https://remote.example/r.txt"]),
    "constraint": st.sampled_from(["c.txt", "file://BASE/work/c.txt", "sub/c.txt c.txt"]),
    "isolated": st.just("1"),
    "index": urls(),
    "timeout": st.just("3"),
}
"""Settings of variables and configuration files; some that pip does not know."""
