# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Put a Chromium and axe-core into .cache/browser: ``python -m tests.browser.install``. The exit status is always 0.

A Chromium on the PATH is used as it is. Where there is none and the system is Debian, its package and those it depends
on are unpacked into the folder: nothing is installed. axe-core comes from npm. The tests of the page skip,
saying so, where one of them is missing.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

from tests.utils.tree import ROOT

FOLDER = ROOT / ".cache" / "browser"
SYSTEM = FOLDER / "system"
AXE = FOLDER / "axe.min.js"
AXE_PACKAGE = "axe-core@4"
# A page without a font has no text, and Chromium's package depends on none.
PACKAGES = ("chromium", "fonts-liberation", "fonts-dejavu-core")
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SECONDS = 240


class NotInstalled(Exception):
    """A tool of these tests is missing; the message is a sentence."""


@dataclass(frozen=True)
class Tools:
    """The program of the browser, and the environment that it needs."""

    program: str
    environment: t.Mapping[str, str] = field(default_factory=dict)


def find() -> Tools:
    """Return the browser. Raise NotInstalled if there is none, or if it does not start."""
    found = next((path for name in PROGRAMS if (path := shutil.which(name))), "")
    tools = Tools(found) if found else _unpacked()
    _run([tools.program, "--version"], tools.environment)
    return tools


def axe() -> str:
    """Return the source of axe-core. Raise NotInstalled if it is missing."""
    if not AXE.is_file():
        raise NotInstalled(_sentence("axe-core", "absent"))
    return AXE.read_text(encoding="utf-8")


def main() -> None:
    """Install what is missing; say what could not be installed."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for install in (_install_chromium, _install_axe):
        try:
            install()
        except NotInstalled as error:
            print(f"browser: {error} The tests in tests/browser skip.")


def _sentence(what: str, actual: str) -> str:
    return f"{what}: expected in {FOLDER.relative_to(ROOT)} or on the PATH, actual {actual.rstrip('.')}."


def _unpacked() -> Tools:
    program = SYSTEM / "usr" / "lib" / "chromium" / "chromium"
    if not program.is_file():
        raise NotInstalled(_sentence("chromium", "absent"))
    folders = dict.fromkeys(str(path.parent) for path in sorted(SYSTEM.rglob("*.so*")))
    return Tools(
        str(program),
        {
            "LD_LIBRARY_PATH": ":".join(folders),
            "FONTCONFIG_FILE": str(_fonts()),
            "XDG_CACHE_HOME": str(FOLDER / "cache"),
        },
    )


def _fonts() -> Path:
    """Return a configuration that names the unpacked fonts: that of the package names folders of the system."""
    file = FOLDER / "fonts.conf"
    folder = SYSTEM / "usr" / "share" / "fonts"
    file.write_text(f"<fontconfig><dir>{folder}</dir><dir>/usr/share/fonts</dir></fontconfig>\n", encoding="utf-8")
    return file


def _install_chromium() -> None:
    try:
        find()
    except NotInstalled:
        _unpack_debian()
        find()


def _unpack_debian() -> None:
    # Lists of packages of our own: those of the system may be old or absent, and are not ours to change.
    lists = FOLDER / "lists"
    lists.joinpath("partial").mkdir(parents=True, exist_ok=True)
    apt = ["apt-get", "--option", f"Dir::State::lists={lists}", "--option", "Dir::Cache::pkgcache=",
           "--option", "Dir::Cache::srcpkgcache=", "--option", "APT::Sandbox::User=root"]  # fmt: skip
    _run([*apt, "update"])
    listing = _run([*apt, "install", "--simulate", "--no-install-recommends", *PACKAGES])
    # "Inst NAME (VERSION …)" for each package that the system has not.
    names = [line.split()[1] for line in listing.splitlines() if line.startswith("Inst ")]
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        _run([*apt, "download", *names], folder=Path(folder))
        for package in sorted(Path(folder).glob("*.deb")):
            _run(["dpkg-deb", "--extract", str(package), str(SYSTEM)])
    shutil.rmtree(lists)


def _install_axe() -> None:
    if AXE.is_file():
        return
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        _run(["npm", "pack", "--silent", AXE_PACKAGE], folder=Path(folder))
        packed = next(Path(folder).glob("*.tgz"), None)
        if packed is None:
            raise NotInstalled(_sentence("axe-core", "no package from npm"))
        with tarfile.open(packed) as archive:
            member = archive.extractfile("package/axe.min.js")
            if member is None:
                raise NotInstalled(_sentence("axe-core", "a package without axe.min.js"))
            AXE.write_bytes(member.read())


def _run(command: list[str], environment: t.Mapping[str, str] | None = None, folder: Path = ROOT) -> str:
    try:
        done = subprocess.run(
            command, cwd=folder, env={**os.environ, **(environment or {})}, timeout=SECONDS, check=False,
            capture_output=True, text=True,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstalled(_sentence(command[0], str(error))) from None
    if done.returncode:
        said = re.sub(r"\s+", " ", done.stderr or done.stdout).strip()[-200:]
        raise NotInstalled(_sentence(" ".join(command[:2]), f"status {done.returncode}: {said}"))
    return done.stdout


if __name__ == "__main__":
    main()
    sys.exit(0)
