"""`[builds]`: what the code that pip builds does not see."""

from __future__ import annotations

from pathlib import Path

import pytest

from authpip.config.builds import IDENTITY, Builds
from authpip.config.loading import load_settings, read_settings

SEEN = {"PATH": "", "HOME": "", "SSH_AUTH_SOCK": "", "CC": "", "AWS_REGION": "", "TOKENIZERS": ""}
HIDDEN = (
    *("ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_RUNTIME_TOKEN", "GITHUB_TOKEN", "GH_TOKEN", "CI_JOB_JWT_V2"),
    *("AWS_SECRET_ACCESS_KEY", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "GOOGLE_APPLICATION_CREDENTIALS"),
    *("CLOUDSDK_AUTH_ACCESS_TOKEN_FILE", "AZURE_CLIENT_SECRET", "IDENTITY_HEADER", "CIRCLE_OIDC_TOKEN_V2"),
    *("TWINE_USERNAME", "UV_PUBLISH_PASSWORD", "POETRY_PYPI_TOKEN_PYPI", "DB_PASSWORD", "MY_TOKEN", "MY_SECRET"),
)


_LISTED = """
    ACTIONS_ID_TOKEN_REQUEST_* ACTIONS_RUNTIME_TOKEN GITHUB_TOKEN GH_TOKEN CI_JOB_TOKEN CI_JOB_JWT* SYSTEM_ACCESSTOKEN
    AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_WEB_IDENTITY_TOKEN_FILE AWS_CONTAINER_*
    GOOGLE_APPLICATION_CREDENTIALS CLOUDSDK_AUTH_* AZURE_*SECRET* AZURE_FEDERATED_TOKEN_FILE IDENTITY_* CIRCLE_OIDC_*
    BITBUCKET_STEP_OIDC_TOKEN BUILDKITE_AGENT_ACCESS_TOKEN TWINE_* UV_*PASSWORD POETRY_* PYPI_TOKEN NPM_TOKEN
    *_PASSWORD *_TOKEN *_SECRET
"""
LISTED = _LISTED.split()


@pytest.mark.parametrize("pattern", LISTED)
def test_each_that_is_listed(pattern: str) -> None:
    """P4: names that each pattern of docs/configuration.md stands for, in either case; `keep` takes each of them back,
    by its name and by its pattern."""
    names = [pattern.replace("*", middle) for middle in (("X", "PUBLISH_", "x") if "*" in pattern else ("",))]
    environ = {**SEEN, **dict.fromkeys(names, "x"), **dict.fromkeys(name.lower() for name in names)}
    hidden = sorted({*names, *(name.lower() for name in names)})
    assert Builds("identity").hidden(environ) == hidden
    assert Builds("nothing").hidden(environ) == []
    assert Builds("identity", (pattern,)).hidden(environ) == []
    assert Builds("identity", tuple(names)).hidden(environ) == []


def test_the_list_is_whole() -> None:
    """A pattern that is added to the code is added here and to docs/configuration.md."""
    assert set(IDENTITY) == set(LISTED)


def test_what_identity_hides() -> None:
    """P4: every variable of the list, and no other; nothing by default."""
    environ = SEEN | dict.fromkeys(HIDDEN, "x")
    assert Builds("identity").hidden(environ) == sorted(HIDDEN)
    assert Builds().hidden(environ) == []
    kept = Builds("identity", ("MY_*", "GH_TOKEN")).hidden(environ)
    assert kept == sorted(set(HIDDEN) - {"MY_TOKEN", "MY_SECRET", "GH_TOKEN"})


@pytest.mark.posix
def test_the_file_and_the_variable(environment: dict[str, str], home: Path) -> None:
    """The table of config.toml; AUTHPIP_BUILDS_HIDE says in its place what is hidden, and keep stays."""
    file = home / ".config/authpip/config.toml"
    file.parent.mkdir(parents=True, mode=0o700)
    file.write_text('[builds]\nhide = "identity"\nkeep = ["AWS_REGION"]\n')
    assert load_settings(environment).builds == Builds("identity", ("AWS_REGION",))
    hidden = environment | {"AUTHPIP_BUILDS_HIDE": "nothing"}
    assert load_settings(hidden).builds == Builds("nothing", ("AWS_REGION",))
    file.unlink()
    assert load_settings(environment | {"AUTHPIP_BUILDS_HIDE": "identity"}).builds == Builds("identity")


@pytest.mark.parametrize("text", ['hide = "all"', "keep = 1", "hidden = true"])
@pytest.mark.posix
def test_what_is_wrong_with_it(environment: dict[str, str], home: Path, text: str) -> None:
    """An unknown word or key is a problem with its place."""
    file = home / ".config/authpip/config.toml"
    file.parent.mkdir(parents=True, mode=0o700)
    file.write_text(f"[builds]\n{text}\n")
    assert "config.toml" in str(read_settings(environment)[1][0])
    assert read_settings(environment | {"AUTHPIP_BUILDS_HIDE": "all"})[1]
