# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A hub and two spokes: their configuration before a run, and the planned one."""

from __future__ import annotations

import typing as t
from pathlib import Path

from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import placeholder
from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import KeyCodec9, Target
from ansible_collections.hubspoke.srx.plugins.module_utils._model.checks import BASIC_CHECKS
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import Job, Settings
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet import Fleet, read_fleet

from tests.lab.inventory import Inventory, LabHost
from tests.matrix.hosts import FAR, HOSTS, NEAR
from tests.performance import fleet

USER = "hubspoke"
# The keys that no file and no message may contain.
KEYS_BEFORE = {NEAR: "Brindle-Quay-41", FAR: "Tallow-Marsh-77"}
KEYS_AFTER = {NEAR: "Sorrel-Lantern-08", FAR: "Tallow-Marsh-77"}
SECRETS = frozenset(KEYS_BEFORE.values()) | frozenset(KEYS_AFTER.values())


class Network:
    """The hosts at their ports. ``before`` and ``after`` are two plans that differ on every device."""

    def __init__(self, ports: t.Sequence[int], ssh_config: Path, transport: str) -> None:
        self.ports = tuple(ports)
        self.ssh_config = ssh_config
        self.transport = transport
        self._targets = {
            host: Target(host, "127.0.0.1", port, USER, ssh_config=str(ssh_config), transport=transport)
            for host, port in zip(HOSTS, ports, strict=True)
        }
        inventory = fleet.inventory(2, ports, ssh_config)["nhtb"]
        groups = {name: inventory["children"][name]["hosts"] for name in ("nhtb_hubs", "nhtb_spokes")}
        sites = {host: variables for hosts in groups.values() for host, variables in hosts.items()}
        self.before = _fleet(groups, sites, KEYS_BEFORE, "group20")
        self.after = _fleet(groups, sites, KEYS_AFTER, "group19")

    def inventory(self) -> Inventory:
        """Return the inventory of the lab."""
        devices = (LabHost(host, "junos", "127.0.0.1", one.port, USER, None) for host, one in self._targets.items())
        return Inventory(tuple(devices), {})

    def jobs(self, wanted: Fleet, *, wrong_key: bool = False) -> list[Job]:
        """Return a job per device. With ``wrong_key`` the far spoke has another key than the hub has for it."""
        texts = dict(wanted.texts)
        if wrong_key:
            texts[FAR] = texts[FAR].replace(placeholder(FAR), placeholder(NEAR))
        return [Job(device, texts[device.host]) for device in wanted.devices]

    def target(self, host: str) -> Target:
        """Return the connection of a host."""
        return self._targets[host]

    def settings(self, wanted: Fleet, run: str, **details: t.Any) -> Settings:
        """Return the settings of a run, with times in seconds of the devices."""
        usual: dict[str, t.Any] = {"verify_interval": 1.0, "verify_settle": 0.0, "lock_wait": 6.0}
        details = usual | {"checks": (*BASIC_CHECKS, "leak")} | details
        return Settings(run=run, keys=wanted.keys, codec=KeyCodec9(), **details)


def _fleet(groups: t.Any, sites: t.Any, keys: t.Mapping[str, str], dh_group: str) -> Fleet:
    hostvars = {
        host: {**variables, "nhtb_dh_group": dh_group} | ({"nhtb_pre_shared_key": keys[host]} if host in keys else {})
        for host, variables in sites.items()
    }
    return read_fleet({"groups": {name: list(hosts) for name, hosts in groups.items()}, "hostvars": hostvars})
