# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Files of a run for people, in the artifacts folder: rendered configurations, which name keys and have none."""

from __future__ import annotations

import typing as t
from pathlib import Path

from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import spell
from ansible_collections.hubspoke.srx.plugins.module_utils._config.set_commands import to_set
from ansible_collections.hubspoke.srx.plugins.plugin_utils._files import ARTIFACTS, Folder, file_name
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet import Fleet

_KINDS = ("conf", "set", "screenos", "diff")


def rendered_files(fleet: Fleet, *, with_keys: bool = False, hosts: t.Collection[str] | None = None) -> dict[str, str]:
    """Return the files by name: ``<host>.conf`` and ``<host>.set`` for Junos, ``<host>.screenos`` for ScreenOS.

    They are those of ``hosts``, by default of all.
    """
    files: dict[str, str] = {}
    for device in [one for one in fleet.devices if hosts is None or one.host in hosts]:
        text = fleet.texts[device.host]
        if with_keys:
            text = spell(text, fleet.keys, device.site.platform)
        if device.site.platform == "screenos":
            files[host_file(device.host, "screenos")] = text
        else:
            files[host_file(device.host, "conf")] = text
            files[host_file(device.host, "set")] = to_set(text)
    return files


def host_file(host: str, kind: str) -> str:
    """Return the name of a file of one host."""
    return f"{file_name(host)}.{kind}"


def remove_files(folder: str, hosts: t.Iterable[str]) -> None:
    """Remove the files of hosts that are no longer in the VPN. Raise HubspokeError."""
    with Folder(Path(folder).expanduser(), ARTIFACTS) as artifacts:
        for host in hosts:
            for kind in _KINDS:
                artifacts.remove(host_file(host, kind))
