"""A build backend that looks around at every hook of PEP 517 and PEP 660. Shipped inside the tests' own packages.

Standard library only, Python 3.8 or newer. spy_settings is written by packages.py beside this file.
"""

import io
import os
import tarfile
import zipfile

import spy
from spy_settings import LATE, NAME, REPORT, VERSION

MODULE = NAME.replace("-", "_")
INFO = f"{MODULE}-{VERSION}.dist-info"
METADATA = f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {VERSION}\n"
WHEEL = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"

spy.observe(REPORT, "import of the backend")


def get_requires_for_build_wheel(config_settings=None):
    spy.observe(REPORT, "get_requires_for_build_wheel")
    return LATE


def get_requires_for_build_editable(config_settings=None):
    spy.observe(REPORT, "get_requires_for_build_editable")
    return LATE


def get_requires_for_build_sdist(config_settings=None):
    spy.observe(REPORT, "get_requires_for_build_sdist")
    return LATE


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    spy.observe(REPORT, "prepare_metadata_for_build_wheel")
    return prepare(metadata_directory)


def prepare_metadata_for_build_editable(metadata_directory, config_settings=None):
    spy.observe(REPORT, "prepare_metadata_for_build_editable")
    return prepare(metadata_directory)


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    spy.observe(REPORT, "build_wheel")
    return build(wheel_directory)


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    spy.observe(REPORT, "build_editable")
    return build(wheel_directory)


def build_sdist(sdist_directory, config_settings=None):
    spy.observe(REPORT, "build_sdist")
    stem = f"{MODULE}-{VERSION}"
    with tarfile.open(os.path.join(sdist_directory, stem + ".tar.gz"), "w:gz") as archive:
        member = tarfile.TarInfo(stem + "/PKG-INFO")
        member.size = len(METADATA)
        archive.addfile(member, io.BytesIO(METADATA.encode()))
    return stem + ".tar.gz"


def prepare(directory):
    os.makedirs(os.path.join(directory, INFO))
    for name, text in (("METADATA", METADATA), ("WHEEL", WHEEL)):
        with open(os.path.join(directory, INFO, name), "w") as file:
            file.write(text)
    return INFO


def build(directory):
    name = f"{MODULE}-{VERSION}-py3-none-any.whl"
    content = {MODULE + ".py": "", INFO + "/METADATA": METADATA, INFO + "/WHEEL": WHEEL}
    record = "".join(f"{path},,\n" for path in [*content, INFO + "/RECORD"])
    with zipfile.ZipFile(os.path.join(directory, name), "w") as archive:
        for path, text in dict(content, **{INFO + "/RECORD": record}).items():
            archive.writestr(path, text)
    return name
