# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The environment of the peers: .cache/bench, apart from that of the project."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
import typing as t
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT / ".cache" / "bench"
VENV = BENCH / "venv"
PYTHON = VENV / "bin" / "python"
COLLECTIONS = BENCH / "collections"
JUNIPER_DEVICE = COLLECTIONS / "ansible_collections" / "juniper" / "device"


class CannotInstall(Exception):
    """A peer that cannot be had here. The text is the reason."""


def install(packages: t.Sequence[str]) -> None:
    """Install packages of PyPI, once. Raise ``CannotInstall``."""
    done = BENCH / "installed" / "_".join(packages).replace("/", "-")
    if done.exists():
        return
    if not PYTHON.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(VENV)], check=True)
    pip = [sys.executable, "-m", "pip", "--python", str(VENV), "--quiet", "--disable-pip-version-check"]
    _run([*pip, "install", *packages])
    done.parent.mkdir(exist_ok=True)
    done.touch()


def take_juniper_device(path: Path | None) -> None:
    """Copy the collection ``juniper.device`` from a checkout of it, or install it from Galaxy. Raise ``CannotInstall``.

    No package of PyPI contains it.
    """
    if path is not None:
        found = next((one for one in (path, path / "ansible_collections/juniper/device") if _is_juniper(one)), None)
        if found is None:
            raise CannotInstall(f"{path}: expected the collection juniper.device, actual no galaxy.yml of it")
        shutil.rmtree(JUNIPER_DEVICE, ignore_errors=True)
        shutil.copytree(found, JUNIPER_DEVICE)
    if not JUNIPER_DEVICE.exists():
        galaxy = str(VENV / "bin" / "ansible-galaxy")
        _run([galaxy, "collection", "install", "--timeout", "10", "-p", str(COLLECTIONS), "juniper.device"])


def versions(names: t.Iterable[str]) -> dict[str, str]:
    """Return the installed versions of packages in the environment of the peers."""
    folders = [str(path) for path in VENV.glob("lib/python*/site-packages")]
    found = {
        dist.name.lower().replace("_", "-"): dist.version for dist in importlib.metadata.distributions(path=folders)
    }
    return {name: found[name] for name in names if name in found}


def collection_version(name: str) -> str | None:
    """Return the version of a collection that the peers use, or None if it is not there."""
    for folder in (COLLECTIONS / "ansible_collections", *VENV.glob("lib/python*/site-packages/ansible_collections")):
        for file in ("galaxy.yml", "MANIFEST.json"):
            path = folder / name.replace(".", "/") / file
            if path.exists():
                words = path.read_text(encoding="utf-8").replace('"', "").replace(",", "").split()
                return words[words.index("version:") + 1]
    return None


def _is_juniper(path: Path) -> bool:
    manifest = path / "galaxy.yml"
    return manifest.exists() and "namespace: juniper\n" in manifest.read_text(encoding="utf-8")


def _run(command: t.Sequence[str]) -> None:
    # pip has the user's home, with its settings and its cache; Ansible writes to no home.
    env = os.environ | {"ANSIBLE_HOME": str(BENCH / "ansible")}
    done = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        said = [line for line in f"{done.stdout}{done.stderr}".splitlines() if line.startswith(("ERROR", "[ERROR]"))]
        raise CannotInstall(" ".join(said or ["it ended without a message"])[:300])
