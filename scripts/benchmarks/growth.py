"""What happens to the ratio as a run grows: links, indexes, requirement lines, packages, nested builds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from measuring import Case, Limit, Way, command
from places import PASSWORD, USER, Place, place

from support.samples import packages

INDEX = "/team/simple/"
LINKS = (1, 1_000, 10_000, 40_000)
INDEXES = (1, 10, 50)
LINES = (100, 10_000)
PACKAGES = (1, 20, 60)
BUILDS = (1, 4)


@contextmanager
def links() -> Iterator[list[Case]]:
    """A page of many links, whose files lie beside the index path, as Artifact Registry lays them out."""
    with place() as found:
        index = found.server.add(
            INDEX, [packages.wheel(found.base, "thing")], username=USER, password=PASSWORD, files_at="/pool/thing/"
        )

        def case(count: int) -> Case:
            name = f"many-{count}"
            index.files |= {path.name: path for path in [packages.wheel(found.base, name)]}
            stem = name.replace("-", "_")
            index.links[name] = [
                f"/pool/thing/{stem}-0.{number}-py3-none-any.whl#sha256={number:064x}" for number in range(count)
            ]
            limit = Limit(cpu=1.02, memory=5) if count == max(LINKS) else Limit()
            ways = _ways(found, found.plain(INDEX), found.by_rule(INDEX), [f"{name}==1.0"])
            return Case("links of a page", counted(count, "link", "links"), ways, limit, count, rounds=9)

        yield [case(count) for count in LINKS]


@contextmanager
def indexes() -> Iterator[list[Case]]:
    """Many private indexes beside one another; the last one has the package."""
    with place() as found:
        wheel = packages.wheel(found.base, "thing")
        paths = [f"/team-{number}/simple/" for number in range(max(INDEXES))]
        for path in paths:
            found.server.add(path, [wheel] if path == paths[0] else [], username=USER, password=PASSWORD)

        def case(count: int) -> Case:
            plain = found.plain(paths[0])
            if count > 1:
                plain["PIP_EXTRA_INDEX_URL"] = " ".join(map(found.password_in_url, paths[1:count]))
            limit = Limit(memory=5) if count == max(INDEXES) else Limit()
            ways = _ways(found, plain, found.by_rule(*paths[:count]), ["thing"])
            return Case("indexes", counted(count, "index", "indexes"), ways, limit, count, rounds=9)

        yield [case(count) for count in INDEXES]


@contextmanager
def lines() -> Iterator[list[Case]]:
    """A requirements file of many lines, of which a marker leaves one."""
    with place() as found:
        found.server.add(INDEX, [packages.wheel(found.base, "thing")], username=USER, password=PASSWORD)

        def case(count: int) -> Case:
            file = found.base / f"requirements-{count}.txt"
            others = "".join(f"other-{number}>=1; python_version < '3'\n" for number in range(count - 1))
            file.write_text(others + "thing\n")
            ways = _ways(found, found.plain(INDEX), found.by_rule(INDEX), ["-r", str(file)])
            return Case("requirement lines", counted(count, "line", "lines"), ways, size=count, rounds=9)

        yield [case(count) for count in LINES]


@contextmanager
def many_packages() -> Iterator[list[Case]]:
    """Many small wheels in one command."""
    with place() as found:
        names = [f"thing-{number}" for number in range(max(PACKAGES))]
        files = [packages.wheel(found.base, name) for name in names]
        found.server.add(INDEX, files, username=USER, password=PASSWORD)

        def case(count: int) -> Case:
            ways = _ways(found, found.plain(INDEX), found.by_rule(INDEX), names[:count])
            return Case("packages", counted(count, "package", "packages"), ways, size=count, rounds=9)

        yield [case(count) for count in PACKAGES]


@contextmanager
def builds() -> Iterator[list[Case]]:
    """Source distributions, each with a build dependency from the private index: a nested pip for each."""
    with place() as found:
        report = found.base / "spy.jsonl"
        names = [f"built-{number}" for number in range(max(BUILDS))]
        files = [packages.spy_sdist(found.base, name, report, requires=[f"tool-{name}"]) for name in names]
        files += [packages.wheel(found.base, f"tool-{name}") for name in names]
        found.server.add(INDEX, files, username=USER, password=PASSWORD)

        def case(count: int) -> Case:
            ways = _ways(found, found.plain(INDEX), found.by_rule(INDEX), names[:count], word="wheel")
            return Case("nested builds", counted(count, "build", "builds"), ways, size=count, rounds=5)

        yield [case(count) for count in BUILDS]


def counted(count: int, one: str, many: str) -> str:
    """ "1 link", "40,000 links"."""
    return f"{count:,} {one if count == 1 else many}"


def _ways(
    found: Place, plain: Mapping[str, str], ours: Mapping[str, str], wanted: Sequence[str], *, word: str = "download"
) -> list[Way]:
    """pip with the password in its URL, and authpip with variables, into an empty directory."""
    target = found.base / "target"
    into = "-w" if word == "wheel" else "-d"
    arguments = [word, "--quiet", "--no-deps", "--no-cache-dir", into, str(target), *wanted]
    return [
        Way("pip, password in the URL", command("pip", arguments, plain, emptied=target)),
        Way("authpip", command("authpip", arguments, ours, emptied=target)),
    ]


GROUPS = (indexes, lines, many_packages, builds, links)  # the largest last: see Run.memory
