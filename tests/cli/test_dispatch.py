"""What all commands of `authpip auth` have in common."""

from __future__ import annotations

import os

import pytest

from authpip.cli.commands import COMMANDS, dispatch
from authpip.core.errors import UsageError


@pytest.mark.parametrize("word", COMMANDS)
def test_a_mistyped_option_is_one_line_without_its_value(word: str, capfd: pytest.CaptureFixture[str]) -> None:
    """A23: whoever types --password=… where there is no such option does not see it again; one error, no usage text."""
    with pytest.raises(UsageError) as caught:
        dispatch([word, "--pasword=hunter2"], dict(os.environ))
    assert caught.value.exit_code == 2
    assert f"authpip auth {word}" in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("word", COMMANDS)
def test_help_is_printed_and_nothing_is_done(word: str, capfd: pytest.CaptureFixture[str]) -> None:
    """--help: exit status 0, on standard output, under the command's own name."""
    with pytest.raises(SystemExit) as ended:
        dispatch([word, "--help"], dict(os.environ))
    assert not ended.value.code
    out, err = capfd.readouterr()
    assert out.startswith(f"usage: authpip auth {word} ")
    assert err == ""


def test_an_unknown_command_is_met_with_the_nearest() -> None:
    """`auth chek` is answered with `auth check`."""
    with pytest.raises(UsageError, match="did you mean `authpip auth check`"):
        dispatch(["chek"], dict(os.environ))
