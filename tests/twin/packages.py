# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Debian's strongSwan and nftables, unpacked into a folder: the system is not changed, and root is not needed."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from pathlib import Path

PACKAGES = (
    "libstrongswan",
    "libstrongswan-standard-plugins",
    "strongswan-libcharon",
    "strongswan-charon",
    "strongswan-swanctl",
    "libcharon-extra-plugins",
    "nftables",
    "libnftables1",
    "libnftnl11",
)
_DPKG_STATUS = Path("/var/lib/dpkg/status")
_SECONDS = 300


class Missing(Exception):
    """A piece of the machine that the twin needs and does not find; the text names it, and what to do."""


def unpack(folder: Path) -> Path:
    """Return the root of the unpacked packages below ``folder``; download them once. Raise Missing."""
    if not _is_done(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with (folder.parent / f"{folder.name}.lock").open("w") as lock:
            # Tests of several processes begin at the same time.
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not _is_done(folder):
                _download(folder)
    return folder / "root"


def _is_done(folder: Path) -> bool:
    done = folder / "done"
    return done.exists() and done.read_text(encoding="utf-8") == " ".join(PACKAGES)


def _download(folder: Path) -> None:
    for program in ("apt-get", "dpkg"):
        if shutil.which(program) is None:
            raise Missing(f"packages: expected {program}, as on Debian and Ubuntu, actual none. Run it there.")
    shutil.rmtree(folder, ignore_errors=True)
    archives = folder / "archives"
    for name in ("archives/partial", "lists/partial", "root", "state"):
        (folder / name).mkdir(parents=True)
    shutil.copy(_DPKG_STATUS, folder / "state" / "status")
    options = {
        "Dir::State": folder / "state",
        "Dir::State::Lists": folder / "lists",
        "Dir::State::status": folder / "state" / "status",
        "Dir::Cache": folder,
        "Dir::Cache::archives": archives,
        "Dir::Log": folder / "state",
        "APT::Sandbox::User": "",
    }
    apt = ["apt-get", "-qq", *(part for name, value in options.items() for part in ("-o", f"{name}={value}"))]
    _run([*apt, "update"], folder)
    _run([*apt, "download", *PACKAGES], archives)
    for package in sorted(archives.glob("*.deb")):
        _run(["dpkg", "-x", str(package), str(folder / "root")], folder)
    (folder / "done").write_text(" ".join(PACKAGES), encoding="utf-8")


def _run(command: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise Missing(f"packages: expected '{command[0]}' to end within {_SECONDS} s, actual not.") from None
    if done.returncode:
        words = (done.stderr or done.stdout).strip().splitlines() or ["no more is known"]
        raise Missing(
            f"packages: expected '{command[0]} {command[-1]}' to succeed, actual {words[-1]}."
            " Check the package sources."
        )
