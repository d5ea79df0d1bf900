"""What a command says about words that it does not know: the option that was meant, and the words there are."""

from __future__ import annotations

import pytest

from authpip.cli.commands import dispatch
from authpip.core.errors import UsageError

SAID = {
    "login https://x.example/ -u alice": "there is no option -u; did you mean --username? see `authpip auth login",
    "login -u alice": "there is no option -u; did you mean --username? see",
    "login https://x.example/ -phunter2": "there is no option -p; see",
    "login https://x.example/ --user alice": "there is no option --user; did you mean --username? see",
    "login https://x.example/ --pasword-stdin=hunter2": "did you mean --password-stdin?",
    "login https://x.example/ hunter2": "too many arguments; see `authpip auth login --help`",
    "activate tcsh": "shell is one of bash, zsh, fish, pwsh; see `authpip auth activate --help`",
    "activate": "shell is missing: one of bash, zsh, fish, pwsh; see",
    "venv enable --via foo": "--via is one of pth, sitecustomize; see",
    "shim": "action is missing: one of install, remove, status; see",
    "config": "action is missing: one of show, check; see",
    "import https://x.example/ --frob": "there is no option --frob; see",
}


@pytest.mark.parametrize(("words", "said"), SAID.items(), ids=SAID)
def test_what_was_meant(words: str, said: str) -> None:
    """trial B8: the option that does not exist and the nearest one, the words that are accepted; never a value."""
    with pytest.raises(UsageError) as raised:
        dispatch(words.split(), {})
    assert said in str(raised.value)
    assert "hunter2" not in str(raised.value)
