"""What an ordinary user of a Windows machine can do to another one, and what a project can: nothing."""

from __future__ import annotations

import shutil

import pytest

from support.machine.windows_python import Windows

pytestmark = [pytest.mark.windows, pytest.mark.heavy, pytest.mark.real, pytest.mark.xdist_group("windows")]

FOLDER = r"C:\ProgramData\authpip"
RULE = '[[index]]\nname = "corp"\nurl = "https://pypi.corp.example/simple/"\nprovider = "command"\n[index.command]\n'
RUN = "run = ['C:\\tool\\Scripts\\python.exe', '-c', 'print(\"from-the-command\")']\n"
URL = "https://pypi.corp.example/simple/"


def test_a_site_configuration_of_the_administrators_counts(wine: Windows) -> None:
    """The control: a config.toml below ProgramData is read, and its command runs, if nobody else may write it."""
    wine.write(rf"{FOLDER}\config.toml", RULE + RUN)
    done = wine.authpip("token", URL)
    assert (done.returncode, done.stdout) == (0, "from-the-command\n"), done.stderr


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_site_configuration_that_others_may_write_is_refused(wine: Windows, what: str) -> None:
    """P6: where everybody may write the file or its folder, nothing of it is read, and its command does not run.

    Before the access list was looked at, the command ran.
    """
    wine.write(rf"{FOLDER}\config.toml", RULE + RUN)
    wine.host(rf"{FOLDER}\config.toml" if what == "file" else FOLDER).chmod(0o777)  # Wine: Everyone may write
    done = wine.authpip("token", URL)
    assert (done.returncode, done.stdout) == (2, "")
    assert "is not used: other users can write" in done.stderr
    assert "icacls" in done.stderr


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_site_configuration_of_another_user_is_refused(wine: Windows, what: str) -> None:
    """P6: a folder that an ordinary user made first, and a file that he put into the administrators' folder."""
    wine.write(rf"{FOLDER}\config.toml", RULE + RUN)
    shutil.chown(wine.host(rf"{FOLDER}\config.toml" if what == "file" else FOLDER), 12345)
    done = wine.authpip("token", URL)
    assert (done.returncode, done.stdout) == (2, "")
    assert "belongs to another user" in done.stderr


def test_a_program_of_the_working_directory_is_not_started(wine: Windows) -> None:
    """P7: `auth exec` starts the twine on PATH and not the project's, which shutil.which finds."""
    wine.write(r"C:\work\twine.cmd", "@echo planted\r\n")
    wine.write(r"C:\work\bin\twine.cmd", "@echo genuine\r\n")
    finds = wine.run(wine.tool, "-c", "import shutil; print(shutil.which('twine'))", cwd=wine.host(r"C:\work"))
    assert "twine.cmd" in finds.stdout.lower()
    words = ("exec", "--", "twine", "--version")
    alone = wine.authpip(*words, cwd=wine.host(r"C:\work"))
    assert (alone.returncode, alone.stdout) == (127, ""), alone.stderr
    done = wine.authpip(*words, cwd=wine.host(r"C:\work"), path=[r"C:\work\bin"])
    assert done.stdout.strip() == "genuine", done.stderr


def test_a_helper_that_others_may_write_is_not_started(wine: Windows) -> None:
    """P7: a gcloud.cmd in a directory to which everybody may write is passed over, and the message says so."""
    wine.write(r"C:\work\tools\pass.cmd", "@echo planted\r\n")
    wine.host(r"C:\work\tools").chmod(0o777)
    wine.write(rf"{FOLDER}\config.toml", RULE + "run = 'pass show'\n")
    done = wine.authpip("token", URL, path=[r"C:\work\tools"])
    assert (done.returncode, done.stdout) == (3, "")
    assert "other users can write to its directory" in done.stderr
