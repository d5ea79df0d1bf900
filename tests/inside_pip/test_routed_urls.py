"""A package that a rule names, and that a URL, --find-links or a lock file takes from elsewhere (A27)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.leaks.canary import SECRET
from support.programs.authpip_cli import Run
from support.samples.twin_indexes import CREDENTIAL, config, options, private, public, refused, rule
from support.servers.index_server import IndexServer

__all__ = ["config", "private", "public"]  # the fixtures of these tests

pytestmark = pytest.mark.real


@pytest.mark.parametrize("way", ["reference", "file", "find-links page", "find-links file", "find-links directory"])
def test_a_routed_name_by_url(
    download: Run, private: IndexServer, public: IndexServer, config: Any, wheel: Any, downloads: Any, way: str
) -> None:
    """A direct URL or find-links for a routed name: an error that names both, the file with the rule and its line."""
    path = config(rule(private))
    file = public.url("/simple/corp-thing/corp_thing-99.0-py3-none-any.whl")
    page = public.url("/simple/corp-thing/")
    local = wheel("corp-thing", "99.0").parent
    words, place = {
        "reference": ([f"corp-thing @ {file}"], file),
        "file": ([file], file),
        "find-links page": (["corp-thing", "-f", page], file),
        "find-links file": (["corp-thing", "-f", file], file),
        "find-links directory": (["corp-thing", "-f", str(local)], str(local)),
    }[way]
    done = download(*words, "-i", private.url("/team/simple/"), **CREDENTIAL)
    assert refused(done, path, place, private.url("/team/simple/")), done.stderr
    assert downloads() == set()


def test_a_routed_name_by_a_url_of_its_own_index(
    download: Run, private: IndexServer, config: Any, downloads: Any
) -> None:
    """A direct reference into the index of the rule is as good as the index."""
    config(rule(private))
    file = private.url("/team/simple/corp-thing/corp_thing-1.0-py3-none-any.whl")
    done = download(f"corp-thing @ {file}", **CREDENTIAL)
    assert done.returncode == 0, done.stderr
    assert downloads()


@pytest.mark.parametrize("way", ["constraints file", "dependency", "repository", "editable repository"])
def test_a_routed_name_that_is_named_by_url_elsewhere(
    pip: Run,
    private: IndexServer,
    public: IndexServer,
    config: Any,
    wheel: Any,
    text_file: Any,
    tmp_path: Path,
    way: str,
) -> None:
    """The URL of a constraints file, of a package's own dependency and of a repository are direct references, too."""
    path, file = config(rule(private)), public.url("/simple/corp-thing/corp_thing-99.0-py3-none-any.whl")
    repository = f"git+{public.url('/corp-thing.git')}#egg=corp-thing"
    dependent = wheel("corp-user", requires=[f"corp-thing @ {file}"])
    private.indexes[0].files[dependent.name] = dependent
    words, place = {
        "constraints file": (["corp-thing", "-c", str(text_file("c.txt", f"corp-thing @ {file}\n"))], file),
        "dependency": (["corp-user"], file),
        "repository": ([repository], repository.partition("#")[0]),
        "editable repository": (["-e", repository], repository.partition("#")[0]),
    }[way]
    command = ["wheel", "--no-cache-dir", "-w", str(tmp_path / "here"), "-i", private.url("/team/simple/")]
    done = pip(*command, *words, **CREDENTIAL)
    assert refused(done, path, place, private.url("/team/simple/")), done.stdout + done.stderr
    assert public.requests == []


def test_lock_files(
    pip: Run, private: IndexServer, public: IndexServer, config: Any, wheel: Any, tmp_path: Path
) -> None:
    """`pip lock` writes the private file down, and `install -r pylock.toml` takes it."""
    config(rule(private))
    lock, urls = str(tmp_path / "pylock.toml"), options(public, private)
    done = pip("lock", "corp-thing", "other", "-o", lock, *urls, **CREDENTIAL)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "99.0" not in Path(lock).read_text()
    done = pip("install", "--no-deps", "--target", str(tmp_path / "target"), "-r", lock, *urls, **CREDENTIAL)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "target" / "corp_thing-1.0.dist-info").exists()
    assert not [seen for seen in public.requests if "corp" in seen.path]


@pytest.mark.parametrize(
    ("files", "no_index", "routed"),
    [
        ("below the index", False, True),
        ("beside the index", False, True),
        ("beside the index", True, True),
        ("below the index", False, False),
    ],
)
def test_a_lock_file_that_names_a_public_twin(
    pip: Run,
    serve: Callable[..., IndexServer],
    public: IndexServer,
    config: Any,
    wheel: Any,
    tmp_path: Path,
    files: str,
    no_index: bool,
    routed: bool,
) -> None:
    """A lock file whose URL for a routed name leads elsewhere is refused; one made from the index is taken, wherever
    the index has its files. The control has no route: there pip installs the twin."""
    private = serve()
    at = {"files_at": "/pool/corp-thing/"} if files.startswith("beside") else {}
    private.add("/team/simple", [wheel("corp-thing")], username="alice", password=SECRET, **at)
    path = config(rule(private) if routed else rule(private, ""))
    good, bad, target = tmp_path / "pylock.toml", tmp_path / "pylock.bad.toml", str(tmp_path / "target")
    pip("lock", "corp-thing", "-o", str(good), "-i", private.url("/team/simple/"), **CREDENTIAL)
    place = ["--no-index"] if no_index else ["-i", private.url("/team/simple/")]
    install = ["install", "--no-deps", "--no-cache-dir", "--target", target, *place]
    done = pip(*install, "-r", str(good), **CREDENTIAL)
    assert done.returncode == 0, done.stdout + done.stderr

    twin = public.url("/simple/corp-thing/corp_thing-99.0-py3-none-any.whl")
    bad.write_text(pylock(twin, wheel("corp-thing", "99.0")))
    done = pip(*install, "--upgrade", "-r", str(bad), **CREDENTIAL)
    if routed:
        assert refused(done, path, twin, private.url("/team/simple/")), done.stdout + done.stderr
        assert public.requests == []
    else:
        assert done.returncode == 0, done.stdout + done.stderr
        assert Path(target, "corp_thing-99.0.dist-info").exists()


def test_a_lock_file_with_a_wrong_hash(pip: Run, private: IndexServer, config: Any, tmp_path: Path) -> None:
    """The file of the index is fetched with the credential and refused by pip's own check: nothing is installed."""
    config(rule(private))
    lock, target = tmp_path / "pylock.toml", tmp_path / "target"
    place = ["-i", private.url("/team/simple/")]
    pip("lock", "corp-thing", "-o", str(lock), *place, **CREDENTIAL)
    text, count = re.subn(r'(?<=sha256 = ")[0-9a-f]{64}', "0" * 64, lock.read_text())
    assert count == 1
    lock.write_text(text)
    install = ["install", "--no-deps", "--no-cache-dir", "--target", str(target), *place]
    done = pip(*install, "-r", str(lock), **CREDENTIAL)
    assert done.returncode == 1
    assert "DO NOT MATCH THE HASHES" in done.stderr
    assert set(private.statuses()) == {200}
    assert not target.exists()


def pylock(url: str, file: Path) -> str:
    """A lock file that names this file of corp-thing 99.0."""
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    head = 'lock-version = "1.0"\ncreated-by = "tests"\n[[packages]]\nname = "corp-thing"\nversion = "99.0"\n'
    return f'{head}[[packages.wheels]]\nname = "{file.name}"\nurl = "{url}"\nhashes = {{sha256 = "{digest}"}}\n'
