# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""What the fleet's action leaves for the tasks after it: a file per host and one for all, in Ansible's own folder.

A registered result would carry the whole fleet into every host's variables.
"""

from __future__ import annotations

import json
import re
import typing as t
from pathlib import Path

from ansible import constants as C
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError

_FLEET = "fleet.json"
_RUN = re.compile(r"[0-9A-Za-z-]{1,40}")


def leave(run: str, hosts: t.Mapping[str, t.Any], fleet: t.Any) -> None:
    """Write each host's result and the fleet's."""
    folder = _folder(run)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for host, result in hosts.items():
        (folder / _name(host)).write_text(json.dumps(result), encoding="utf-8")
    (folder / _FLEET).write_text(json.dumps(fleet), encoding="utf-8")


def take_host(run: str, host: str) -> dict[str, t.Any]:
    """The result of one host. Raises HubspokeError where the run has none for it."""
    return _read(run, _name(host), host)


def take_fleet(run: str) -> dict[str, t.Any]:
    return _read(run, _FLEET, "controller")


def _read(run: str, name: str, host: str) -> dict[str, t.Any]:
    try:
        content: dict[str, t.Any] = json.loads((_folder(run) / name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise HubspokeError(
            f"{host}: run {run}: expected a result left by hubspoke.srx.transaction or hubspoke.srx.nhtb_verify in this"
            " ansible-playbook run, actual none. Register the result of one of them and pass its run."
        ) from None
    return content


def _folder(run: str) -> Path:
    if not _RUN.fullmatch(run):
        raise HubspokeError(f"controller: run: expected the run of a registered result, actual {run!r}. Pass its run.")
    return Path(C.DEFAULT_LOCAL_TMP) / f"hubspoke-{run}"


def _name(host: str) -> str:
    return f"host-{host.encode().hex()}.json"
