# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Files for people in the artifacts folder: rendered configurations and the report. They name keys only."""

from __future__ import annotations

import os
import tempfile
import typing as t
from pathlib import Path

from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import spell
from ansible_collections.hubspoke.srx.plugins.module_utils._config.set_commands import to_set
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet import Fleet

_KINDS = ("conf", "set", "screenos", "diff")


def rendered_files(fleet: Fleet, *, with_keys: bool = False) -> dict[str, str]:
    """File name to content: C(<host>.conf) and C(<host>.set) for Junos, C(<host>.screenos) for ScreenOS."""
    files: dict[str, str] = {}
    for device in fleet.devices:
        text = fleet.texts[device.host]
        if with_keys:
            text = spell(text, fleet.keys, device.site.platform)
        if device.site.platform == "screenos":
            files[f"{device.host}.screenos"] = text
        else:
            files[f"{device.host}.conf"] = text
            files[f"{device.host}.set"] = to_set(text)
    return files


def check_folder(folder: str, names: t.Iterable[str]) -> None:
    """Make the folder, and try it. Raise HubspokeError where these files could not be written there."""
    base = Path(folder).expanduser()
    try:
        base.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=base) as file:
            file.write(b"\0")
        for name in names:
            path = base / name
            if path.exists() and not path.is_file():
                raise HubspokeError(
                    f"controller: {path}: expected a file or nothing, actual neither. Move it away, or choose another"
                    " folder with nhtb_artifacts_dir."
                )
    except OSError as error:
        raise _unwritable(folder, error) from None


def write_files(folder: str, files: t.Mapping[str, str]) -> list[str]:
    """Write what differs, readable by the owner alone; answers the names written. Raises HubspokeError."""
    base = Path(folder).expanduser()
    written: list[str] = []
    try:
        base.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            path = base / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_file() and path.read_text(encoding="utf-8") == content:
                continue
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
                # A file that was there keeps its mode, and may be about to hold keys.
                os.fchmod(file.fileno(), 0o600)
                file.write(content)
            written.append(name)
    except OSError as error:
        raise _unwritable(folder, error) from None
    return written


def private_folder(folder: str, *names: str) -> Path:
    """A folder below the artifacts folder that its owner alone may enter. Raises HubspokeError."""
    path = Path(folder).expanduser()
    try:
        path.mkdir(parents=True, exist_ok=True)
        for name in names:
            path /= name
            path.mkdir(mode=0o700, exist_ok=True)
            path.chmod(0o700)
    except OSError as error:
        raise _unwritable(folder, error) from None
    return path


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file, readable by the owner alone. Raises HubspokeError."""
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(content)
    except OSError as error:
        raise _unwritable(str(path.parent), error) from None


def _unwritable(folder: str, error: OSError) -> HubspokeError:
    return HubspokeError(
        f"controller: nhtb_artifacts_dir {folder}: expected a folder to write to, actual {error.strerror or error}."
        " Choose another folder."
    )


def remove_files(folder: str, hosts: t.Iterable[str]) -> None:
    """Take away what was written for hosts that have left the VPN. Raises HubspokeError."""
    for path in (Path(folder).expanduser() / f"{host}.{kind}" for host in hosts for kind in _KINDS):
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise HubspokeError(
                f"controller: {path}: expected to be removed, actual {error.strerror or error}. Remove it by hand."
            ) from None
